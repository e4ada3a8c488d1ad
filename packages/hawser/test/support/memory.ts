// What this process holds on to: memory after a full collection, and open file descriptors. Both are
// looked at, not told of, so waiting for them means looking again.

import { readdirSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { turn } from "./deferred.ts";

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** Bytes on the JavaScript heap and outside of it (buffers), after a full collection. */
export function memoryInUse(): number {
  collect();
  return allocatedMemory();
}

/** The same with what a collection would free: never less. */
export function allocatedMemory(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** The same, once what was let go of has really been freed, which takes the collector some turns. */
export async function settledMemory(): Promise<number> {
  for (let i = 0; i < 3; i++) {
    collect();
    await turn();
  }
  return memoryInUse();
}

/** How many file descriptors are open; 0 where the system does not tell. */
export function openDescriptors(): number {
  try {
    return readdirSync("/proc/self/fd").length;
  } catch {
    return 0;
  }
}

/** Looks every few milliseconds until the check gives no complaint any more. */
export async function eventually(
  complaint: () => string | undefined,
  limitMs: number,
): Promise<void> {
  const started = performance.now();
  for (;;) {
    const said = complaint();
    if (said === undefined) return;
    if (performance.now() - started > limitMs) {
      throw new Error(`after ${limitMs} ms still: ${said}`);
    }
    await delay(5);
  }
}
