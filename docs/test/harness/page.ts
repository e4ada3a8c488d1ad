// Every example of a page runs: `describePage` takes the page that has the test's own name, puts its
// files into an empty folder, type-checks and compiles them, and fails at the end for every block
// that could run and that no test of the page ran. Only port numbers are changed, to free ones.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { type AddressInfo, createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { type Block, blocksOf, readPage } from "./markdown.ts";
import { Running } from "./processes.ts";
import { type Registry, startRegistry } from "./registry.ts";

const docs = join(import.meta.dirname, "../..");
const root = join(docs, "..");
const compiledTests = join(import.meta.dirname, "..");

/** How long a page may take, in milliseconds: what it started is ended in any case. */
const patienceMs = 100_000;

/** Languages of blocks that have to run. */
const runnable = new Set(["ts", "js", "sh", "html", "nginx", "haproxy", "caddyfile"]);

export interface PageOptions {
  /** The ports that the page names; each is replaced by a free one. */
  readonly ports?: readonly number[];
  /** The page begins in an empty folder and fills it itself: its files are written one by one. */
  readonly isBare?: boolean;
}

/** Runs the examples of the page that is called as the test file is. */
export function describePage(
  testUrl: string,
  options: PageOptions,
  body: (page: Page) => void,
): void {
  const path = relative(compiledTests, fileURLToPath(testUrl)).replace(/\.test\.js$/, ".md");
  describe(`docs/${path}`, { timeout: patienceMs }, () => {
    const page = new Page(join(docs, path), options);
    before(() => page.open());
    after(() => page.close());
    if (options.isBare !== true) it("its examples compile", () => page.compile());
    it("its fragments are cut from its files", () => page.checkFragments());
    body(page);
    it("no example is left that did not run", () => page.checkAllRan());
  });
}

export class Page {
  readonly #options: PageOptions;
  readonly #path: string;
  readonly #ports = new Map<number, number>();
  readonly #ran = new Set<Block>();
  readonly #running: Running[] = [];
  #blocks: Block[] = [];
  #registry: Registry | undefined;
  /** The folder that the page's files are in. */
  folder = "";

  constructor(path: string, options: PageOptions) {
    this.#path = path;
    this.#options = options;
  }

