// A real browser for the pages of the examples.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

const path = "/usr/bin/chromium";

/** Starts Chromium; a missing one is a failure with the command that installs it. */
export async function startBrowser(): Promise<Browser> {
  assert.ok(existsSync(path), `${path} is missing: sudo apt-get install -y chromium`);
  return chromium.launch({ executablePath: path, args: ["--no-sandbox"] });
}
