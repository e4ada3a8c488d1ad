// @ts-check
// Installs what the tests in software/ drive: real software from npm, as its lockfile says, where `ws` is
// overridden by the tarballs of @hawser/ws and hawser as npm would publish them. `scripts/test.mjs` calls it
// before it runs one of those tests. What is installed already stays; only the tarballs are new each time.
// With HAWSER_SOFTWARE_WITH=ws npm's own ws, the one of this repository, takes that place: so the tests are
// shown to be fair. Needs a finished build.

import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { replaceBundledWs } from "./software-bundles.mjs";

const INSTALL_TIMEOUT_MS = 240_000;
const root = join(import.meta.dirname, "..");
const software = join(root, "software");
const modules = join(software, "node_modules");
const stamp = join(modules, ".installed");

/** A tarball's name in the manifest of software/ → where its package comes from and goes to. */
const tarballs = {
  "hawser.tgz": { workspace: "hawser", target: "hawser" },
  "hawser-ws.tgz": { workspace: "@hawser/ws", target: "ws" },
};

/** @param {string} reason */
function fail(reason) {
  console.error(`the software to test with could not be installed: ${reason}`);
  process.exit(1);
}

/**
 * Runs a program to its end and returns what it wrote.
 * @param {string} program
 * @param {string[]} args
 * @param {string} cwd
 */
function execute(program, args, cwd) {
  // What npm told this process about the package that runs it does not hold for the other one.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^npm_(package|lifecycle|config_local)/.test(name),
    ),
  );
  const options = /** @type {const} */ ({
    cwd,
    env,
    encoding: "utf8",
    timeout: INSTALL_TIMEOUT_MS,
  });
  const { status, stdout, stderr, error } = spawnSync(program, args, options);
  if (status !== 0) fail(`${program} ${args.join(" ")}\n${error?.message ?? ""}${stderr}${stdout}`);
  return stdout;
}

function pack() {
  const folder = join(software, "tarballs");
  mkdirSync(folder, { recursive: true });
  for (const [name, { workspace }] of Object.entries(tarballs)) {
    const args = ["pack", "--workspace", workspace, "--ignore-scripts", "--json"];
    const packed = execute("npm", [...args, "--pack-destination", folder], root);
    renameSync(join(folder, JSON.parse(packed)[0].filename), join(folder, name));
  }
}

/** What says that the installation is still the one that is asked for. */
function fingerprint() {
  const hash = createHash("sha256").update(`${process.platform} ${process.arch}`);
  for (const file of ["software/package.json", "software/package-lock.json"]) {
    hash.update(readFileSync(join(root, file)));
  }
  return hash.update(readFileSync(join(import.meta.dirname, "software-bundles.mjs"))).digest("hex");
}

function install() {
  const wanted = fingerprint();
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === wanted) return;
  console.log("installing the software to test with");
  // Peers that the manifest does not name (a compiler) are not needed to run; nor is any install script.
  const options = "--omit=peer --ignore-scripts --prefer-offline --no-audit --no-fund".split(" ");
  execute("npm", ["ci", ...options], software);
  replaceBundledWs(modules);
  writeFileSync(stamp, wanted);
}

/** Puts the packages on trial where npm has put them, as they are now. */
function refresh() {
  rmSync(join(modules, "ws"), { recursive: true, force: true });
  if (process.env["HAWSER_SOFTWARE_WITH"] === "ws") {
    cpSync(join(root, "node_modules/ws"), join(modules, "ws"), { recursive: true });
    return;
  }
  for (const [name, { target }] of Object.entries(tarballs)) {
    const folder = join(modules, target);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder);
    const file = join(software, "tarballs", name);
    execute("tar", ["-xzf", file, "--strip-components=1", "-C", folder], root);
  }
}

pack();
install();
refresh();
