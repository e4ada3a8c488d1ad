// The load of an idle scenario: handshakes, and then nothing. The memory is compared with that of the
// same server with some connections open already: by then its code is loaded and compiled and its heap
// has grown, so that the difference is what the connections hold.

import { setTimeout as sleep } from "node:timers/promises";
import { openConnection } from "./connection.ts";
import type { Measurement, Target } from "./measurement.ts";
import { readCpuUs, readRssBytes } from "./process-stats.ts";
import type { IdleScenario } from "./scenarios.ts";

/** Connections that are open before the first look. */
const warmUpConnections = 1_000;
/** Handshakes under way at a time. */
const handshakesAtOnce = 64;

export async function measureIdle(scenario: IdleScenario, target: Target): Promise<Measurement> {
  const { connections } = scenario;
  await openConnections(target.port, warmUpConnections);
  const rssBefore = await settledRss(target.pid);
  const cpuBefore = readCpuUs(target.pid);
  await openConnections(target.port, connections);
  const cpuUs = readCpuUs(target.pid) - cpuBefore;
  const rssBytes = (await settledRss(target.pid)) - rssBefore;
  return {
    figures: {
      cpuPerHandshakeUs: cpuUs / connections,
      rssPerConnectionKiB: rssBytes / connections / 1024,
    },
  };
}

async function openConnections(port: number, count: number): Promise<void> {
  const onBytes = (): never => {
    throw new Error("the server sent something on an idle connection");
  };
  let started = 0;
  const openInTurn = async (): Promise<void> => {
    while (started < count) {
      started++;
      await openConnection(port, onBytes);
    }
  };
  await Promise.all(Array.from({ length: handshakesAtOnce }, openInTurn));
}

/** Has the server collect its garbage, and waits until its memory stays as it is. */
async function settledRss(pid: number): Promise<number> {
  const stepMs = 100;
  const stepBytes = 64 * 1024;
  let last = 0;
  let steadySteps = 0;
  for (let step = 0; step < 30 && steadySteps < 5; step++) {
    if (step % 5 === 0) process.kill(pid, "SIGUSR2");
    await sleep(stepMs);
    const rss = readRssBytes(pid);
    steadySteps = Math.abs(rss - last) <= stepBytes ? steadySteps + 1 : 0;
    last = rss;
  }
  return last;
}
