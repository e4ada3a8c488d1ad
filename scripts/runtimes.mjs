// @ts-check
// Installs the other runtimes that the library is tested in, as runtimes/package-lock.json says: the programs
// themselves, from the packages that npm has for this platform, without any install script. What is installed already
// stays. `scripts/test.mjs` calls it before tests that need them.

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const INSTALL_TIMEOUT_MS = 240_000;
const folder = join(import.meta.dirname, "../runtimes");
const stamp = join(folder, "node_modules/.installed");

const wanted = readFileSync(join(folder, "package-lock.json"), "utf8");
if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== wanted) {
  console.log("installing the runtimes to test in");
  const env = Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^npm_(package|lifecycle|config_local)/.test(name),
    ),
  );
  const args = "ci --ignore-scripts --prefer-offline --no-audit --no-fund".split(" ");
  const { status } = spawnSync("npm", args, {
    cwd: folder,
    env,
    stdio: ["ignore", "ignore", "inherit"],
    timeout: INSTALL_TIMEOUT_MS,
  });
  if (status === 0) writeFileSync(stamp, wanted);
  else console.error("the runtimes to test in could not be installed");
  process.exitCode = status === 0 ? 0 : 1;
}
