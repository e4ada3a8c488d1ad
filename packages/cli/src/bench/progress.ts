// One line that says how it goes, written over itself while a run lasts; on a terminal only.

import type { Io } from "../io.ts";
import { paintFor } from "../shared/paint.ts";
import { count, plural, time } from "./figures.ts";
import type { Moment, ScenarioName } from "./page/result.ts";

/** Goes to the first column and clears the line. */
const restart = "\r\x1b[2K";

export interface Progress {
  show(moment: Moment): void;
  /** Takes the line away. */
  end(): void;
}

export function progressOn({ stderr }: Io, scenario: ScenarioName): Progress {
  if ((stderr as { isTTY?: boolean }).isTTY !== true) return { show() {}, end() {} };
  const paint = paintFor(stderr);
  let faults = 0;
  return {
    show(moment) {
      faults += moment.faults;
      const parts = [`${moment.to.toFixed(1).padStart(5)} s`, plural(moment.open, "connection")];
      if (scenario === "storm") parts.push(`${count(moment.opened)} handshakes/s`);
      if (scenario === "echo" || scenario === "fan-out") {
        parts.push(`${count(moment.received)} messages/s`);
      }
      if (moment.latency !== undefined) {
        parts.push(`p50 ${time(moment.latency.p50)}`, `p99 ${time(moment.latency.p99)}`);
      }
      if (faults > 0) parts.splice(1, 0, plural(faults, "fault"));
      const phase = moment.phase.padEnd(8);
      // A line that wraps could not be written over. A terminal may not know how wide it is, and say 0.
      const room = ((stderr as { columns?: number }).columns || 80) - phase.length - 2;
      while (parts.length > 1 && parts.join("  ").length > room) parts.pop();
      const style = faults > 0 ? "red" : "cyan";
      stderr.write(`${restart}${paint(style, phase)} ${parts.join("  ")}`);
    },
    end() {
      stderr.write(restart);
    },
  };
}
