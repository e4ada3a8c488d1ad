// @ts-check
// Judges the packages as npm would publish them, from their tarballs: publint reads the
// manifest against the files, attw asks whether TypeScript finds the types under every way of
// importing. Needs a finished build, and `npm run` around it, which puts both tools on the PATH.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const attwOptions = "--format ascii --no-summary --no-emoji".split(" ");
const root = join(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "hawser-packages-"));
process.on("exit", () => rmSync(folder, { recursive: true }));

/**
 * Packs one workspace and returns the path of the tarball.
 * @param {string} name
 */
function pack(name) {
  const args = ["pack", "--workspace", name, "--pack-destination", folder, "--json"];
  const { status, stdout, stderr } = spawnSync("npm", args, { cwd: root, encoding: "utf8" });
  if (status !== 0) throw new Error(`npm ${args.join(" ")} failed:\n${stderr}`);
  return join(folder, JSON.parse(stdout)[0].filename);
}

/**
 * Ends the whole check when a tool has not ended with exit code 0.
 * @param {string} title
 * @param {import("node:child_process").SpawnSyncReturns<Buffer>} result
 */
function mustPass(title, { status, error }) {
  if (status === 0) return;
  console.error(`${title} failed${error ? `: ${error.message}` : ""}`);
  process.exit(1);
}

/** What attw judges of each package: the last two have entries for `require` with types of their own. */
const attwOf = {
  "@hawser/cli": ["--profile", "esm-only"],
  // Its other entries are modules, which `require` of Node can load as well.
  hawser: ["--profile", "node16", "--ignore-rules", "cjs-resolves-to-esm"],
  "@hawser/ws": ["--profile", "node16"],
};

for (const [name, judged] of Object.entries(attwOf)) {
  console.log(`\n${name}`);
  const tarball = pack(name);
  const options = { cwd: folder, stdio: /** @type {const} */ ("inherit") };
  mustPass("publint", spawnSync("publint", ["run", "--strict", tarball], options));
  // A list of rules takes all that follows.
  mustPass("attw", spawnSync("attw", [tarball, ...attwOptions, ...judged], options));
}
