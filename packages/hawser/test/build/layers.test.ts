// The layers are kept apart by the compiler, not by discipline: a copy of the sources compiles, and
// the same copy with one forbidden line in it does not, and leaves nothing behind that could ship.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";

const root = join(import.meta.dirname, "../../../..");
const tsc = join(root, "node_modules/typescript/bin/tsc");

const forbidden = [
  {
    title: "protocol does not import from node",
    layer: "protocol",
    line: `export * from "../node/index.ts";`,
    error: "TS6307",
  },
  {
    title: "protocol does not import a module of Node",
    layer: "protocol",
    line: `export { createServer } from "node:net";`,
    error: "TS2591",
  },
  {
    title: "protocol does not know Buffer",
    layer: "protocol",
    line: `export const planted: unknown = Buffer.alloc(1);`,
    error: "TS2591",
  },
  {
    title: "protocol does not know timers",
    layer: "protocol",
    line: `export const planted: unknown = setTimeout(() => {}, 1);`,
    error: "TS2304",
  },
  {
    title: "protocol does not know the clock of the platform",
    layer: "protocol",
    line: `export const planted: unknown = performance.now();`,
    error: "TS2304",
  },
  {
    title: "engines does not import from node",
    layer: "engines",
    line: `export * from "../node/index.ts";`,
    error: "TS6307",
  },
  {
    title: "protocol does not import from engines",
    layer: "protocol",
    line: `export * from "../engines/index.ts";`,
    error: "TS6307",
  },
  {
    title: "node does not import from the entry files above it",
    layer: "node",
    line: `export * from "../index.ts";`,
    error: "TS6307",
  },
  {
    title: "node does not import from the faces above it",
    layer: "node",
    line: `export * from "../web/index.ts";`,
    error: "TS6307",
  },
  {
    title: "web does not import from ws",
    layer: "web",
    line: `export * from "../ws/index.ts";`,
    error: "TS6307",
  },
  {
    title: "ws does not import from web",
    layer: "ws",
    line: `export * from "../web/index.ts";`,
    error: "TS6307",
  },
];

describe("layers of the sources", () => {
  let copy = "";
  const src = (): string => join(copy, "packages/hawser/src");
  const dist = (): string => join(copy, "packages/hawser/dist");

  before(() => {
    copy = mkdtempSync(join(tmpdir(), "hawser-layers-"));
    symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
    cpSync(join(root, "tsconfig.base.json"), join(copy, "tsconfig.base.json"));
    cpSync(join(root, "packages/hawser/package.json"), join(copy, "packages/hawser/package.json"));
  });
  beforeEach(() => {
    rmSync(src(), { recursive: true, force: true });
    rmSync(dist(), { recursive: true, force: true });
    cpSync(join(root, "packages/hawser/src"), src(), { recursive: true });
  });
  after(() => rmSync(copy, { recursive: true }));

  it("compile as they are", () => {
    const { status, output } = compile(src());
    assert.equal(status, 0, output);
    assert.ok(existsSync(join(dist(), "protocol/index.js")));
  });

  for (const { title, layer, line, error } of forbidden) {
    it(title, () => {
      writeFileSync(join(src(), layer, "planted.ts"), `${line}\n`);
      const { status, output } = compile(join(src(), layer));
      assert.notEqual(status, 0);
      assert.match(output, new RegExp(`src/${layer}/planted\\.ts.*error ${error}`));
      assert.deepEqual(scriptsIn(join(dist(), layer)), []);
    });
  }
});

function compile(project: string): { status: number | null; output: string } {
  const { status, stdout } = spawnSync(process.execPath, [tsc, "-b", project], {
    encoding: "utf8",
  });
  return { status, output: stdout };
}

function scriptsIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".js"),
  );
}
