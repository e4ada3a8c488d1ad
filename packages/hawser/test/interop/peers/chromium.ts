// Debian's Chromium: one page, served by our own server, makes all the connections.

import { launchChromium } from "../../support/chromium.ts";
import type { Peer } from "../contract.ts";
import { pageLacks, PagePlayer, type RawReport, toReport } from "./page.ts";

export const chromiumClient: Peer = {
  name: "Chromium",
  role: "client",
  answers: "the same",
  deflates: true,
  lacks: pageLacks,
  start: async (url) => {
    const browser = await launchChromium();
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
