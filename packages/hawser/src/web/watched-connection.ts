// What the diagnostics channels show of a WebSocket or a WebSocketStream: the facts that a `Connection` has by
// the same names, so that a subscriber can treat all alike. It can only be looked at.

import {
  type ConnectionState,
  type ConnectionStats,
  extensionsOf,
  idOf,
  nextSerial,
  remoteAddressOf,
  statsOf,
  stateOf,
} from "../node/link-facts.ts";
import type { Link } from "../node/link.ts";

/** The connection of a WebSocket or a WebSocketStream, in what the diagnostics channels publish. */
export class WatchedConnection {
  readonly #link: Link;
  readonly #serial: number = nextSerial();

  /** The `WebSocket` or `WebSocketStream` that it belongs to. */
  readonly webSocket: object;

  constructor(link: Link, webSocket: object) {
    this.#link = link;
    this.webSocket = webSocket;
  }

  /** Unique among all connections of all processes. */
  get id(): string {
    return idOf(this.#serial);
  }

  /** The subprotocol that both agreed on; "" for none. */
  get protocol(): string {
    return this.#link.protocol;
  }

  /** The extensions in use, as the Sec-WebSocket-Extensions header lists them; "" for none. */
  get extensions(): string {
    return extensionsOf(this.#link);
  }

  /** "closing" from the first Close frame on, whoever sent it; "closed" once TCP has ended too. */
  get state(): ConnectionState {
    return stateOf(this.#link);
  }

  /** The peer's IP address; undefined for a unix socket, and once the socket is gone. */
  get remoteAddress(): string | undefined {
    return remoteAddressOf(this.#link);
  }

  /** Bytes that are queued and not yet handed to the operating system, frame headers included. */
  get bufferedBytes(): number {
    return this.#link.writer.bufferedBytes;
  }

  get stats(): ConnectionStats {
    return statsOf(this.#link);
  }
}
