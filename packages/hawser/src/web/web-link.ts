// The link behind a WebSocket or a WebSocketStream: what comes goes to one of them, one message at a time,
// and the next only when it says so.

import type { Duplex } from "node:stream";
import { type PreparedClient, prepareClient } from "../node/connect.ts";
import { type Agreement, type Closed, Hold, Link, type LinkGroup } from "../node/link.ts";
import { extensionsOf } from "../node/link-facts.ts";
import type { Message, OnWritten } from "../protocol/index.ts";
import { diagnostics } from "../node/diagnostics.ts";
import { toConnectOptions, type WebSocketExtras } from "./options.ts";
import { authorizationOf, destinationOf } from "./url.ts";
import { WatchedConnection } from "./watched-connection.ts";

/** Who is behind a link: a WebSocket or a WebSocketStream. */
export interface WebFace {
  /** The object that users have. */
  readonly webSocket: object;
  /** A message came. Binary is a view that is valid until this returns. */
  received(message: Message): void;
  /** Both Close frames are exchanged. */
  peerClosed?(): void;
  /** The socket is gone; what it had brought is still to be delivered. */
  socketGone?(): void;
  /** The connection has ended, after all messages. */
  ended(closed: Closed): void;
}

export class WebLink extends Link {
  readonly #face: WebFace;
  readonly #error: WebSocketExtras["error"];
  #watched: WatchedConnection | undefined;

  constructor(
    group: LinkGroup,
    socket: Duplex,
    agreement: Agreement,
    face: WebFace,
    error: WebSocketExtras["error"],
  ) {
    super(group, socket, agreement);
    this.#face = face;
    this.#error = error;
  }

  start(early: Uint8Array): void {
    this.begin();
    if (diagnostics.open.hasSubscribers) diagnostics.open.publish({ connection: this.#shown() });
    this.beginReading(early, "later");
  }

  /** What the diagnostics channels show of it: made when somebody looks first. */
  #shown(): WatchedConnection {
    return (this.#watched ??= new WatchedConnection(this, this.#face.webSocket));
  }

  /** The extensions in use, as the header of the server's answer lists them; "" for none. */
  get extensions(): string {
    return extensionsOf(this);
  }

  /** Whether neither side has begun to close. */
  get isOpen(): boolean {
    return this.endpoint.state === "open";
  }

  /** Whether the socket is gone. */
  get isGone(): boolean {
    return this.isSocketGone;
  }

  /** Delivers nothing more until `release`. */
  hold(): void {
    this.holdFor(Hold.handler);
  }

  release(): void {
    this.releaseFor(Hold.handler);
  }

  /** Queues a message; false when there is no room for another, or the connection is not open. */
  send(message: Message, onWritten?: OnWritten): boolean {
    return this.writer.send(message, onWritten === undefined ? {} : { onWritten });
  }

  callBack(onWritten: OnWritten, error: Error | undefined): void {
    onWritten(error);
  }

  protected override onMessage(message: Message): void {
    if (diagnostics.message.hasSubscribers) {
      diagnostics.message.publish({ connection: this.#shown(), message });
    }
    this.#face.received(message);
  }

  protected override onFailure(error: Error): void {
    this.report(error);
  }

  /** Tells whoever was given as `error`, and whoever watches. */
  report(error: unknown): void {
    if (diagnostics.error.hasSubscribers) {
      diagnostics.error.publish({ connection: this.#shown(), error });
    }
    tell(this.#error, error);
  }

  override closeExchanged(): void {
    super.closeExchanged();
    this.#face.peerClosed?.();
  }

  protected override onSocketGone(): void {
    this.#face.socketGone?.();
  }

  protected override onEnd(closed: Closed): void {
    if (diagnostics.close.hasSubscribers) {
      diagnostics.close.publish({ connection: this.#shown(), ...closed });
    }
    this.#face.ended(closed);
  }

  // The standard has no pings, and asks `bufferedAmount` instead of waiting for a drain.
  protected override onPing(): void {}
  protected override onPong(): void {}
  protected override onDrain(): void {}
}

/** Tells why; what that throws is reported as of a listener, and disturbs nothing. */
export function tell(listener: WebSocketExtras["error"], error: unknown): void {
  try {
    listener?.(error);
  } catch (thrown) {
    process.nextTick(() => {
      throw thrown;
    });
  }
}

/** An opening handshake that goes on, and can be given up. */
export interface Handshake {
  readonly link: Promise<WebLink>;
  /** Gives up; of no effect once there is a link. */
  abort(): void;
}

/**
 * Begins to connect.
 *
 * @throws UsageError for an extra that is wrong
 */
export function beginHandshake(
  url: URL,
  protocols: readonly string[],
  extras: WebSocketExtras,
  face: WebFace,
): Handshake {
  const controller = new AbortController();
  const client: PreparedClient = prepareClient(
    destinationOf(url),
    toConnectOptions(extras, protocols, controller.signal, authorizationOf(url)),
  );
  const link = client.open((socket, { protocol, extension: agreed, rest }) => {
    const made = new WebLink(client.group, socket, { protocol, agreed }, face, extras.error);
    made.start(rest);
    return made;
  });
  return { link, abort: () => controller.abort() };
}
