// A process kept busy, looked at from outside: its CPU time and the count of what it did, read in the
// same moments, at both ends of a window of time.

import { setTimeout as sleep } from "node:timers/promises";
import type { FigureName, Measurement } from "../measurement.ts";
import { readCpuUs, readWaitUs } from "./process-stats.ts";

/** Until the code is compiled and the heap has found its size. */
const warmUpMs = 500;

/** What one thing costs, of which `count` says how many there were so far, while `during` goes on. */
export async function observe(
  figure: FigureName,
  pid: number,
  count: () => number,
  during: () => Promise<unknown>,
): Promise<Measurement> {
  const sample = () => ({
    count: count(),
    timeUs: performance.now() * 1_000,
    cpuUs: readCpuUs(pid),
    waitUs: readWaitUs(pid),
  });
  const before = sample();
  await during();
  const after = sample();
  const done = after.count - before.count;
  const timeUs = after.timeUs - before.timeUs;
  const cpuUs = after.cpuUs - before.cpuUs;
  const waitUs = after.waitUs - before.waitUs;
  if (done === 0) throw new Error("nothing came back in the window of time");
  return {
    figures: { [figure]: cpuUs / done },
    work: {
      perSecond: (done * 1e6) / timeUs,
      coresUsed: cpuUs / timeUs,
      coresWanted: (cpuUs + waitUs) / timeUs,
    },
  };
}

/** The same for messages, over that many seconds after a warm-up. */
export async function observeMessages(
  pid: number,
  count: () => number,
  seconds: number,
): Promise<Measurement> {
  await sleep(warmUpMs);
  return observe("cpuPerMessageUs", pid, count, () => sleep(seconds * 1_000));
}
