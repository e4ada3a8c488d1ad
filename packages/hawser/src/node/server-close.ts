// How the connections of a server are asked to close: with which code, and over which time.

import { checkCloseArguments, CloseCode } from "../protocol/index.ts";
import type { HandledLink } from "./handled-link.ts";
import { checkDelay, checkInteger } from "./check-option.ts";
import { nodePlatform } from "./platform.ts";

/** How a server closes. */
export interface CloseOptions {
  /** Milliseconds for everything; what is left then is terminated. Default 10,000. */
  readonly timeoutMs?: number;
  /** The close code. Default 1001, "going away". */
  readonly code?: number;
  readonly reason?: string;
  /**
   * Milliseconds over which the Close frames are spread, so that the clients don't all come back at
   * the same moment. Default 0.
   */
  readonly spreadMs?: number;
}

/** The options with every default filled in. */
export interface CheckedCloseOptions {
  readonly timeoutMs: number;
  readonly code: number;
  readonly reason: string | undefined;
  readonly spreadMs: number;
}

/** @throws UsageError for a close code, reason or time that can't be */
export function checkCloseOptions(options: CloseOptions): CheckedCloseOptions {
  const { timeoutMs = 10_000, code = CloseCode.goingAway, reason, spreadMs = 0 } = options;
  checkDelay("timeoutMs", timeoutMs);
  checkInteger("spreadMs", spreadMs, 0, timeoutMs);
  checkCloseArguments(nodePlatform, code, reason ?? "");
  return { timeoutMs, code, reason, spreadMs };
}

/** Has each connection say its goodbye behind what is queued for it, one after the other over `spreadMs`. */
export async function closeAll(
  all: Iterable<HandledLink>,
  { code, reason, spreadMs }: CheckedCloseOptions,
): Promise<void> {
  const links = [...all];
  const started = performance.now();
  for (const [index, link] of links.entries()) {
    const due = (spreadMs * index) / links.length;
    const early = due - (performance.now() - started);
    if (early >= 1) await new Promise((resolve) => setTimeout(resolve, early));
    link.drain(code, reason);
  }
}
