// A real browser for the tests of the page. Everything that a tab complains about is collected, and
// `close` fails on what was not expected: a page that works and logs errors does not pass.

import assert from "node:assert/strict";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

/**
 * What the browser itself logs when a server can't be reached; the page can't keep it from that. It
 * asks for the icon of the tab when it likes, and may come too late.
 */
const unreachable =
  /^WebSocket connection to '[^']*' failed: |^Failed to load resource: .* \(http[^)]*\/icon\.svg\)$/;

export class Tabs {
  readonly #browser: Browser;
  readonly #complaints: string[] = [];

  constructor(browser: Browser) {
    this.#browser = browser;
  }

  static async launch(): Promise<Tabs> {
    const options = { executablePath: "/usr/bin/chromium", args: ["--no-sandbox"] };
    return new Tabs(await chromium.launch(options));
  }

  /** A tab that shares nothing with the others. */
  async open(url: string, options: BrowserContextOptions = {}): Promise<Page> {
    const page = await this.blank(options);
    await page.goto(url);
    return page;
  }

  async blank(options: BrowserContextOptions = {}): Promise<Page> {
    const context = await this.#browser.newContext({ reducedMotion: "reduce", ...options });
    const page = await context.newPage();
    page.setDefaultTimeout(10_000);
    page.on("pageerror", (error) => this.#complaints.push(String(error)));
    page.on("dialog", (dialog) => {
      this.#complaints.push(`a dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on("console", (message) => {
      const text = `${message.text()} (${message.location().url})`;
      const isComplaint = message.type() === "error" || message.type() === "warning";
      if (isComplaint && !unreachable.test(text)) this.#complaints.push(text);
    });
    return page;
  }

  /** A tab that has come in, by keyboard alone: the focus is where it should be. */
  async join(url: string, name: string, options: BrowserContextOptions = {}): Promise<Page> {
    const page = await this.open(url, options);
    await page.keyboard.type(name);
    await page.keyboard.press("Enter");
    await page.getByRole("log").getByText(`You came aboard as ${name}`).waitFor();
    return page;
  }

  /** Ends all tabs, and fails unless they complained of exactly what is expected. */
  async closeAll(expected: readonly RegExp[] = []): Promise<void> {
    await Promise.all(this.#browser.contexts().map((context) => context.close()));
    const complaints = this.#complaints.splice(0);
    const isExpected = (text: string, i: number): boolean => expected[i]?.test(text) === true;
    assert.ok(
      complaints.length === expected.length && complaints.every(isExpected),
      `complaints of the page: ${JSON.stringify(complaints)}`,
    );
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }
}

/** Types a message and sends it, by keyboard. */
export async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel("Your message").fill(text);
  await page.keyboard.press("Enter");
}

/** The names in the list of who is there. */
export function people(page: Page): Promise<string[]> {
  return page
    .getByRole("list", { name: /^Aboard/ })
    .getByRole("listitem")
    .allTextContents();
}
