// @ts-check
// Removes everything that the build and the coverage run write, and nothing else: the next build
// starts from the sources alone. `tsc -b --clean` would leave the output of deleted sources behind.

import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");

for (const workspace of ["packages", "examples"]) {
  for (const name of readdirSync(join(root, workspace))) {
    for (const output of ["dist", "dist-test"]) {
      rmSync(join(root, workspace, name, output), { recursive: true, force: true });
    }
  }
}
for (const output of [
  "bench/dist",
  "bench/dist-test",
  "coverage",
  "docs/dist-test",
  "scripts/tsconfig.tsbuildinfo",
]) {
  rmSync(join(root, output), { recursive: true, force: true });
}
