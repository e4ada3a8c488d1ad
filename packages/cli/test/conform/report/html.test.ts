// The page, in Chromium: complete, readable without a script, and nothing of a peer becomes markup.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import { writeReports } from "../../../dist/conform/report/files.js";
import { exampleReport } from "./example.js";

describe("the HTML report", () => {
  const folder = mkdtempSync(join(tmpdir(), "hawser-conform-"));
  let browser: Browser;
  let page: Page;
  before(async () => {
    const html = join(folder, "reports");
    assert.deepEqual(await writeReports(exampleReport(), { html }), [join(html, "index.html")]);
    browser = await chromium.launch({
      executablePath: "/usr/bin/chromium",
      args: ["--no-sandbox"],
    });
    page = await browser.newPage({ javaScriptEnabled: false, colorScheme: "dark" });
    await page.goto(`${pathToFileURL(join(html, "index.html")).href}#case-7.3.3`);
  });
  after(async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
  });

  it("asks for nothing else", () => {
    const text = readFileSync(join(folder, "reports/index.html"), "utf8");
    assert.doesNotMatch(text, /<script|<link|src=|url\(|@import/);
  });

  it("has an index of each agent and group", async () => {
    assert.deepEqual(await page.locator("section > table").count(), 2);
    const [first] = await page.locator("table.index").all();
    assert.deepEqual(await first?.locator("a").allTextContents(), [
      "1.1",
      "1.2",
      "4.1",
      "1.6",
      "3.3",
      "7.6",
      "1.1",
    ]);
    assert.deepEqual(await page.locator("h2").allTextContents(), [
      "<agent> & co\uFFFD[31m",
      "other",
      "1 Framing",
      "6 UTF-8",
      "7 Closing",
      "9 Limits and performance",
      "12 permessage-deflate, contents",
    ]);
  });

  it("the link to a case opens it: expectation, verdicts, wire log", async () => {
    const details = page.locator("#case-7\\.3\\.3");
    assert.ok(await details.isVisible());
    const text = await details.innerText();
    assert.match(text, /It is answered, and the server ends TCP\. RFC 6455 §5\.5\.1/);
    assert.match(text, /WRONG CODE the close code is 1001, not 1000/);
    assert.match(text, /0\.2 ← text frame: "<\/pre><script>"\n +81 05/);
    assert.match(text, /1001 <\/pre><script>alert/);
    assert.ok(!(await page.locator("#case-1\\.1\\.1").isVisible()));
  });

  it("shows only what is not OK on request", async () => {
    const titles = page.locator("details.case > summary:visible");
    assert.equal(await titles.count(), 7);
    await page.locator("#only").check();
    assert.equal(await titles.count(), 6);
  });

  it("is dark where that is wanted", async () => {
    const background = await page.evaluate("getComputedStyle(document.body).backgroundColor");
    assert.equal(background, "rgb(18, 22, 28)");
  });
});
