// However a run ends, its processes end with it, and the exit code says how it was.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

const main = join(import.meta.dirname, "../dist/main.js");

/** Starts a run that would take long; gives it, and its server and load once they are there. */
async function startLongRun(): Promise<{ run: ChildProcess; children: number[] }> {
  const args = [main, "--scenario", "echo-64x1", "--peer", "floor", "--seconds", "60"];
  const run = spawn(process.execPath, args, { stdio: "ignore" });
  for (;;) {
    const children = childrenOf(run.pid as number);
    if (children.length === 2) return { run, children };
    assert.equal(run.exitCode, null, "the run ended by itself");
    await sleep(10);
  }
}

function childrenOf(pid: number): number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").trim();
  return text === "" ? [] : text.split(" ").map(Number);
}

/** A zombie has ended: an orphan stays one for as long as process 1 does not care for it. */
function isRunning(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return false;
  }
}

describe("a run of the bench", () => {
  it("ends its processes on SIGINT, with exit code 130", async () => {
    const { run, children } = await startLongRun();
    run.kill("SIGINT");
    assert.deepEqual(await once(run, "exit"), [130, null]);
    assert.deepEqual(children.filter(isRunning), []);
  });

  it("ends its processes when a server fails, with exit code 1", async () => {
    const { run, children } = await startLongRun();
    process.kill(children[0] as number, "SIGKILL");
    assert.deepEqual(await once(run, "exit"), [1, null]);
    assert.deepEqual(children.filter(isRunning), []);
  });

  it("leaves no process behind when it is killed itself", { timeout: 20_000 }, async () => {
    const { run, children } = await startLongRun();
    run.kill("SIGKILL");
    await once(run, "exit");
    while (children.some(isRunning)) await sleep(10);
  });

  it("refuses a scenario that does not exist, with exit code 2", async () => {
    const run = spawn(process.execPath, [main, "--scenario", "nonesuch"], { stdio: "ignore" });
    assert.deepEqual(await once(run, "exit"), [2, null]);
  });

  it("refuses a peer that takes part in no scenario of the run, with exit code 2", async () => {
    const args = [main, "--scenario", "echo-64x1", "--peer", "undici"];
    const run = spawn(process.execPath, args, { stdio: "ignore" });
    assert.deepEqual(await once(run, "exit"), [2, null]);
  });

  it("refuses to document less than a whole run, with exit code 2", async () => {
    const args = [main, "--docs", "--scenario", "echo-64x1"];
    const run = spawn(process.execPath, args, { stdio: "ignore" });
    assert.deepEqual(await once(run, "exit"), [2, null]);
  });
});