  async open(): Promise<void> {
    const named = this.#options.ports ?? [];
    const free = await freePorts(named.length);
    for (const [index, port] of named.entries()) this.#ports.set(port, free[index] as number);
    this.folder = realpathSync(mkdtempSync(join(tmpdir(), "hawser-docs-")));
    this.#blocks = blocksOf(this.#substitute(readPage(this.#path))).map(withName);
    if (this.#options.isBare === true) return;
    this.writeFile("package.json", `{ "type": "module", "private": true }\n`);
    symlinkSync(join(root, "node_modules"), join(this.folder, "node_modules"));
    for (const { attributes, text } of this.#blocks) {
      const file = attributes.get("file");
      if (file !== undefined) this.writeFile(file, text);
    }
  }

  close(): void {
    for (const one of this.#running) one.kill("SIGKILL");
    this.#registry?.close();
    rmSync(this.folder, { recursive: true });
  }

  // ---- Blocks

  /** The port that stands for one that the page names. */
  port(named: number): number {
    const port = this.#ports.get(named);
    assert.ok(port !== undefined, `the test does not list port ${named}`);
    return port;
  }

  /** Where the server on that port is. */
  url(named: number): string {
    return `ws://localhost:${this.port(named)}`;
  }

  #substitute(text: string): string {
    let substituted = text;
    for (const [named, free] of this.#ports) {
      substituted = substituted.replaceAll(new RegExp(`\\b${named}\\b`, "g"), String(free));
    }
    return substituted;
  }

  /** The page's file of that name; "name#2" is the second with the same name. */
  file(name: string): Block {
    const [path, count = "1"] = name.split("#");
    const all = this.#blocks.filter(({ attributes }) => attributes.get("file") === path);
    const block = all[Number(count) - 1];
    assert.ok(block, `the page has no file ${name}`);
    return block;
  }

  writeFile(name: string, text: string): void {
    const path = join(this.folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }

  /** Puts one of the page's files into its folder, as a reader of a tutorial does, and checks it. */
  save(name: string): void {
    const block = this.file(name);
    this.writeFile(name.split("#")[0] as string, block.text);
    this.use(block);
    this.compile();
  }

  /** Adds the lines that a tutorial says to append to a file. */
  append(name: string): void {
    const block = this.#blocks.find(({ attributes }) => attributes.get("append") === name);
    assert.ok(block, `the page appends nothing to ${name}`);
    appendFileSync(join(this.folder, name), block.text);
    this.use(block);
    this.compile();
  }

  /** Notes that a block ran, and with it the files of the page that it imports. */
  use(block: Block): void {
    if (this.#ran.has(block)) return;
    this.#ran.add(block);
    for (const [, name] of block.text.matchAll(/from "\.\/([^"]+)"/g)) {
      this.use(this.file(name as string));
    }
  }

  checkFragments(): void {
    for (const { attributes, text, line } of this.#blocks) {
      const name = attributes.get("from");
      if (name === undefined) continue;
      const isCut = this.#blocks.some(
        (block) =>
          block.attributes.get("file") === name && trimmed(block.text).includes(trimmed(text)),
      );
      assert.ok(isCut, `line ${line}: these lines are not in ${name}`);
    }
  }

  checkAllRan(): void {
    const left = this.#blocks
      .filter(({ language, attributes }) => runnable.has(language) && !attributes.has("shown"))
      .filter((block) => !block.attributes.has("from") && !this.#ran.has(block))
      .map(
        ({ line, language, attributes }) =>
          `line ${line}: ${language} ${attributes.get("file") ?? ""}`,
      );
    assert.deepEqual(left, []);
  }

  // ---- Compiling

  /** Type-checks the page's TypeScript and what of its JavaScript is for Node; compiles the former. */
  compile(): void {
    const all = [...new Set(this.#blocks.map(({ attributes }) => attributes.get("file") ?? ""))];
    const forNode = all.filter((name) => !name.startsWith("public/"));
    this.#check(
      "ts",
      forNode.filter((name) => name.endsWith(".ts")),
      { noEmit: false },
    );
    this.#check(
      "js",
      forNode.filter((name) => name.endsWith(".js")),
      // It has no annotations.
      { allowJs: true, checkJs: true, noImplicitAny: false },
    );
  }

  #check(title: string, include: readonly string[], options: object): void {
    if (include.length === 0) return;
    const compilerOptions = { ...strictOptions, ...options };
    const config = `tsconfig.${title}.json`;
    this.writeFile(config, JSON.stringify({ compilerOptions, include }));
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    const { status, stdout } = spawnSync(process.execPath, [tsc, "-p", config], {
      cwd: this.folder,
      encoding: "utf8",
    });
    rmSync(join(this.folder, config));
    // A file that the reader has not written yet is none; then there is nothing to check.
    if (this.#options.isBare === true && stdout.includes("TS18003")) return;
    assert.equal(status, 0, stdout);
  }

  // ---- Running

  /** Starts one of the page's programs and waits until it has printed something that matches. */
  async start(name: string, until: RegExp = /\S/): Promise<Running> {
    this.use(this.file(name));
    const running = this.#spawn(name, process.execPath, [compiled(name)], {});
    await running.printed(until);
    return running;
  }

  /** Runs one of the page's programs to its end; what it prints must be what the page says, if it does. */
  async run(name: string): Promise<void> {
    this.checkOutput(name, await this.output(name));
  }

  /** Runs one of the page's programs to its end; returns what it prints. */
  output(name: string): Promise<string> {
    this.use(this.file(name));
    return this.#spawn(name, process.execPath, [compiled(name)], {}).succeeded();
  }

  /** Compares with the page's block `text output=name`; "…" there stands for anything in a line. */
  checkOutput(name: string, stdout: string): void {
    const expected = this.#blocks.find(({ attributes }) => attributes.get("output") === name);
    if (expected === undefined) return;
    const pattern = expected.text
      .trim()
      .split("…")
      .map((part) => part.replaceAll(/[$()*+.?[\\\]^{|}]/g, "\\$&"))
      .join("[^\\n]*");
    assert.match(stdout.trim(), new RegExp(`^${pattern}$`), `${name} printed something else`);
  }

  /** Runs the shell block that begins like that, as it is, to its end. */
  async shell(beginning: string): Promise<string> {
    return (await this.startShell(beginning)).succeeded();
  }

  /** Starts the shell block that begins like that, and waits until its stdout matches. */
  async startShell(beginning: string, until: RegExp = /^/): Promise<Running> {
    const block = this.#blocks.find(
      ({ language, text }) => language === "sh" && text.startsWith(beginning),
    );
    assert.ok(block, `the page has no sh block that begins with ${beginning}`);
    this.use(block);
    const environment = /^(npm|npx) /m.test(block.text) ? await this.#npm() : {};
    const running = this.#spawn(
      beginning,
      "bash",
      ["-euo", "pipefail", "-c", block.text],
      environment,
    );
    await running.printed(until);
    return running;
  }

