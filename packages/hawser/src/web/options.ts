// What Node can do beyond the standard, apart from it: the third argument. Everything has the default that
// `connect` has, but for the queue: the standard's `send` has no way to say that it is full.

import type { ConnectOptions } from "../node/connect.ts";

/** Options that the standard has a way of its own for, or that would break it. */
type Unfit =
  | "protocols"
  | "signal"
  | "data"
  | "message"
  | "drain"
  | "ping"
  | "pong"
  | "close"
  | "error"
  | "binaryViews"
  | "overflow"
  | "maxSubscriptions";

/**
 * What `WebSocket` and `WebSocketStream` take as a third argument: header fields, TLS, limits and times,
 * each as for `connect`. `maxQueuedBytes` is 1 GiB by default.
 */
export interface WebSocketExtras extends Omit<ConnectOptions, Unfit> {
  /**
   * Is told why the connection could not be made, or failed: what the standard's `error` event does not say.
   */
  readonly error?: (error: unknown) => void;
}

const GiB = 1024 ** 3;

/** The third argument. By the standard there is none: what can't be meant for us is ignored, as there. */
export function toExtras(given: unknown): WebSocketExtras {
  return typeof given === "object" && given !== null ? given : {};
}

/** The options for the client; what does not belong there does not get there. */
export function toConnectOptions(
  extras: WebSocketExtras,
  protocols: readonly string[],
  signal: AbortSignal,
  authorization: string | undefined,
): ConnectOptions {
  const { headers = [], error: _error, ...rest } = extras;
  const fields = Symbol.iterator in headers ? [...headers] : Object.entries(headers);
  const isSet = fields.some(([name]) => name.toLowerCase() === "authorization");
  if (authorization !== undefined && !isSet) fields.push(["Authorization", authorization]);
  return {
    maxQueuedBytes: GiB,
    ...rest,
    headers: fields,
    protocols,
    signal,
    // Each message is copied into memory of the page's kind before the next one is read.
    binaryViews: true,
    overflow: "close",
  };
}
