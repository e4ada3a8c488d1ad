// @ts-check
// Two gates on what ships (dist, reported by its sources through the source maps):
// the protocol folder must be covered by its own tests alone, all lines and branches; the whole
// library by all tests, 95% of lines. A file that no test loaded counts as uncovered. c8 is content
// when nothing matched at all, so each report is read again and must name every source file.

import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");

/**
 * Whether a built module held only types: nothing is left in it that a test could run.
 * @param {string} file
 */
function isEmpty(file) {
  const code = readFileSync(join(root, file), "utf8").replace(/\/\*[^]*?\*\/|\/\/.*/g, "");
  return code.trim() === "export {};";
}

/**
 * The built modules with code in them, by the names of their sources.
 * @param {string} folder below packages/hawser
 */
function modules(folder) {
  return readdirSync(join(root, "packages/hawser/src", folder), {
    recursive: true,
    encoding: "utf8",
  })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => join("packages/hawser/dist", folder, file.replace(/\.ts$/, ".js")))
    .filter((file) => !isEmpty(file));
}

/**
 * Runs some of the tests under c8 and ends the run when a threshold is missed.
 * @param {string} folder below packages/hawser/src, "" for all of it
 * @param {string[]} testFilters
 * @param {string[]} thresholds
 */
function gate(folder, testFilters, thresholds) {
  const expected = modules(folder);
  const report = join("coverage", folder || "all");
  const args = ["--all", "--src", join("packages/hawser/dist", folder)];
  args.push(...expected.flatMap((file) => ["--include", file]));
  args.push("--reporter", "text", "--reporter", "json-summary", "--reporter", "lcovonly");
  args.push("--report-dir", report, "--check-coverage", ...thresholds);
  args.push("node", "scripts/test.mjs", ...testFilters);

  rmSync(join(root, report), { recursive: true, force: true });
  const { status, error } = spawnSync("c8", args, { cwd: root, stdio: "inherit" });
  if (error) throw error;
  const summary = readFileSync(join(root, report, "coverage-summary.json"), "utf8");
  const reported = Object.keys(JSON.parse(summary)).filter((name) => name !== "total").length;
  console.log(`${reported} of ${expected.length} modules reported in ${report}\n`);
  if (status !== 0 || expected.length === 0 || reported !== expected.length) process.exit(1);
}

gate("protocol", ["packages/hawser/dist-test/protocol/"], ["--lines", "100", "--branches", "100"]);
gate("", [], ["--lines", "95"]);
