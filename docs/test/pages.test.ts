// What holds of every page: its links lead somewhere, and its examples have a test.

import assert from "node:assert/strict";
import { existsSync, readdirSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, it } from "node:test";
import { anchorsOf, blocksOf, linksOf, readPage } from "./harness/markdown.ts";

const root = join(import.meta.dirname, "../..");
const docs = join(root, "docs");

/** Markdown files below a folder, without what is installed or built. */
function pagesIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory())
      return /^(node_modules|dist.*|\..*)$/.test(entry.name) ? [] : pagesIn(path);
    return entry.name.endsWith(".md") ? [path] : [];
  });
}

const pages = [
  ...readdirSync(root)
    .filter((name) => name.endsWith(".md"))
    .map((name) => join(root, name)),
  ...["bench", "docs", "examples", "packages"].flatMap((folder) => pagesIn(join(root, folder))),
];

describe("links", () => {
  for (const page of pages) {
    it(`of ${relative(root, page)} lead somewhere`, () => {
      const broken = linksOf(readPage(page))
        .filter(({ target }) => !/^[a-z]+:/.test(target))
        .filter(({ target }) => !isThere(page, target))
        .map(({ target, line }) => `line ${line}: ${target}`);
      assert.deepEqual(broken, []);
    });
  }

  it("every page of the docs is reached from docs/README.md", () => {
    const map = join(docs, "README.md");
    const reached = new Set(
      linksOf(readPage(map)).map(({ target }) => resolve(docs, target.replace(/#.*/, ""))),
    );
    const left = pages.filter((page) => page.startsWith(`${docs}/`) && page !== map);
    assert.deepEqual(
      left.filter((page) => !reached.has(page)),
      [],
    );
  });
});

function isThere(page: string, target: string): boolean {
  const [path = "", anchor] = target.split("#");
  const file = path === "" ? page : resolve(dirname(page), path);
  if (!existsSync(file)) return false;
  if (anchor === undefined || anchor === "") return true;
  return statSync(file).isFile() && anchorsOf(readPage(file)).has(anchor);
}

describe("examples", () => {
  for (const page of pagesIn(docs)) {
    const blocks = blocksOf(readPage(page)).filter(
      ({ language, attributes }) =>
        ["ts", "js", "sh", "html", "nginx", "haproxy", "caddyfile"].includes(language) &&
        !attributes.has("shown"),
    );
    if (blocks.length === 0) continue;
    const name = relative(docs, page);
    it(`of docs/${name} have a test`, () => {
      assert.ok(existsSync(join(import.meta.dirname, name.replace(/\.md$/, ".test.js"))));
    });
    it(`of docs/${name} have names`, () => {
      const unnamed = blocks
        .filter(({ language }) => language !== "sh")
        .filter(({ attributes }) => !["file", "from", "append"].some((one) => attributes.has(one)))
        .map(({ line }) => line);
      assert.deepEqual(unnamed, []);
    });
  }
});
