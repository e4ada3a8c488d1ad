// @ts-check
// Runs the compiled tests, each file in a process of its own, three at a time: many wait for time to pass.
// `node scripts/test.mjs protocol/utf8 node/` runs only the files whose path contains one of these.
// The tests in software/ need what scripts/software.mjs installs, those of other runtimes what scripts/runtimes.mjs does:
// that is done first when they are among them.
// The exit code is 1 when a test failed, when a file crashed or ran no test, when no file matched,
// and (CI=true) when a test was skipped or is a todo: nothing that did not run counts as passed.

import { spawnSync } from "node:child_process";
import { setMaxListeners } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import { run } from "node:test";
import { spec } from "node:test/reporters";

/** Node 20 and 22 stop a file after this time, newer ones a test; the watchdog stops the rest. */
const TIMEOUT_MS = 180_000;
const root = join(import.meta.dirname, "..");

/** The folders that may hold compiled tests: <workspace>/<name>/dist-test, and those of bench and docs. */
function testFolders() {
  return ["packages", "examples"]
    .map((workspace) => join(root, workspace))
    .flatMap((workspace) =>
      readdirSync(workspace).map((name) => join(workspace, name, "dist-test")),
    )
    .concat(join(root, "bench/dist-test"), join(root, "docs/dist-test"))
    .filter((folder) => existsSync(folder));
}

/** The tests on real software, which run as they are written. */
function softwareTests() {
  const folder = join(root, "software");
  const files = readdirSync(folder).filter((file) => file.endsWith(".test.mjs"));
  return files.map((file) => join(folder, file));
}

/** @param {string[]} filters */
function findTests(filters) {
  return testFolders()
    .flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: "utf8" }).map((file) => join(folder, file)),
    )
    .filter((file) => file.endsWith(".test.js"))
    .concat(softwareTests())
    .filter(
      (file) => filters.length === 0 || filters.some((part) => relative(root, file).includes(part)),
    )
    .toSorted();
}

const inCI = process.env["CI"] === "true";
/** @type {string[]} */
const faults = [];
const filters = process.argv.slice(2);
const files = findTests(filters);
if (files.length === 0) {
  console.error(`no compiled test matches ${filters.join(", ") || "(no filter)"}; built?`);
  process.exit(1);
}

/** @param {string} name of a script that installs what tests need; ends this run when it can't */
function install(name) {
  const script = join(import.meta.dirname, name);
  const { status } = spawnSync(process.execPath, [script], { stdio: "inherit" });
  if (status !== 0) process.exit(1);
}

if (files.some((file) => softwareTests().includes(file))) install("software.mjs");
if (files.some((file) => file.endsWith("runtimes.test.js"))) install("runtimes.mjs");

process.exitCode = 1; // Until the end has been reached, and all is well.
const watchdog = new AbortController();
setMaxListeners(0, watchdog.signal);
const timer = setTimeout(() => {
  faults.push("nothing happened for too long: a file does not end");
  watchdog.abort();
}, TIMEOUT_MS + 15_000);

run({ files, concurrency: 3, timeout: TIMEOUT_MS, signal: watchdog.signal })
  .on("data", () => timer.refresh())
  .on("test:fail", ({ name, todo }) => {
    if (todo === undefined || inCI) faults.push(`failed: ${name}`);
  })
  .on("test:pass", ({ name, skip, todo, nesting }) => {
    if (inCI && (skip ?? todo) !== undefined) faults.push(`skipped or todo: ${name}`);
    if (nesting === 0 && files.includes(name)) faults.push(`no test in ${relative(root, name)}`);
  })
  .on("end", () => {
    clearTimeout(timer);
    for (const fault of faults) console.error(fault);
    process.exitCode = faults.length > 0 ? 1 : 0;
  })
  .compose(new spec())
  .pipe(process.stdout);
