// A run, from the main thread: starts the workers, tells them when to measure, and puts together what they report.

import { availableParallelism, release, type } from "node:os";
import { hrtime } from "node:process";
import { Worker } from "node:worker_threads";
import { Clock } from "./clock.ts";
import { distributionOf, latencyOf, newHistogram } from "./latency.ts";
import type { Command, Report } from "./messages.ts";
import type { BenchResult, Moment } from "./page/result.ts";
import { divide, type Plan, type Share } from "./plan.ts";
import { addTally, isFaultless, newTally } from "./tally.ts";
import { Timeline } from "./timeline.ts";

/** Between the message that all connections are open and the beginning, so that all workers have heard of it. */
const headStartMicros = 10_000;

type Done = Extract<Report, { type: "done" }>;

class Run {
  readonly timeline: Timeline = new Timeline();
  readonly startedAt: Date = new Date();
  readonly shares: readonly Share[];
  readonly #plan: Plan;
  readonly #clock: Clock;
  readonly #workers: readonly Worker[];
  readonly #onMoment: (moment: Moment) => void;
  /** Of what is awaited of all workers, how many have reported it. */
  readonly #reports = { opened: 0, stopped: 0 };
  readonly #open: number[];
  readonly done: Done[] = [];
  isInterrupted = false;
  extensions = "";
  /** In the time that is measured. */
  cpuMicros = 0;
  #cpuBefore: NodeJS.CpuUsage | undefined;

  constructor(plan: Plan, onMoment: (moment: Moment) => void) {
    this.#plan = plan;
    this.#onMoment = onMoment;
    const startNanos = hrtime.bigint();
    this.#clock = new Clock(startNanos);
    this.shares = divide(plan, startNanos);
    this.#open = this.shares.map(() => 0);
    const program = new URL("worker.js", import.meta.url);
    this.#workers = this.shares.map((workerData) => new Worker(program, { workerData }));
  }

