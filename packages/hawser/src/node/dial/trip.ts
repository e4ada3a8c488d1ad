// One way to a server, phase after phase. Whoever gives up asks the trip how far it has come; every failure
// says so too, and names who was to be reached: host and port, never a user or a password.

import type { Duplex } from "node:stream";
import { type ConnectPhase, TransportError } from "../../protocol/index.ts";

/** A way to a server that is being made. */
export interface Trip {
  /** Gives up. */
  readonly signal: AbortSignal;
  /** What it is at. */
  phase: ConnectPhase;
}

/** Somebody on the way: a proxy, or the server itself. */
export interface Hop {
  /** A name or an address, without brackets. */
  readonly host: string;
  readonly port: number;
  /** Whether it speaks TLS. */
  readonly isSecure: boolean;
  readonly isProxy: boolean;
}

/** Host and port, as a URL and a CONNECT request have them. */
export function authorityOf({ host, port }: Hop): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** How messages call it. */
export function titleOf(hop: Hop): string {
  return hop.isProxy ? `the proxy ${authorityOf(hop)}` : authorityOf(hop);
}

/** The error of a connection that could not be made. */
export function connectError({ phase }: Trip, to: string, cause: Error): TransportError {
  const why = cause instanceof AggregateError ? cause.errors.map(String).join("; ") : cause.message;
  const message = `can't connect to ${to} (${phase}): ${why}`;
  return new TransportError("HAWSER_CONNECT", message, cause, phase);
}

/** Nobody needs to know: whoever is at work hears of it in another way. */
export function ignore(): void {}

/**
 * Resolves with that event of the stream.
 *
 * @throws TransportError HAWSER_CONNECT when the stream fails or ends before; or the reason of the signal
 */
export function happens(stream: Duplex, event: string, to: string, trip: Trip): Promise<void> {
  const { signal } = trip;
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      signal.removeEventListener("abort", onAbort);
      stream.removeListener(event, onEvent);
      stream.removeListener("error", onError);
      stream.removeListener("close", onClose);
    };
    const onEvent = (): void => {
      settle();
      resolve();
    };
    const onError = (error: Error): void => {
      settle();
      reject(connectError(trip, to, error));
    };
    const onClose = (): void => onError(new Error("the connection ended"));
    const onAbort = (): void => {
      settle();
      reject(signal.reason as Error);
    };
    stream.once(event, onEvent).once("error", onError).once("close", onClose);
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) onAbort();
    else if (stream.destroyed) onClose();
  });
}

/** The promise, unless the signal is first. @throws the reason of the signal */
export function unlessAborted<Value>(
  promise: PromiseLike<Value>,
  { signal }: Trip,
): Promise<Value> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error);
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) onAbort();
    promise.then(resolve, reject).then(() => signal.removeEventListener("abort", onAbort), ignore);
  });
}
