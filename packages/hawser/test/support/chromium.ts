// Debian's Chromium, headless, driven over its pipe by playwright-core.

import { existsSync } from "node:fs";

const executablePath = "/usr/bin/chromium";

/** The part of playwright-core that is used here. */
interface Playwright {
  readonly chromium: {
    launch(options: { executablePath: string; args: string[] }): Promise<Browser>;
  };
}

export interface Browser {
  newPage(): Promise<Page>;
  close(): Promise<void>;
}

export interface Page {
  goto(url: string): Promise<unknown>;
  evaluate(program: string): Promise<unknown>;
  close(): Promise<void>;
}

export async function launchChromium(args: readonly string[] = []): Promise<Browser> {
  if (!existsSync(executablePath)) {
    throw new Error(`there is no ${executablePath}: apt-get install chromium`);
  }
  // Not by its literal name: its types need those of the DOM, which no other test is to have.
  const name: string = "playwright-core";
  const { chromium } = (await import(name)) as Playwright;
  return chromium.launch({ executablePath, args: ["--no-sandbox", ...args] });
}
