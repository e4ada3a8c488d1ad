// The reference is complete: every export, option and error code of what ships is on its page, and the
// generated tables are those of the library.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { clientDefaults, connectionDefaults } from "../../packages/hawser/dist/node/options.js";

const root = join(import.meta.dirname, "../..");
const reference = join(root, "docs/reference");
const dist = join(root, "packages/hawser/dist");

const read = (path: string): string => readFileSync(path, "utf8");

/** The names that a declaration file exports, of values and of types, behind every `export *`. */
function exportsOf(file: string): string[] {
  const text = read(file);
  const lists = [...text.matchAll(/export (?:type )?\{([^}]*)\}/g)].flatMap(([, list]) =>
    (list as string).split(",").map((name) => name.replace(/^\s*(type )?(.* as )?/, "").trim()),
  );
  const others = [...text.matchAll(/export \* from "(.*)\.[jt]s"/g)].flatMap(([, path]) =>
    exportsOf(join(file, "..", `${path}.d.ts`)),
  );
  return [...lists, ...others].filter((name) => name !== "");
}

describe("every export is in the reference", () => {
  const pages = readdirSync(reference).filter((name) => name.endsWith(".md"));
  const ofHawser = pages.filter((name) => name !== "protocol.md");
  for (const [title, file, on] of [
    ["hawser", "index.d.ts", ofHawser],
    ["hawser/redis", "engines/redis/index.d.ts", ["brokers.md", "options.md"]],
    ["hawser/nats", "engines/nats/index.d.ts", ["brokers.md", "options.md"]],
    ["hawser/protocol", "protocol/index.d.ts", ["protocol.md"]],
  ] as const) {
    it(title, () => {
      const text = on.map((name) => read(join(reference, name))).join("\n");
      const names = exportsOf(join(dist, file));
      assert.ok(names.length > 5);
      const isThere = (name: string): boolean => new RegExp(`\\b${name}\\b`).test(text);
      assert.deepEqual(
        names.filter((name) => !isThere(name)),
        [],
      );
    });
  }

  it("and every member of Server and Connection", () => {
    for (const [page, file] of [
      ["server.md", "node/server.d.ts"],
      ["connection.md", "node/connection.d.ts"],
      ["server.md", "node/upgrade-request.d.ts"],
    ] as const) {
      const members = [...read(join(dist, file)).matchAll(/^ {4}(?:get |readonly )?(\w+)[(:]/gm)]
        .map(([, name]) => name as string)
        .filter((name) => name !== "constructor");
      const text = read(join(reference, page));
      assert.ok(members.length > 3);
      assert.deepEqual(
        members.filter((name) => !new RegExp(`\`(?:server\\.)?${name}\\b`).test(text)),
        [],
        page,
      );
    }
  });
});

describe("every option is in the reference, with its default", () => {
  const rows = new Map<string, string[]>();
  let section = "";
  for (const line of read(join(reference, "options.md")).split("\n")) {
    if (line.startsWith("`")) section = /^`(\w+)`/.exec(line)?.[1] ?? section;
    const [, name, fallback] = line.split("|").map((cell) => cell.trim());
    if (name?.startsWith("`") === true)
      rows.set(`${section}.${name.slice(1, -1)}`, [fallback ?? ""]);
  }
  const handlers = new Set(["message", "drain", "ping", "pong", "wire", "close", "error", "open"]);

  for (const [type, file] of [
    ["ConnectionOptions", "node/options.d.ts"],
    ["ServerOptions", "node/server-options.d.ts"],
    ["TrustedProxyOptions", "node/trusted-proxies.d.ts"],
    ["CloseOptions", "node/server-close.d.ts"],
    ["ListenOptions", "node/http-listener.d.ts"],
    ["Http2Options", "node/http2/options.d.ts"],
    ["ConnectOptions", "node/connect.d.ts"],
    ["RoadOptions", "node/dial/options.d.ts"],
    ["TcpOptions", "node/dial/tcp.d.ts"],
    ["SendOptions", "node/writer.d.ts"],
    ["CompressionOptions", "node/compression.d.ts"],
    ["BrokerOptions", "engines/options.d.ts"],
  ] as const) {
    it(type, () => {
      const members = membersOf(read(join(dist, file)), type);
      assert.ok(members.size > 1);
      for (const [name, comment] of members) {
        if (handlers.has(name)) continue;
        const fallback = rows.get(`${type}.${name}`)?.[0];
        assert.ok(fallback !== undefined, `${type}.${name} is missing`);
        const said =
          /Default:? ("\w+"|\d(?:,?\d)*(?: [KM]iB(?:; client \d+ MiB)?)?|true|false)/.exec(
            comment,
          )?.[1];
        if (said !== undefined) assert.equal(fallback.replaceAll("`", ""), said, name);
      }
      for (const row of rows.keys()) {
        const [of, name = ""] = row.split(".");
        if (of === type) assert.ok(members.has(name), `${row} is no option`);
      }
    });
  }

  it("the defaults are those that the library uses", () => {
    const units = { KiB: 1024, MiB: 1024 * 1024 };
    for (const [name, value] of Object.entries(connectionDefaults)) {
      const cell = (rows.get(`ConnectionOptions.${name}`)?.[0] ?? "").replaceAll("`", "");
      const sizes = cell.split("; client ").map((text) => {
        const [number = "", unit] = text.replaceAll(",", "").split(" ");
        return /^\d/.test(number) ? Number(number) * (units[unit as "KiB"] ?? 1) : text;
      });
      assert.equal(String(sizes[0]), JSON.stringify(value), name);
      const ofClient = clientDefaults[name as keyof typeof clientDefaults];
      assert.equal(String(sizes.at(-1)), JSON.stringify(ofClient), name);
    }
  });
});

/** The members of an interface, each with the comment above it. */
function membersOf(text: string, type: string): Map<string, string> {
  const start = text.indexOf("{\n", text.search(new RegExp(`export interface ${type}\\b`)));
  const body = text.slice(start, text.indexOf("\n}", start));
  return new Map(
    [...body.matchAll(/(?:\/\*\*([^]*?)\*\/\s+)?readonly (\w+)\?:/g)].map(([, comment, name]) => [
      name as string,
      (comment ?? "").replaceAll(/\s*\n\s*\*\s*/g, " "),
    ]),
  );
}

describe("every error code is in the reference", () => {
  it("of all that stand in the sources, and no other", () => {
    const src = join(root, "packages/hawser/src");
    const sources = readdirSync(src, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".ts"))
      .map((file) => read(join(src, file)))
      .join("\n");
    const codes = new Set(sources.match(/HAWSER_[A-Z0-9_]*[A-Z0-9]/g));
    const onPage = new Set(
      [...read(join(reference, "errors.md")).matchAll(/^\| `(HAWSER_\w+)`/gm)].map(
        ([, code]) => code,
      ),
    );
    assert.ok(codes.size > 50);
    assert.deepEqual(onPage, codes);
  });

  it("in tables that are generated from those of the library", () => {
    const script = join(root, "scripts/docs-reference.mjs");
    assert.match(
      execFileSync(process.execPath, [script, "--check"], { encoding: "utf8" }),
      /up to date/,
    );
  });
});

