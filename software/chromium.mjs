// A Chromium that waits for somebody to connect to its DevTools: what Playwright and Puppeteer have the
// address of. It is the one of the system (see scripts/system-packages.mjs), on a free port.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

export const executablePath = "/usr/bin/chromium";
assert.ok(existsSync(executablePath), `there is no ${executablePath}: apt-get install chromium`);

/** Starts one and resolves when it listens, with its WebSocket address and a function that ends it. */
export async function startChromium() {
  const profile = mkdtempSync(join(tmpdir(), "hawser-chromium-"));
  const options = `--headless --no-sandbox --no-first-run --remote-debugging-port=0`.split(" ");
  const child = spawn(executablePath, [...options, `--user-data-dir=${profile}`, "about:blank"], {
    stdio: ["ignore", "ignore", "pipe"],
    detached: true, // A group of its own: with it end the processes that still write to the profile.
  });
  const exited = once(child, "exit");
  const close = async () => {
    process.kill(-Number(child.pid), "SIGKILL");
    await exited;
    rmSync(profile, { recursive: true, force: true, maxRetries: 10 });
  };

  for await (const line of createInterface(child.stderr)) {
    const url = /^DevTools listening on (ws:\S+)/.exec(line)?.[1];
    if (url === undefined) continue;
    child.stderr.resume();
    return { url, close };
  }
  throw new Error(`Chromium ended with exit code ${child.exitCode}`);
}
