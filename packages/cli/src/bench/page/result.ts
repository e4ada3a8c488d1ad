// What a run found: the file that --json writes, and what the summary and the report show. Data only, since the report
// has it in a page.

export type ScenarioName = "echo" | "fan-out" | "storm" | "idle";

/** The parts of a run: connections are opened, warm-up, what is measured, and what comes after. */
export type Phase = "opening" | "warm-up" | "measured" | "rest";

/** In microseconds. */
export interface Latency {
  readonly count: number;
  readonly min: number;
  readonly mean: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
}

export type PercentilePoint = readonly [percentile: number, micros: number];

/** What is counted in a run. */
export interface Tally {
  /** Messages, in the whole run and not only in the part that is measured. */
  sent: number;
  /** Messages that came and are ours, each once. */
  received: number;
  /** Never came, or not within the time that is waited for it. */
  lost: number;
  /** Came after the time in which an answer has to come. */
  late: number;
  /** Came after one that was sent later. */
  reordered: number;
  duplicated: number;
  /** Changed on the way. */
  altered: number;
  /** Came to another connection than it belongs to. */
  misdelivered: number;
  /** Messages of others, such as a greeting. */
  unknown: number;
  /** How often a connection owed an answer and was silent for too long. */
  stalls: number;
  /** Of a rate: the connection took no more, and too many waited already. */
  unsent: number;
  /** Connections that were opened, and those that could not be. */
  opened: number;
  failed: number;
  /** Connections that ended though nobody wanted it. */
  dropped: number;
}

/** A stretch of time, in all workers. Times are seconds since the run began, figures are a second. */
export interface Moment {
  readonly phase: Phase;
  readonly from: number;
  readonly to: number;
  readonly sent: number;
  readonly received: number;
  readonly opened: number;
  /** Connections open at its end. */
  readonly open: number;
  readonly faults: number;
  readonly latency: Latency | undefined;
}

export interface BenchResult {
  readonly version: string;
  readonly startedAt: string;
  /** Without credentials. */
  readonly url: string;
  readonly scenario: ScenarioName;
  readonly options: {
    readonly connections: number;
    readonly publishers: number | undefined;
    readonly workers: number;
    readonly rate: number | undefined;
    readonly inFlight: number | undefined;
    readonly sizes: readonly number[];
    readonly isText: boolean;
    readonly isSpinning: boolean;
    readonly rampSeconds: number;
    readonly warmUpSeconds: number;
    readonly durationSeconds: number;
    readonly timeoutSeconds: number;
  };
  /** What was agreed on with the server, such as permessage-deflate. */
  readonly extensions: string;
  readonly machine: { readonly node: string; readonly platform: string; readonly cpus: number };
  /** Ended before its time. */
  readonly isInterrupted: boolean;
  /** Nothing was lost, late, out of order, there twice or changed, and no connection failed. */
  readonly isFaultless: boolean;
  /** The time that was measured. */
  readonly measuredSeconds: number;
  /** In that time: messages sent, messages that came, connections opened. */
  readonly measured: {
    readonly sent: number;
    readonly received: number;
    readonly opened: number;
    readonly sentPerSecond: number;
    readonly receivedPerSecond: number;
    readonly openedPerSecond: number;
  };
  /** Microseconds. Of a storm: of the handshakes; of idle: of the Ping at the end. */
  readonly latency: Latency | undefined;
  readonly distribution: readonly PercentilePoint[];
  /** Of the opening handshakes, whatever the scenario. */
  readonly handshakes: Latency | undefined;
  /** Of a rate: how much later than intended messages left. It is part of the latency. */
  readonly lag: Latency | undefined;
  /** In the whole run, and not only in the time that was measured. */
  readonly counts: Tally;
  readonly problems: Readonly<Record<string, number>>;
  readonly generator: {
    readonly cpuSeconds: number;
    readonly cpuMicrosPerMessage: number | undefined;
    /** Of the busiest worker's event loop, 0 to 1. */
    readonly utilization: number;
  };
  readonly timeline: readonly Moment[];
}
