// What npm would publish is what is judged here: the packages are packed, installed into an empty
// project without a network, and used there the way a user does. The workspace links of this
// repository forgive a missing file or an undeclared dependency; a tarball does not.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";

const root = join(import.meta.dirname, "../../../..");
const folders = {
  hawser: join(root, "packages/hawser"),
  "@hawser/cli": join(root, "packages/cli"),
  "@hawser/ws": join(root, "packages/ws"),
};

type Packed = { name: string; version: string; filename: string; files: { path: string }[] };
type Manifest = Record<string, Record<string, string> | undefined>;

let work = "";
let packed: Packed[] = [];

before(() => {
  work = mkdtempSync(join(tmpdir(), "hawser-package-"));
  const commander = dirname(
    createRequire(join(folders["@hawser/cli"], "package.json")).resolve("commander"),
  );
  const sources = [...Object.values(folders), commander];
  packed = JSON.parse(
    execute("npm", ["pack", ...sources, "--pack-destination", work, "--ignore-scripts", "--json"]),
  ) as Packed[];
});
after(() => rmSync(work, { recursive: true }));

/** What npm put into the tarball of a package. */
function filesOf(name: string): string[] {
  return packed.find((one) => one.name === name)?.files.map(({ path }) => path) ?? [];
}

for (const name of ["hawser", "@hawser/cli"]) {
  describe(`the tarball of ${name}`, () => {
    it("holds the manifest, README, LICENSE, sources and their output, and nothing else", () => {
      const files = filesOf(name);
      const sources = files.filter((file) => file.startsWith("src/"));
      // What a module was assembled from has no output of its own.
      const compiled = sources.filter((file) => !file.endsWith(".wat"));
      const expected = compiled.flatMap((file) => {
        const module = file.replace(/^src/, "dist").replace(/\.c?ts$/, "");
        const [js, ts] = file.endsWith(".cts") ? ["cjs", "cts"] : ["js", "ts"];
        // What becomes a part of a page has no map.
        const maps = module.includes("/page/") ? [] : [`${js}.map`];
        return [js, ...maps, `d.${ts}`, `d.${ts}.map`].map((suffix) => `${module}.${suffix}`);
      });
      expected.push(...sources, "package.json", "README.md", "LICENSE");

      assert.ok(sources.includes("src/index.ts"));
      assert.deepEqual(
        compiled.filter((file) => !/\.c?ts$/.test(file)),
        [],
      );
      assert.deepEqual(files.toSorted(), expected.toSorted());
    });
  });
}

describe("the tarball of @hawser/ws", () => {
  it("holds an entry with types for each way to ask for ws, and nothing else", () => {
    const expected = ["index.js", "index.d.ts", "index.cjs", "index.d.cts"];
    expected.push("browser.cjs", "browser.d.cts", "package.json", "README.md", "LICENSE");
    assert.deepEqual(filesOf("@hawser/ws").toSorted(), expected.toSorted());
  });

  it("is in step with hawser", () => {
    const version = (name: string): string | undefined =>
      packed.find((one) => one.name === name)?.version;
    const path = join(folders["@hawser/ws"], "package.json");
    const manifest = JSON.parse(readFileSync(path, "utf8")) as Manifest;
    assert.equal(version("@hawser/ws"), version("hawser"));
    assert.deepEqual(manifest["dependencies"], { hawser: `^${version("hawser")}` });
  });
});

for (const [name, folder] of Object.entries(folders)) {
  describe(`the licence of ${name}`, () => {
    it("is that of the repository", () => {
      const licence = (of: string): string => readFileSync(join(of, "LICENSE"), "utf8");
      assert.equal(licence(folder), licence(root));
    });
  });
}

describe("the manifest of hawser", () => {
  it("declares no dependency but the clients of engines, as optional peers", () => {
    const path = join(folders.hawser, "package.json");
    const manifest = JSON.parse(readFileSync(path, "utf8")) as Manifest;
    for (const kind of ["dependencies", "optionalDependencies"]) {
      assert.equal(manifest[kind], undefined, kind);
    }
    const optional = { optional: true };
    const peers = Object.keys(manifest["peerDependencies"] ?? {});
    assert.deepEqual(peers, ["@nats-io/transport-node", "ioredis", "redis"]);
    assert.deepEqual(
      manifest["peerDependenciesMeta"],
      Object.fromEntries(peers.map((name) => [name, optional])),
    );
  });
});

