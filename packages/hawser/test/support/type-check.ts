// Programs compiled as users compile them: in a folder of their own, with the packages of this repository
// and the types of Node in its node_modules, and with the declarations checked as well.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "../../../..");
const modules = join(root, "node_modules");

/** A folder to compile in. */
export class TypeProject {
  readonly #folder: string = mkdtempSync(join(tmpdir(), "hawser-types-"));

  /** @param packages what can be imported, by name, from which folder of `packages` */
  constructor(packages: Readonly<Record<string, string>>) {
    mkdirSync(join(this.#folder, "node_modules/@hawser"), { recursive: true });
    for (const [name, folder] of Object.entries(packages)) {
      symlinkSync(join(root, "packages", folder), join(this.#folder, "node_modules", name));
    }
    for (const name of ["@types", "undici-types"]) {
      symlinkSync(join(modules, name), join(this.#folder, "node_modules", name));
    }
  }

  /** Compiles the files, which are there for that alone. @throws AssertionError with what the compiler says */
  compile(files: Readonly<Record<string, string>>, options: object = {}): void {
    const compilerOptions = {
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      noEmit: true,
      target: "es2023",
      lib: ["es2023", "esnext.disposable"],
      module: "nodenext",
      esModuleInterop: true,
      types: [],
      ...options,
    };
    for (const old of readdirSync(this.#folder)) {
      if (old !== "node_modules") rmSync(join(this.#folder, old));
    }
    for (const [name, text] of Object.entries(files)) writeFileSync(join(this.#folder, name), text);
    const settings = JSON.stringify({ compilerOptions, files: Object.keys(files) });
    writeFileSync(join(this.#folder, "tsconfig.json"), settings);
    const args = [join(modules, "typescript/bin/tsc"), "-p", this.#folder];
    const { status, stdout } = spawnSync(process.execPath, args, { encoding: "utf8" });
    assert.equal(status, 0, stdout);
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }
}
