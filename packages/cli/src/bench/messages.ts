// What the threads of a run tell each other.

import type { RecordableHistogram } from "node:perf_hooks";
import type { Phase, Tally } from "./page/result.ts";

/** A worker tells. */
export type Report =
  /** All connections were opened, or could not be. */
  | { readonly type: "opened"; readonly open: number; readonly extensions: string }
  | Tick
  /** Of fan-out: all listeners of this worker have the publisher's messages below that number. */
  | { readonly type: "delivered"; readonly publisher: number; readonly below: number }
  /** Sends no more. */
  | { readonly type: "stopped" }
  | {
      readonly type: "done";
      readonly tally: Tally;
      readonly problems: ReadonlyMap<string, number>;
      /** Opening handshakes of the connections that stay. */
      readonly handshakes: RecordableHistogram;
      /** Of a rate: how much later than intended messages left. */
      readonly lag: RecordableHistogram;
    };

/** What happened since the last tick. */
export interface Tick {
  readonly type: "tick";
  readonly phase: Phase;
  /** Microseconds since the run began. */
  readonly from: number;
  readonly to: number;
  readonly sent: number;
  readonly received: number;
  /** Connections opened in it, of a storm. */
  readonly opened: number;
  /** Connections that are open at its end. */
  readonly open: number;
  readonly faults: number;
  readonly latency: RecordableHistogram;
  /** Of the worker's event loop, 0 to 1. */
  readonly utilization: number;
}

/** The main thread tells. */
export type Command =
  /** All connections are open: measure from then on, in microseconds since the run began. */
  | { readonly type: "go"; readonly measureFrom: number }
  | {
      readonly type: "delivered";
      readonly publisher: number;
      readonly below: number;
      readonly worker: number;
    }
  /** Ends early. */
  | { readonly type: "stop" }
  /** Nobody sends any more: wait for what is under way, and end. */
  | { readonly type: "finish" };