describe("an empty project that installs them", () => {
  let project = "";

  before(() => {
    project = join(work, "project");
    mkdirSync(project);
    const dependencies = Object.fromEntries(
      packed.map(({ name, filename }) => [name, `file:${join(work, filename)}`]),
    );
    writeFileSync(join(project, "package.json"), JSON.stringify({ private: true, dependencies }));
    execute("npm", ["install", "--offline", "--no-audit", "--no-fund"], project);
  });

  for (const name of ["hawser", "hawser/protocol", "hawser/redis", "hawser/nats", "@hawser/cli"]) {
    it(`imports and requires the same "${name}"`, () => {
      const exported = `Object.keys(require("${name}")).length > 0`;
      const same = `import("${name}").then((it) => it === require("${name}") && ${exported})`;
      const program = `${same}.then((ok) => process.stdout.write(String(ok)))`;
      assert.equal(execute(process.execPath, ["--no-warnings", "-e", program], project), "true");
    });
  }

  for (const name of ["hawser/ws", "@hawser/ws"]) {
    it(`requires the class itself from "${name}", the one that an import has as its default`, () => {
      const same = `import("${name}").then((it) => it.default === require("hawser/ws")`;
      const program = `${same} && require("${name}") === it.WebSocket && it.default.Server.name)`;
      const output = `${program}.then((ok) => process.stdout.write(String(ok)))`;
      const args = ["--no-warnings", "-e", output];
      assert.equal(execute(process.execPath, args, project), "WebSocketServer");
    });
  }

  it("finds no way around the exports", () => {
    const program = `import("hawser/dist/index.js").catch((e) => process.stdout.write(e.code))`;
    const output = execute(process.execPath, ["-e", program], project);
    assert.equal(output, "ERR_PACKAGE_PATH_NOT_EXPORTED");
  });

  it("runs npx hawser --version", () => {
    const version = packed.find(({ name }) => name === "@hawser/cli")?.version;
    assert.equal(execute("npx", ["--offline", "hawser", "--version"], project).trim(), version);
  });

  it("type-checks strictly against the declarations", () => {
    typeCheck(
      project,
      ["node"],
      [
        'import { run } from "@hawser/cli";',
        'import { connect, serve } from "hawser";',
        'import "hawser/protocol";',
        "export const code: Promise<number> = run([]);",
        "export const server = await serve({ port: 0, message: (ws, message) => void ws.send(message) });",
        'export const ws = await connect(server.url, { protocols: ["chat"] });',
        "for await (const message of ws) if (typeof message !== 'string') message.byteLength;",
        "// @ts-expect-error: a port is a number",
        'void serve({ port: "8080" });',
      ],
    );
  });

  for (const name of ["hawser/ws", "@hawser/ws"]) {
    it(`type-checks ${name}, imported and required`, () => {
      typeCheck(
        project,
        ["node"],
        [
          `import WebSocket, { type RawData, WebSocketServer } from "${name}";`,
          "export const server: WebSocketServer = new WebSocketServer({ noServer: true });",
          'export const ws: WebSocket = new WebSocket("ws://localhost", { origin: "a" });',
          'ws.on("message", (data: RawData, isBinary: boolean) => ws.send(data, { binary: isBinary }));',
        ],
      );
      typeCheck(
        project,
        ["node"],
        [
          `import WebSocket = require("${name}");`,
          "export const ws: WebSocket = new WebSocket(null);",
          "export const data: WebSocket.RawData[] = [];",
        ],
        "program.cts",
      );
    });
  }

  it("type-checks hawser/redis and hawser/nats, whose clients are not there", () => {
    typeCheck(
      project,
      ["node"],
      [
        'import { type Broker, serve } from "hawser";',
        'import { type NatsConnection, natsBroker } from "hawser/nats";',
        'import { type IoredisClient, redisBroker } from "hawser/redis";',
        "declare const redis: IoredisClient, nats: NatsConnection;",
        "export const brokers: Broker[] = [redisBroker(redis, { sharded: true }), natsBroker(nats)];",
        "for (const broker of brokers) await serve({ broker });",
        "// @ts-expect-error: a connection of NATS is no client of Redis",
        "redisBroker(nats);",
      ],
    );
  });

  it("type-checks hawser/protocol without the types of Node or the DOM", () => {
    typeCheck(project, [], ['export * from "hawser/protocol";']);
  });
});

/** Compiles a program in the project with full checks, of the declarations it reads too. */
function typeCheck(project: string, types: string[], lines: string[], file = "program.mts"): void {
  const compilerOptions = {
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: false,
    noEmit: true,
    target: "es2023",
    lib: ["es2023"],
    module: "nodenext",
    types,
    typeRoots: [join(root, "node_modules/@types")],
  };
  writeFileSync(join(project, file), lines.join("\n"));
  writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, files: [file] }));
  execute(process.execPath, [join(root, "node_modules/typescript/bin/tsc")], project);
}

/** Runs a program to its end and returns what it wrote, without what npm or c8 told this process. */
function execute(program: string, args: string[], cwd: string = root): string {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^npm_|^NODE_(?!EXTRA)/i.test(name)),
  );
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, env, encoding: "utf8" });
  assert.equal(status, 0, `${program} ${args.join(" ")}\n${stdout}${stderr}`);
  return stdout;
}
