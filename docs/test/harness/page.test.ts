// The harness itself: it reads pages as they are meant, and complains when it should.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { anchorsOf, blocksOf, linksOf } from "./markdown.ts";
import { Page } from "./page.ts";

const folder = mkdtempSync(join(tmpdir(), "hawser-harness-"));
after(() => rmSync(folder, { recursive: true }));

/** A page with these lines, opened; what `judge` makes of it. */
async function judge(lines: string[], check: (page: Page) => unknown): Promise<void> {
  const path = join(folder, "page.md");
  writeFileSync(path, lines.join("\n"));
  const page = new Page(path, { ports: [8080] });
  await page.open();
  try {
    await check(page);
  } finally {
    page.close();
  }
}

describe("a page", () => {
  const sum = ["```ts file=sum.ts", "const sum: number = 1 + 1;", "console.log(sum);", "```"];

  it("whose example does not compile fails", () =>
    judge(["```ts file=bad.ts", "const text: string = 1;", "```"], (page) =>
      assert.throws(() => page.compile(), /bad\.ts\(1,7\): error TS2322/),
    ));

  it("whose example did not run fails, and whose example did does not", () =>
    judge([...sum, "```sh", "echo hello", "```"], async (page) => {
      page.compile();
      assert.throws(() => page.checkAllRan());
      await page.run("sum.ts");
      assert.throws(() => page.checkAllRan());
      assert.equal(await page.shell("echo"), "hello\n");
      page.checkAllRan();
    }));

  it("whose example prints something else fails", () =>
    judge([...sum, "```text output=sum.ts", "3", "```"], async (page) => {
      page.compile();
      await assert.rejects(page.run("sum.ts"), /printed something else/);
    }));

  it("whose example ends badly fails", () =>
    judge(
      ["```ts file=throws.ts", 'throw new Error("no");', "```", "```sh", "exit 3", "```"],
      async (page) => {
        page.compile();
        await assert.rejects(page.run("throws.ts"), /ended with 1/);
        await assert.rejects(page.shell("exit"), /ended with 3/);
      },
    ));

  it("whose fragment is not in its file fails", () =>
    judge([...sum, "```ts from=sum.ts", "console.log(sum + 1);", "```"], (page) =>
      assert.throws(() => page.checkFragments(), /not in sum\.ts/),
    ));

  it("gets a free port for the one that it names", () =>
    judge(["```ts file=port.ts", "console.log(8080);", "```"], async (page) => {
      page.compile();
      assert.equal(await page.output("port.ts"), `${page.port(8080)}\n`);
      assert.notEqual(page.port(8080), 8080);
    }));
});

describe("Markdown", () => {
  it("is cut into blocks with attributes", () => {
    const [block] = blocksOf("text\n\n  ```ts file=a.ts shown\n  one\n    two\n  ```\n");
    assert.equal(block?.text, "one\n  two\n");
    assert.deepEqual(
      [...(block?.attributes ?? [])],
      [
        ["file", "a.ts"],
        ["shown", ""],
      ],
    );
    assert.equal(block?.line, 3);
    assert.throws(() => blocksOf("```ts\n"), /not closed/);
  });

  it("has links outside of code only", () => {
    const page = "[a](b.md#c) `[x](y)` [d](<e.md>)\n```\n[f](g)\n```\n[h]: i.md\n";
    assert.deepEqual(
      linksOf(page).map(({ target }) => target),
      ["b.md#c", "e.md", "i.md"],
    );
  });

  it("has the anchors that GitHub gives", () => {
    const anchors = anchorsOf(
      "# `hawser/protocol`\n## The client's half\n## A\n## A\n```\n# no\n```\n",
    );
    assert.deepEqual([...anchors], ["hawserprotocol", "the-clients-half", "a", "a-1"]);
  });
});
