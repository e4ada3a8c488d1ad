// A soak of six seconds, so that it still works when somebody needs a long one, and its ends.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { eventually } from "../support/memory.ts";

const main = join(import.meta.dirname, "main.js");

class Run {
  readonly process: ChildProcess;
  output = "";

  constructor(...args: string[]) {
    this.process = spawn(process.execPath, [main, ...args], { stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.output += text;
      });
    }
  }

  async code(): Promise<unknown> {
    const [code, signal] = await once(this.process, "close");
    return code ?? signal;
  }

  /** Runs on until there are so many samples in the table. */
  async rows(count: number): Promise<void> {
    const isThere = (): boolean => (this.output.match(/^ +\d+ +\d.*$/gm) ?? []).length >= count;
    await eventually(() => (isThere() ? undefined : this.output), 20_000);
  }

  /** The processes that it started. */
  children(): number[] {
    const { pid } = this.process;
    const pids = readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").trim();
    return pids.split(" ").map(Number);
  }
}

function isRunning(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return false;
  }
}

describe("npm run soak", () => {
  it("six seconds: nothing is lost, and everything is let go of", { timeout: 60_000 }, async () => {
    const run = new Run("--seconds", "6");
    assert.equal(await run.code(), 0, run.output);
    assert.match(run.output, /^flat: server, heap \+ external: /m);
    assert.match(run.output, /^flat: clients, descriptors: \d+ after each round$/m);
    assert.doesNotMatch(run.output, /NOT FLAT|FAULT/);
  });

  it("ends its processes on SIGINT, with what it has measured and exit code 130", async () => {
    const run = new Run("--seconds", "1000", "--seed", "1");
    await run.rows(1);
    const children = run.children();
    assert.equal(children.length, 2);
    const code = run.code();
    run.process.kill("SIGINT");
    assert.equal(await code, 130);
    assert.match(run.output, /, seed 1;[^]*server, descriptors: /);
    assert.deepEqual(children.filter(isRunning), []);
  });

  it("fails when a process of it dies, and leaves none behind", async () => {
    const run = new Run("--seconds", "1000");
    await run.rows(1);
    const children = run.children();
    const code = run.code();
    process.kill(children[0] as number, "SIGKILL");
    assert.equal(await code, 1);
    assert.match(run.output, /^FAULT: Error: /m);
    assert.deepEqual(children.filter(isRunning), []);
  });

  it("leaves no process behind when it is killed itself", async () => {
    const run = new Run("--seconds", "1000");
    await run.rows(1);
    const children = run.children();
    run.process.kill("SIGKILL");
    await eventually(() => children.filter(isRunning).join(" ") || undefined, 10_000);
  });

  for (const args of [["--seconds", "0"], ["--seconds", "long"], ["--seed", "x"], ["--nonesuch"]]) {
    it(`refuses ${args.join(" ")}, with exit code 2`, async () => {
      const run = new Run(...args);
      assert.equal(await run.code(), 2);
      assert.match(run.output, /--seconds N/);
    });
  }
});
