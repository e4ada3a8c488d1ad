// What must hold after every bad input: the process had no uncaught exception or rejection, and file
// descriptors and memory are back where they were.

import assert from "node:assert/strict";
import { allocatedMemory, eventually, memoryInUse, openDescriptors } from "./memory.ts";

const MiB = 1024 * 1024;

/** Memory that a process may have more than before: compiled code, the test runner's own records. */
const slackBytes = 2 * MiB;
const limitMs = 10_000;

const uncaught: unknown[] = [];
process.on("uncaughtExceptionMonitor", (error) => uncaught.push(error));
process.on("unhandledRejection", (reason) => uncaught.push(reason));

export class Baseline {
  #descriptors = openDescriptors();
  #bytes = memoryInUse();

  /** Takes what is in use now as the base. */
  reset(): void {
    this.#descriptors = openDescriptors();
    this.#bytes = memoryInUse();
    uncaught.length = 0;
  }

  /** Fails unless everything is back at the base within ten seconds. */
  async check(): Promise<void> {
    assert.deepEqual(uncaught, [], "uncaught");
    await eventually(() => {
      const more = openDescriptors() - this.#descriptors;
      return more > 0 ? `${more} more open file descriptors than before` : undefined;
    }, limitMs);
    // What was not collected yet counts here: within the slack with all of that, there is nothing to collect for.
    if (allocatedMemory() - this.#bytes <= slackBytes) return;
    await eventually(() => {
      const more = memoryInUse() - this.#bytes;
      return more > slackBytes ? `${(more / MiB).toFixed(1)} MiB more than before` : undefined;
    }, limitMs);
    this.reset();
  }
}
