// What the connections of one server (or of one `connect` call) share beyond what all links do: handlers
// and topics. One object instead of closures, listeners and settings per connection.

import type { Buffer } from "node:buffer";
import type { ExtensionNegotiator } from "../protocol/index.ts";
import type { Connection } from "./connection.ts";
import type { HandledLink } from "./handled-link.ts";
import { isPromise } from "./is-promise.ts";
import type { LinkGroup, WireDirection } from "./link.ts";
import { optionError } from "./check-option.ts";
import type { Topics } from "./topics.ts";
import type { UpgradeRequest } from "./upgrade-request.ts";

/**
 * What happens on a connection. Handlers are shared by all connections of a server. One that throws,
 * or whose promise rejects, closes its connection with 1011 and is reported to `error`.
 */
export interface ConnectionHandlers<Data> {
  /** The connection is open. No message is delivered before it returns, or its promise settles. */
  open?(ws: Connection<Data>, request: UpgradeRequest): unknown;
  /**
   * A message came: text as a string, binary as a Buffer that is yours. While a promise is pending
   * nothing more is read from this connection: messages are handled in order, one after the other.
   */
  message?(ws: Connection<Data>, message: string | Buffer): unknown;
  /** After `send` had returned false: there is room again. */
  drain?(ws: Connection<Data>): unknown;
  /** A Ping came; its Pong is on the way already. */
  ping?(ws: Connection<Data>, payload: Buffer): unknown;
  /** A Pong came. */
  pong?(ws: Connection<Data>, payload: Buffer): unknown;
  /**
   * Bytes behind the opening handshake came ("in"), or are about to be written ("out"): whole frames or pieces
   * of them, as they are on the wire, masked and compressed, before anything else is made of them. For logs
   * of the wire. They are valid until it returns, and must not be changed; a promise is not waited for.
   */
  wire?(ws: Connection<Data>, direction: WireDirection, bytes: Uint8Array): unknown;
  /**
   * The connection has ended; called once, after all its messages were handled. The code is the one
   * of the peer's Close frame, 1005 when it had none, 1006 when none came (RFC 6455 §7.1.5).
   */
  close?(ws: Connection<Data>, code: number, reason: string): unknown;
  /**
   * Something failed: a handler threw, the peer broke the protocol or a limit (ProtocolError,
   * LimitError), or the transport failed (TransportError). Without this hook, errors that handlers
   * throw are printed with console.error, and the others are not.
   */
  error?(error: unknown, ws?: Connection<Data>): unknown;
}

/** A function that runs for the length of a connection. */
export type ConnectionFunction<Data> = (ws: Connection<Data>, request: UpgradeRequest) => unknown;

/**
 * What the connections of one server share, or the one connection of a client has for itself. The type
 * of `data` is known to the public face only: in here it is unknown.
 */
export interface Group extends LinkGroup {
  readonly handlers: ConnectionHandlers<unknown>;
  /** Runs once per connection, which is closed when it returns; then `handlers.message` is unused. */
  readonly run: ConnectionFunction<unknown> | undefined;
  /** The extensions to negotiate. */
  readonly extensions: readonly ExtensionNegotiator[];
  /** Undefined for a client. */
  readonly topics: Topics | undefined;
  readonly links: Set<HandledLink>;
}

const handlerNames = [
  "open",
  "message",
  "drain",
  "ping",
  "pong",
  "wire",
  "close",
  "error",
] as const;

/**
 * Handlers that are no functions would fail one connection after the other: better all at once.
 *
 * @throws UsageError HAWSER_OPTION_INVALID
 */
export function checkHandlers(
  handlers: Partial<Record<string, unknown>>,
  more: readonly string[] = [],
): void {
  for (const name of [...handlerNames, ...more]) {
    const handler = handlers[name];
    if (handler !== undefined && typeof handler !== "function") {
      throw optionError(name, handler, "a function");
    }
  }
}

/** Reports a failure to the `error` hook; one that the hook throws itself must not end the process. */
export function reportError(
  handlers: ConnectionHandlers<unknown>,
  error: unknown,
  isFromHandler: boolean,
  ws?: Connection,
): void {
  try {
    if (handlers.error !== undefined) {
      const told = handlers.error(error, ws);
      if (isPromise(told)) told.then(undefined, (second: unknown) => hookFailed(second, error));
    }
    // Without a hook this is the only place where the failure can be seen.
    // oxlint-disable-next-line no-console
    else if (isFromHandler) console.error("hawser: a handler failed:", error);
  } catch (second) {
    hookFailed(second, error);
  }
}

function hookFailed(second: unknown, first: unknown): void {
  // oxlint-disable-next-line no-console
  console.error("hawser: the error hook failed:", second, "while it was told of:", first);
}
