// The contract in every runtime that docs/how-to/runtimes.md names. What its table says fails has to fail, and
// nothing else may: an entry that is out of date is an error, like a check that nobody expected to fail.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import type { Outcome } from "./check.ts";
import { checks } from "./checks.ts";
import { protocolChecks } from "./protocol-checks.ts";
import * as protocol from "../../dist/protocol/index.js";

const root = join(import.meta.dirname, "../../../..");
const installed = join(root, "runtimes/node_modules");
const program = join(import.meta.dirname, "checks-program.js");
const isArm = process.arch === "arm64";

interface Runtime {
  readonly name: string;
  readonly path: string;
  readonly args: readonly string[];
}

const runtimes: readonly Runtime[] = [
  ...[22, 24, 26].map((version) => ({
    name: `Node ${version}`,
    path: `node${version}-${process.arch}/bin/node`,
    args: [],
  })),
  { name: "Bun", path: `@oven/bun-linux-${isArm ? "aarch64" : "x64"}/bin/bun`, args: [] },
  {
    name: "Deno",
    path: `@deno/linux-${isArm ? "arm64" : "x64"}-glibc/deno`,
    args: ["run", "--allow-all", "--no-prompt"],
  },
];

/** How long a runtime may take for all checks. */
const patienceMs = 90_000;

/** What the page says fails in a runtime. */
function expectedFailures(runtime: string): string[] {
  const page = readFileSync(join(root, "docs/how-to/runtimes.md"), "utf8");
  const table = page.split("\n## ").find((section) => section.startsWith("What fails")) ?? "";
  return table
    .split("\n")
    .map((line) => line.split("|").map((cell) => cell.trim()))
    .filter(([, name, check]) => name === runtime && check !== undefined)
    .map(([, , check = ""]) => check);
}

async function outcomesIn({ path, args }: Runtime): Promise<Map<string, string | undefined>> {
  const binary = join(installed, path);
  assert.ok(existsSync(binary), `${binary} is missing: node scripts/runtimes.mjs`);
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_)/.test(name)),
  );
  const child = spawn(binary, [...args, program], { env, timeout: patienceMs, cwd: root });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const [code] = (await once(child, "close")) as [number | null];
  assert.equal(code, 0, `${stdout}\n${stderr}`);
  const outcomes = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Outcome);
  return new Map(outcomes.map(({ name, error }) => [name, error]));
}

describe("the contract", () => {
  const all = [...protocolChecks(protocol), ...checks].map(({ name }) => name);

  it("has no two checks of one name", () => assert.equal(new Set(all).size, all.length));

  for (const runtime of runtimes) {
    it(`in ${runtime.name}`, { timeout: patienceMs }, async () => {
      const outcomes = await outcomesIn(runtime);
      assert.deepEqual([...outcomes.keys()], all);
      const failed = [...outcomes].filter(([, error]) => error !== undefined);
      assert.deepEqual(
        failed.map(([name]) => name),
        expectedFailures(runtime.name),
        failed.map(([name, error]) => `${name}: ${String(error)}`).join("\n"),
      );
    });
  }
});
