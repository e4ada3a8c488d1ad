// A proxy of Debian's as one of the pages configures it: only ports and paths are replaced. Every one that a test
// starts is ended with its page.

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "./page.ts";
import { execute, type Running } from "./processes.ts";

/** How a proxy is run. */
export interface ProxyProgram {
  readonly path: string;
  /** Debian's package. */
  readonly package: string;
  /** The page's configuration. */
  readonly file: string;
  /** Where the page says that certificate, key, and both in one file are. */
  readonly paths: { readonly cert?: string; readonly key?: string; readonly both?: string };
  /** Its arguments; writes what else it needs into the page's folder. */
  arguments(page: Page, config: string): readonly string[];
  /** What it prints on stderr when it serves. */
  readonly ready: RegExp;
}

/** A certificate for localhost that signs itself. */
const certificateArguments = [
  ..."req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2".split(" "),
  ..."-subj /CN=localhost -addext subjectAltName=DNS:localhost".split(" "),
  ..."-keyout key.pem -out cert.pem".split(" "),
];

export class Proxy {
  readonly #page: Page;
  readonly #program: ProxyProgram;
  #running: Running | undefined;
  /** The certificate that it shows. */
  readonly ca: string;

  constructor(page: Page, program: ProxyProgram) {
    assert.ok(
      existsSync(program.path),
      `${program.path} is missing: sudo apt-get install -y ${program.package}`,
    );
    this.#page = page;
    this.#program = program;
    execute("openssl", certificateArguments, page.folder);
    const read = (name: string): string => readFileSync(join(page.folder, name), "utf8");
    this.ca = read("cert.pem");
    page.writeFile("site.pem", this.ca + read("key.pem"));
  }

  get process(): Running {
    assert.ok(this.#running, "the proxy does not run");
    return this.#running;
  }

  /** Starts it, in place of one that runs, with the page's configuration; `change` has to change it. */
  async start(change: (config: string) => string = (config) => config): Promise<void> {
    await this.stop();
    this.write(change);
    const config = join(this.#page.folder, this.#program.file);
    const running = this.#page.spawn(
      this.#program.path,
      this.#program.arguments(this.#page, config),
    );
    this.#running = running;
    await running.printed(this.#program.ready, "stderr");
  }

  /** Writes the configuration; a proxy that runs reads it when it reloads. */
  write(change?: (config: string) => string): void {
    const block = this.#page.file(this.#program.file);
    this.#page.use(block);
    const changed = change?.(block.text) ?? block.text;
    const { cert, key, both } = this.#program.paths;
    let text = changed;
    for (const [path, name] of [
      [cert, "cert.pem"],
      [key, "key.pem"],
      [both, "site.pem"],
    ]) {
      if (path !== undefined) text = text.replaceAll(path, join(this.#page.folder, name as string));
    }
    this.#page.writeFile(this.#program.file, text);
  }

  async stop(): Promise<void> {
    this.#running?.kill("SIGKILL");
    await this.#running?.ended;
    this.#running = undefined;
  }
}

/** A change of a configuration that must not change nothing. */
export function replacing(what: string | RegExp, by: string): (config: string) => string {
  return (config) => {
    const changed = config.replaceAll(what, by);
    assert.notEqual(changed, config, `${String(what)} is not in the configuration`);
    return changed;
  };
}
