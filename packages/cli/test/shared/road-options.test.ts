// What the options about the way to a server make of `connect`'s options.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { Command } from "commander";
import type { ConnectOptions } from "hawser";
import {
  addRoadOptions,
  connectOptionsOf,
  type RoadValues,
} from "../../dist/shared/road-options.js";

const folder = mkdtempSync(join(tmpdir(), "hawser-road-"));
after(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function optionsOf(...argv: string[]): ConnectOptions {
  const command = addRoadOptions(new Command())
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  command.parse(argv, { from: "user" });
  return connectOptionsOf(command.opts<RoadValues>());
}

const nothing: ConnectOptions = { headers: [], protocols: [], compression: false };

describe("road options", () => {
  const ca = file("ca.pem", "the ca");
  const token = file("token", "Bearer abc:def\n");
  const rows: [title: string, argv: string[], expected: ConnectOptions][] = [
    ["nothing", [], nothing],
    [
      "header fields and the origin",
      ["-H", "A: 1", "--header", "B: x: y", "--origin", "https://a.example"],
      {
        ...nothing,
        headers: [
          ["A", "1"],
          ["B", "x: y"],
          ["Origin", "https://a.example"],
        ],
      },
    ],
    [
      "a user and a password, blanks and all",
      ["--auth", "ada:two words"],
      { ...nothing, headers: [["Authorization", "Basic YWRhOnR3byB3b3Jkcw=="]] },
    ],
    [
      "a token from a file",
      ["--auth", `@${token}`],
      { ...nothing, headers: [["Authorization", "Bearer abc:def"]] },
    ],
    ["subprotocols", ["-s", "a", "--subprotocol", "b"], { ...nothing, protocols: ["a", "b"] }],
    ["compression", ["--compression"], { ...nothing, compression: true }],
    [
      "compression with context takeover",
      ["--context-takeover"],
      { ...nothing, compression: { mode: "dedicated" } },
    ],
    [
      "HTTP/2, a proxy, redirects and patience",
      ["--http2", "--proxy", "environment", "--redirects", "2", "--connect-timeout", "1.5"],
      { ...nothing, http: 2, proxy: "environment", maxRedirects: 2, handshakeTimeoutMs: 1500 },
    ],
    [
      "TLS",
      ["--ca", ca, "--cert", ca, "--key", ca, "--insecure"],
      {
        ...nothing,
        tls: { ca: "the ca", cert: "the ca", key: "the ca", rejectUnauthorized: false },
      },
    ],
    ["a unix socket", ["--unix", "socket"], { ...nothing, unix: "socket" }],
  ];
  for (const [title, argv, expected] of rows) {
    it(title, () => assert.deepEqual(optionsOf(...argv), expected));
  }

  const wrong: [title: string, argv: string[], message: RegExp][] = [
    ["a certificate without its key", ["--cert", ca], /--cert and --key go together/],
    ["a file that is not there", ["--ca", join(folder, "none")], /the file of --ca: ENOENT/],
    ["credentials that are none", ["--auth", "ada"], /user:password, or a scheme/],
    ["a number that is none", ["--redirects", "many"], /from 0 to 100/],
    ["seconds that are none", ["--connect-timeout", "1e3"], /such as 2 or 0\.5/],
  ];
  for (const [title, argv, message] of wrong) {
    it(`explains ${title}`, () => assert.throws(() => optionsOf(...argv), message));
  }
});
