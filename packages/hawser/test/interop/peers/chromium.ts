// Debian's Chromium, headless, driven over its pipe by playwright-core: one page, served by our own
// server, makes all the connections.

import { existsSync } from "node:fs";
import type { Peer } from "../contract.ts";
import { pageLacks, PagePlayer, type RawReport, toReport } from "./page.ts";

const executablePath = "/usr/bin/chromium";

/** The part of playwright-core that is used here. */
interface Playwright {
  readonly chromium: {
    launch(options: { executablePath: string; args: string[] }): Promise<Browser>;
  };
}

interface Browser {
  newPage(): Promise<Page>;
  close(): Promise<void>;
}

interface Page {
  goto(url: string): Promise<unknown>;
  evaluate(program: string): Promise<unknown>;
}

async function launch(): Promise<Browser> {
  if (!existsSync(executablePath)) {
    throw new Error(`there is no ${executablePath}: apt-get install chromium`);
  }
  // Not by its literal name: its types need those of the DOM, which no other test is to have.
  const name: string = "playwright-core";
  const { chromium } = (await import(name)) as Playwright;
  return chromium.launch({ executablePath, args: ["--no-sandbox"] });
}

export const chromiumClient: Peer = {
  name: "Chromium",
  role: "client",
  answers: "the same",
  deflates: true,
  lacks: pageLacks,
  start: async (url) => {
    const browser = await launch();
    try {
      const page = await browser.newPage();
      await page.goto(url.replace(/^ws/, "http"));
      return {
        url: "",
        run: async (order) => {
          const program = `new (${String(PagePlayer)})(${JSON.stringify(order)}).play()`;
          return toReport((await page.evaluate(program)) as RawReport);
        },
        end: () => browser.close(),
      };
    } catch (error) {
      await browser.close();
      throw error;
    }
  },
};