  /** Runs `npm install …` of the page in an empty project: nothing that it names may be missing. */
  async install(beginning: string): Promise<void> {
    const folder = this.folder;
    this.folder = mkdtempSync(join(tmpdir(), "hawser-docs-install-"));
    try {
      this.writeFile("package.json", `{ "private": true }\n`);
      await this.shell(beginning);
    } finally {
      rmSync(this.folder, { recursive: true });
      this.folder = folder;
    }
  }

  async #npm(): Promise<Readonly<Record<string, string>>> {
    this.#registry ??= await startRegistry();
    return this.#registry.environment;
  }

  #spawn(
    title: string,
    program: string,
    args: readonly string[],
    environment: Readonly<Record<string, string>>,
  ): Running {
    const running = new Running(title, program, args, this.folder, environment);
    this.#running.push(running);
    return running;
  }

  /** Starts a program that is no example itself, such as nginx. */
  spawn(program: string, args: readonly string[]): Running {
    return this.#spawn(program, program, args, {});
  }
}

const strictOptions = {
  module: "nodenext",
  target: "es2023",
  lib: ["es2023"],
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  noImplicitOverride: true,
  noImplicitReturns: true,
  noPropertyAccessFromIndexSignature: true,
  noUnusedLocals: true,
  verbatimModuleSyntax: true,
  // What Node 22.18 and later can run without a compiler.
  erasableSyntaxOnly: true,
  rewriteRelativeImportExtensions: true,
  skipLibCheck: true,
  noEmit: true,
  types: ["node"],
  typeRoots: [join(root, "node_modules/@types")],
};

/** TypeScript without a name is a whole file too: "example-1.ts" for the first block of its page. */
function withName(block: Block, index: number, all: readonly Block[]): Block {
  const { language, attributes } = block;
  if (language !== "ts" || attributes.size > 0) return block;
  const number = all.slice(0, index + 1).filter((one) => one.language === "ts").length;
  return { ...block, attributes: new Map([["file", `example-${number}.ts`]]) };
}

function compiled(name: string): string {
  return name.replace(/\.ts$/, ".js");
}

function trimmed(text: string): string {
  return text
    .split("\n")
    .map((line) => line.trim())
    .join("\n")
    .trim();
}

/**
 * That many ports that nobody listens on, below those that a system gives to clients: there, a
 * connection of anybody could take one between here and the example that listens on it.
 */
async function freePorts(count: number): Promise<number[]> {
  const servers: Server[] = [];
  while (servers.length < count) {
    const server = createServer().listen(randomInt(20_000, 32_000));
    // Rejects when the port is taken.
    const isListening = await once(server, "listening").then(
      () => true,
      () => false,
    );
    if (isListening) servers.push(server);
  }
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), "close")));
  return ports;
}
