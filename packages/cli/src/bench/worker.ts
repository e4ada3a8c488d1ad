// A worker thread: does its share of the plan, and reports to the main thread.

import { parentPort, workerData } from "node:worker_threads";
import { Clock } from "./clock.ts";
import type { Command, Report } from "./messages.ts";
import { Meter } from "./meter.ts";
import { Opener } from "./opener.ts";
import type { ScenarioName } from "./page/result.ts";
import type { Share } from "./plan.ts";
import { Echo } from "./scenarios/echo.ts";
import { FanOut } from "./scenarios/fan-out.ts";
import { Idle } from "./scenarios/idle.ts";
import type { Scenario, Surroundings } from "./scenarios/scenario.ts";
import { Storm } from "./scenarios/storm.ts";

const scenarios: Record<ScenarioName, new (around: Surroundings) => Scenario> = {
  echo: Echo,
  "fan-out": FanOut,
  storm: Storm,
  idle: Idle,
};

/** How often it is looked who is silent for too long. */
const checkMs = 25;

const share = workerData as Share;
const clock = new Clock(share.startNanos);
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
const report = (message: Report): void => parentPort?.postMessage(message);
const meter = new Meter(clock, report);
const opener = new Opener({ share, clock, meter });
const scenario = new scenarios[share.scenario]({ share, clock, meter, opener, report });

let ticking: NodeJS.Timeout | undefined;
let ending: NodeJS.Timeout | undefined;

function enter(phase: typeof meter.phase): void {
  meter.flush();
  meter.phase = phase;
  clearInterval(ticking);
  ticking = setInterval(() => meter.flush(), share.tickMs);
}

function at(micros: number, action: () => void): void {
  setTimeout(action, Math.max(0, (micros - clock.now()) / 1000));
}

function stop(): void {
  if (meter.phase === "rest") return;
  clearTimeout(ending);
  if (meter.phase === "opening") opener.stop();
  enter("rest");
  scenario.stop();
  report({ type: "stopped" });
}

async function finish(): Promise<void> {
  while (!scenario.isAtRest(clock.now())) {
    // oxlint-disable-next-line no-await-in-loop
    await new Promise((resolve) => setTimeout(resolve, checkMs));
  }
  clearInterval(checking);
  clearInterval(ticking);
  await scenario.end();
  meter.flush();
  const { tally, problems, handshakes, lag } = meter;
  report({ type: "done", tally, problems, handshakes, lag });
  parentPort?.close();
}

const checking = setInterval(() => scenario.check(clock.now()), checkMs);

parentPort?.on("message", (command: Command) => {
  switch (command.type) {
    case "go":
      if (meter.phase === "rest") return;
      enter("warm-up");
      scenario.go();
      at(command.measureFrom, () => {
        if (meter.phase !== "warm-up") return;
        enter("measured");
        ending = setTimeout(stop, share.durationMs);
      });
      return;
    case "delivered":
      scenario.delivered?.(command.publisher, command.below, command.worker);
      return;
    case "stop":
      stop();
      return;
    case "finish":
      void finish();
  }
});

enter("opening");
await scenario.open();
report({ type: "opened", open: meter.open, extensions: opener.extensions });