describe("everything that is defended has its test", () => {
  it("in the tables of the page, which are generated", () => {
    const script = join(root, "scripts/docs-security.mjs");
    assert.match(
      execFileSync(process.execPath, [script, "--check"], { encoding: "utf8" }),
      /up to date/,
    );
  });
});

describe("every channel is in the reference", () => {
  it("of all that the library has", () => {
    const channels = read(join(dist, "node/diagnostics.js")).match(/(?<=channel\(")hawser:\w+/g);
    const text = read(join(reference, "diagnostics.md"));
    assert.ok(channels !== null && channels.length > 0);
    for (const channel of channels) assert.ok(text.includes(`| \`${channel}\``), channel);
  });
});

describe("every default is explained", () => {
  const defaultsOf = (path: string): Map<string, string> =>
    new Map(
      [...read(join(root, path)).matchAll(/^\| `(\w+)` \| ([^|]*) \|/gm)].map(([, name, value]) => [
        name as string,
        value as string,
      ]),
    );

  it("with the value that the reference gives", () => {
    const explained = defaultsOf("docs/explanation/defaults.md");
    const options = defaultsOf("docs/reference/options.md");
    for (const [name, value] of explained) assert.equal(value, options.get(name), name);
    const bounds = [...options].filter(([, value]) => /^\d/.test(value)).map(([name]) => name);
    assert.deepEqual(
      bounds.filter((name) => !["backlog", "code"].includes(name) && !explained.has(name)),
      [],
    );
  });
});
