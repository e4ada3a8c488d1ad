// @ts-check
// Runs the tests of the library in every version of Node that it is for, besides the one that runs this:
// `node scripts/test-runtimes.mjs` all of them, `node scripts/test-runtimes.mjs 24 26` these. Words behind "--" choose
// tests as they do in scripts/test.mjs. Left out is what a version of Node changes nothing in: what is about types, the
// package and browsers (once, in the Node that runs this), and the other workspaces. Needs a finished build.
// Takes some minutes a version, so `npm test` runs only the contract of test/runtimes in each.

import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

const root = join(import.meta.dirname, "..");
const versions = ["22", "24", "26"];
const suites = ["contract", "engines", "faults", "hardening", "node", "protocol", "web", "ws"];

/** The files of the suites, as filters for scripts/test.mjs. */
function libraryTests() {
  return suites
    .flatMap((suite) => {
      const folder = `packages/hawser/dist-test/${suite}`;
      const files = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" });
      return files.map((file) => join(folder, file));
    })
    .filter((file) => file.endsWith(".test.js") && !/\b(?:chromium|types)\.test\.js$/.test(file));
}

const given = process.argv.slice(2);
const separator = given.indexOf("--");
const asked = separator === -1 ? given : given.slice(0, separator);
const filters = separator === -1 ? libraryTests() : given.slice(separator + 1);
const unknown = asked.filter((version) => !versions.includes(version));
if (unknown.length > 0) {
  console.error(`no such version: ${unknown.join(", ")}; there are ${versions.join(", ")}`);
  process.exit(1);
}

const installed = spawnSync(process.execPath, [join(import.meta.dirname, "runtimes.mjs")], {
  stdio: "inherit",
});
if (installed.status !== 0) process.exit(1);

/** @type {string[]} */
const failed = [];
for (const version of asked.length > 0 ? asked : versions) {
  const node = join(root, `runtimes/node_modules/node${version}-${process.arch}/bin/node`);
  if (!existsSync(node)) {
    console.error(`there is no Node ${version} for this platform: ${node}`);
    process.exit(1);
  }
  console.log(`\n=== Node ${version}`);
  // Programs that a test starts by name have to be of the same version.
  const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env["PATH"] ?? ""}` };
  const script = join(import.meta.dirname, "test.mjs");
  const { status } = spawnSync(node, [script, ...filters], { cwd: root, env, stdio: "inherit" });
  if (status !== 0) failed.push(version);
}
if (failed.length > 0) console.error(`failed in Node ${failed.join(", ")}`);
process.exitCode = failed.length > 0 ? 1 : 0;
