// The report in a real browser: it needs no network, has no errors, draws its charts, and fits a phone.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import { type Browser, chromium, type Page } from "playwright-core";
import type { BenchResult } from "../../dist/bench/page/result.js";
import { reportOf } from "../../dist/bench/report/report.js";
import { bench, listen } from "./bench.js";

const executablePath = "/usr/bin/chromium";

describe("the report of hawser bench", () => {
  let browser: Browser;
  let folder: string;
  let result: BenchResult;
  before(async () => {
    assert.ok(existsSync(executablePath), `${executablePath} is missing`);
    browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
    folder = mkdtempSync(join(tmpdir(), "hawser-report-"));
    const server = await listen({ message: (ws, message) => void ws.send(message) });
    ({ result } = await bench(server.url, "--rate", "500", "--duration", "1s"));
    await server.close();
  });
  after(async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
  });

  /** Opens the report, and fails with whatever goes wrong in it. */
  async function open(
    of: BenchResult,
    width: number,
    colorScheme: "light" | "dark",
  ): Promise<{ page: Page; wrong: string[] }> {
    const file = join(folder, "report.html");
    writeFileSync(file, reportOf(of));
    const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme });
    const page = await context.newPage();
    const wrong: string[] = [];
    page.on("console", (message) => wrong.push(message.text()));
    page.on("pageerror", (error) => wrong.push(error.message));
    page.on("request", (request) => {
      if (!request.url().startsWith("file:")) wrong.push(`asked for ${request.url()}`);
    });
    await page.goto(pathToFileURL(file).href);
    return { page, wrong };
  }

  for (const [width, scheme] of [
    [1280, "light"],
    [1280, "dark"],
    [390, "light"],
    [390, "dark"],
  ] as const) {
    it(`draws its charts, ${width} wide, ${scheme}`, async () => {
      const { page, wrong } = await open(result, width, scheme);
      // Of each chart, how many of its pixels are not the ground.
      const drawn = await page.$$eval("figure:not([hidden]) canvas", (all) =>
        all.map((canvas) => {
          if (!(canvas instanceof HTMLCanvasElement)) return 0;
          const { width: right, height: bottom } = canvas;
          const data = canvas.getContext("2d")?.getImageData(0, 0, right, bottom).data ?? [];
          let pixels = 0;
          for (let at = 3; at < data.length; at += 4) if ((data[at] as number) > 0) pixels++;
          return pixels;
        }),
      );
      assert.equal(drawn.length, 4);
      for (const pixels of drawn) assert.ok(pixels > 1000, String(drawn));
      const overflow = await page.$eval("html", (html) => html.scrollWidth - html.clientWidth);
      assert.equal(overflow, 0);
      assert.deepEqual(wrong, []);
      await page.context().close();
    });
  }

  it("tells the verdict, and the figures without a script", async () => {
    const { page } = await open(result, 1280, "light");
    assert.match(await page.innerText(".verdict"), /No faults/);
    assert.match(await page.innerText("main"), /99\.9 %/);
    await page.context().close();
    const faulty = { ...result, isFaultless: false, counts: { ...result.counts, lost: 12 } };
    const { page: other } = await open(faulty, 1280, "light");
    assert.match(await other.innerText(".verdict"), /There were faults/);
    assert.equal(await other.innerText("td.bad"), "12");
    await other.context().close();
  });

  it("shows what servers said as text", async () => {
    const said = `</script><img src=x onerror="document.title='in'">`;
    const evil = { ...result, problems: { [said]: 1 }, extensions: said };
    const { page, wrong } = await open(evil, 1280, "light");
    assert.ok((await page.innerText("main")).includes(said));
    assert.equal(await page.locator("img").count(), 0);
    assert.deepEqual(wrong, []);
    await page.context().close();
  });
});
