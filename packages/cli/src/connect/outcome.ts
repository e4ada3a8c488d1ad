// How a connection ended, in words and as an exit code.

import type { Closed } from "hawser";
import { exitCode } from "./exit-code.ts";

/** Close codes of an end that somebody wanted: "normal closure", and none given. */
const normalCodes: ReadonlySet<number> = new Set([1000, 1005]);

export interface Outcome {
  /** What is said of it. */
  readonly text: string;
  /** Whether it is what the user, or the server in good order, wanted. */
  readonly isWanted: boolean;
  readonly exitCode: number;
}

/** @param ourCode the code that we closed with, if we did */
export function outcomeOf({ code, reason, error }: Closed, ourCode: number | undefined): Outcome {
  const isWanted = normalCodes.has(code) || code === ourCode;
  const said = `${code}${reason && `: ${reason}`}`;
  if (isWanted) return { text: `closed ${said}`, isWanted, exitCode: exitCode.ok };
  const why = error === undefined ? "" : ` (${error.message})`;
  return {
    text: `hawser: closed with ${said}${why}`,
    isWanted,
    // Also where the peer broke a rule: what we know is that no Close frame of its came.
    exitCode: code === 1006 ? exitCode.broken : exitCode.closed,
  };
}
