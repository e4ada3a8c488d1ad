// The command line itself: what it tells, and the exit codes of a wrong one.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { run } from "../dist/index.js";
import { MemoryIo } from "./memory-io.js";

describe("hawser", () => {
  it("--version prints the version of the package", async () => {
    const io = new MemoryIo();
    const manifest = readFileSync(new URL("../package.json", import.meta.url), "utf8");
    assert.equal(await run(["--version"], io), 0);
    assert.equal(io.stdout.text, `${(JSON.parse(manifest) as { version: string }).version}\n`);
  });

  it("--help lists the commands", async () => {
    const io = new MemoryIo();
    assert.equal(await run(["--help"], io), 0);
    assert.match(io.stdout.text, /serve \[options\]/);
    assert.match(io.stdout.text, /connect \[options\] \[url\]/);
  });

  const wrong: [title: string, argv: string[], message: RegExp][] = [
    ["no command", [], /Usage: hawser/],
    ["an unknown command", ["swim"], /unknown command 'swim'/],
    ["an unknown option", ["serve", "--deep"], /unknown option '--deep'/],
    ["a port that is no number", ["serve", "--port", "http"], /whole number from 0 to 65535/],
    ["a port that is too large", ["serve", "--port", "65536"], /whole number from 0 to 65535/],
    ["a header without a colon", ["connect", "ws://x", "--header", "a"], /like 'Name: value'/],
    ["connect without a URL", ["connect"], /either a URL, or --listen/],
    ["a URL that is not a WebSocket's", ["connect", "ftp://x"], /begins with ws: or wss:/],
  ];
  for (const [title, argv, message] of wrong) {
    it(`explains ${title} and gives exit code 1`, async () => {
      const io = new MemoryIo();
      assert.equal(await run(argv, io), 1);
      assert.match(io.stderr.text, message);
      assert.equal(io.stdout.text, "");
    });
  }
});