  /** Resolves when all workers are done. */
  async finished(signal: AbortSignal): Promise<void> {
    const interrupt = (): void => {
      this.isInterrupted = true;
      this.#stop();
    };
    signal.addEventListener("abort", interrupt);
    try {
      await new Promise<void>((resolve, reject) => {
        for (const [index, worker] of this.#workers.entries()) {
          worker.on("error", reject);
          worker.on("message", (report: Report) => {
            this.#receive(index, report);
            if (this.done.length === this.#workers.length) resolve();
          });
        }
        if (signal.aborted) interrupt();
      });
    } finally {
      signal.removeEventListener("abort", interrupt);
      await Promise.all(this.#workers.map((worker) => worker.terminate()));
    }
  }

  #receive(worker: number, report: Report): void {
    switch (report.type) {
      case "opened":
        if (report.extensions !== "") this.extensions = report.extensions;
        this.#open[worker] = report.open;
        if (++this.#reports.opened === this.#workers.length) this.#go();
        return;
      case "tick":
        this.#open[worker] = report.open;
        this.#onMoment(this.timeline.add(worker, report));
        if (report.phase === "measured" && this.#isDeserted()) this.#stop();
        return;
      case "delivered":
        this.#workers[0]?.postMessage({ ...report, worker } satisfies Command);
        return;
      case "stopped":
        if (++this.#reports.stopped === this.#workers.length) this.#finish();
        return;
      case "done":
        this.done.push(report);
    }
  }

  #go(): void {
    if (this.isInterrupted) return;
    if (this.#isDeserted()) return this.#stop();
    const { warmUpMs } = this.#plan;
    const measureFrom = this.#clock.now() + headStartMicros + warmUpMs * 1000;
    this.#tell({ type: "go", measureFrom });
    // A run that ends before does not wait for it.
    setTimeout(() => this.#measure(), headStartMicros / 1000 + warmUpMs).unref();
  }

  #measure(): void {
    if (this.#reports.stopped > 0) return;
    this.#cpuBefore = process.cpuUsage();
  }

  /** Nobody sends any more. */
  #finish(): void {
    if (this.#cpuBefore !== undefined) {
      const { user, system } = process.cpuUsage(this.#cpuBefore);
      this.cpuMicros = user + system;
    }
    this.#tell({ type: "finish" });
  }

  /** No connection is left that anything could be measured on. */
  #isDeserted(): boolean {
    return this.#plan.scenario !== "storm" && this.#open.every((open) => open === 0);
  }

  #stop(): void {
    this.#tell({ type: "stop" });
  }

  #tell(command: Command): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
    for (const worker of this.#workers) worker.postMessage(command);
  }
}

export interface RunOptions {
  readonly version: string;
  readonly signal: AbortSignal;
  /** Told of each stretch of time, as it is known then. */
  onMoment(moment: Moment): void;
}

/** @throws Error when a worker fails */
export async function runBench(plan: Plan, options: RunOptions): Promise<BenchResult> {
  const run = new Run(plan, (moment) => options.onMoment(moment));
  await run.finished(options.signal);
  return resultOf(plan, run, options.version);
}

function resultOf(plan: Plan, run: Run, version: string): BenchResult {
  const { timeline } = run;
  const { measured } = timeline;
  const counts = newTally();
  const problems: Record<string, number> = {};
  const handshakes = newHistogram();
  const lag = newHistogram();
  for (const done of run.done) {
    addTally(counts, done.tally);
    handshakes.add(done.handshakes);
    lag.add(done.lag);
    for (const [words, count] of done.problems) problems[words] = (problems[words] ?? 0) + count;
  }
  const seconds = timeline.measuredMicros / 1e6;
  const perSecond = (count: number): number => (seconds === 0 ? 0 : Math.round(count / seconds));
  const work = plan.scenario === "storm" ? measured.opened : measured.received;
  const hasMessages = plan.scenario === "echo" || plan.scenario === "fan-out";
  return {
    version,
    startedAt: run.startedAt.toISOString(),
    url: withoutCredentials(plan.url),
    scenario: plan.scenario,
    options: {
      connections: plan.connections,
      publishers: plan.scenario === "fan-out" ? plan.publishers : undefined,
      workers: plan.workers,
      rate: plan.rate,
      inFlight: hasMessages && plan.rate === undefined ? plan.inFlight : undefined,
      sizes: hasMessages ? plan.sizes : [],
      isText: plan.isText,
      isSpinning: plan.isSpinning,
      rampSeconds: plan.rampMs / 1000,
      warmUpSeconds: plan.warmUpMs / 1000,
      durationSeconds: plan.durationMs / 1000,
      timeoutSeconds: plan.timeoutMs / 1000,
    },
    extensions: run.extensions,
    machine: {
      node: process.version,
      platform: `${type()} ${release()}`,
      cpus: availableParallelism(),
    },
    isInterrupted: run.isInterrupted,
    isFaultless: isFaultless(counts),
    measuredSeconds: Math.round(seconds * 1000) / 1000,
    measured: {
      ...measured,
      sentPerSecond: perSecond(measured.sent),
      receivedPerSecond: perSecond(measured.received),
      openedPerSecond: perSecond(measured.opened),
    },
    latency: latencyOf(timeline.latency),
    distribution: distributionOf(timeline.latency),
    handshakes: latencyOf(handshakes),
    lag: latencyOf(lag),
    counts,
    problems,
    generator: {
      cpuSeconds: Math.round(run.cpuMicros / 1000) / 1000,
      cpuMicrosPerMessage: work > 0 ? Math.round((run.cpuMicros / work) * 1000) / 1000 : undefined,
      utilization: Math.round(timeline.utilization * 1000) / 1000,
    },
    timeline: timeline.moments((run.shares[0] as Share).tickMs),
  };
}

function withoutCredentials(text: string): string {
  const url = new URL(text);
  url.username = "";
  url.password = "";
  return url.href;
}
