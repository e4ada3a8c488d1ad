// @ts-check
// Plants the faults of scripts/mutants-table.mjs into copies of the built library, one at a time, and runs the tests that
// have to find it: `npm run mutants`, or `npm run mutants -- masking` for those whose module or fault has the word. First
// the same tests run without a fault. The exit code is 1 when a fault was not found, when its place is not there
// (any more), or when a test fails by itself. Needs a finished build.

import { spawn } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mutants } from "./mutants-table.mjs";

/** @typedef {import("./mutants-table.mjs").Mutant} Mutant */

const root = join(import.meta.dirname, "..");
const library = join(root, "packages/hawser");
/** Within the root, so that packages are found. */
const folder = join(root, "node_modules/.cache/hawser-mutants");
const lanes = 2;
/** A fault may well be that nothing ends. */
const plantedMs = 60_000;
const withoutMs = 300_000;

/** @param {string} word */
const has =
  (word) =>
  (/** @type {Mutant} */ { fault, module }) =>
    `${module} ${fault}`.includes(word);
const words = process.argv.slice(2);
const chosen =
  words.length === 0 ? mutants : mutants.filter((one) => words.some((word) => has(word)(one)));
if (chosen.length === 0) {
  console.error(`no fault has ${words.join(" or ")}`);
  process.exit(1);
}

/**
 * A copy of the built library for each lane: a fault in one is not in the other.
 * @param {number} lane
 */
function copyFor(lane) {
  const copy = join(folder, String(lane));
  for (const part of ["dist", "dist-test", "package.json"]) {
    cpSync(join(library, part), join(copy, part), { recursive: true });
  }
  return copy;
}

/**
 * Whether the tests pass there.
 * @param {string} copy
 * @param {readonly string[]} tests
 * @param {number} timeoutMs
 * @returns {Promise<boolean>}
 */
function pass(copy, tests, timeoutMs) {
  const files = tests.map((test) => join(copy, "dist-test", `${test}.test.js`));
  const missing = files.filter((file) => !existsSync(file));
  if (missing.length > 0) throw new Error(`no such test: ${missing.join(", ")}`);
  const child = spawn(process.execPath, ["--test", ...files], { stdio: "ignore", detached: true });
  return new Promise((resolve) => {
    const end = () => process.kill(-(child.pid ?? 0), "SIGKILL");
    const timer = setTimeout(end, timeoutMs);
    child.once("exit", (code) => {
      clearTimeout(timer);
      resolve(code === 0);
    });
  });
}

/**
 * @param {string} copy
 * @param {Mutant} mutant
 * @returns {Promise<string | undefined>} what is wrong
 */
async function plant(copy, { module, from, to, tests }) {
  const file = join(copy, "dist", `${module}.js`);
  const source = readFileSync(file, "utf8");
  if (source.split(from).length !== 2)
    return `stands ${source.split(from).length - 1} times: ${from}`;
  writeFileSync(
    file,
    source.replace(from, () => to),
  );
  try {
    return (await pass(copy, tests, plantedMs)) ? `not found by ${tests.join(", ")}` : undefined;
  } finally {
    writeFileSync(file, source);
  }
}

rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const copies = Array.from({ length: lanes }, (_, lane) => copyFor(lane));

const all = [...new Set(chosen.flatMap(({ tests }) => tests))];
if (!(await pass(/** @type {string} */ (copies[0]), all, withoutMs))) {
  console.error(`a test fails without any fault: ${all.join(", ")}`);
  process.exit(1);
}

const waiting = [...chosen];
let missed = 0;
await Promise.all(
  copies.map(async (copy) => {
    for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
      const wrong = await plant(copy, mutant);
      if (wrong !== undefined) missed++;
      console.log(`${wrong === undefined ? "found " : "MISSED"} ${mutant.module}: ${mutant.fault}`);
      if (wrong !== undefined) console.log(`       ${wrong}`);
    }
  }),
);
rmSync(folder, { recursive: true });
console.log(`\n${chosen.length - missed} of ${chosen.length} faults found`);
process.exitCode = missed === 0 ? 0 : 1;
