// The WebSocket as users see it. An interface and a constructor, as the DOM's types have them: so either can
// stand for the other, which classes with private fields can't.

import type { CloseEvent } from "./close-event.ts";
import type { WebSocketExtras } from "./options.ts";

/** As what binary messages come. */
export type BinaryType = "blob" | "arraybuffer";

/** The events of a WebSocket. */
export interface WebSocketEventMap {
  open: Event;
  message: MessageEvent;
  error: Event;
  close: CloseEvent;
}

/** A handler of one of the events. */
export type HandlerOf<Name extends keyof WebSocketEventMap> =
  | ((this: WebSocket, event: WebSocketEventMap[Name]) => unknown)
  | null;

type Listener = Parameters<EventTarget["addEventListener"]>[1];
type AddOptions = Parameters<EventTarget["addEventListener"]>[2];
type RemoveOptions = Parameters<EventTarget["removeEventListener"]>[2];

/** A client's WebSocket as browsers have it. */
export interface WebSocket extends EventTarget {
  readonly CONNECTING: 0;
  readonly OPEN: 1;
  readonly CLOSING: 2;
  readonly CLOSED: 3;
  /** The URL, with scheme ws or wss. */
  readonly url: string;
  /** CONNECTING, OPEN, CLOSING from the first Close frame on, whoever sent it, or CLOSED. */
  readonly readyState: 0 | 1 | 2 | 3;
  /** Bytes of content that were queued with `send` and have not gone to the network yet. */
  readonly bufferedAmount: number;
  /** The extensions in use; "" for none. */
  readonly extensions: string;
  /** The subprotocol that the server chose; "" for none. */
  readonly protocol: string;
  /** As what binary messages come. Default "blob". */
  binaryType: BinaryType;
  onopen: HandlerOf<"open">;
  onmessage: HandlerOf<"message">;
  onerror: HandlerOf<"error">;
  onclose: HandlerOf<"close">;
  /**
   * Sends a message: bytes and Blobs as binary, all else as text. Once the connection closes, what is sent
   * only counts in `bufferedAmount`.
   *
   * @throws DOMException InvalidStateError while connecting
   */
  send(data: string | ArrayBuffer | ArrayBufferView | Blob): void;
  /**
   * Closes, behind all that was sent; does nothing when that has begun already. While connecting: gives up.
   *
   * @param code 1000 or 3000 to 4999; without it the Close frame carries none
   * @param reason at most 123 bytes of UTF-8
   * @throws DOMException InvalidAccessError for the code, SyntaxError for the reason
   */
  close(code?: number, reason?: string): void;
  addEventListener<Name extends keyof WebSocketEventMap>(
    type: Name,
    listener: (this: WebSocket, event: WebSocketEventMap[Name]) => unknown,
    options?: AddOptions,
  ): void;
  addEventListener(type: string, listener: Listener, options?: AddOptions): void;
  removeEventListener<Name extends keyof WebSocketEventMap>(
    type: Name,
    listener: (this: WebSocket, event: WebSocketEventMap[Name]) => unknown,
    options?: RemoveOptions,
  ): void;
  removeEventListener(type: string, listener: Listener, options?: RemoveOptions): void;
}

/** The class WebSocket. */
export interface WebSocketConstructor {
  readonly prototype: WebSocket;
  readonly CONNECTING: 0;
  readonly OPEN: 1;
  readonly CLOSING: 2;
  readonly CLOSED: 3;
  /**
   * Begins to connect.
   *
   * @param url ws:, wss:, or http: and https: for the same
   * @param protocols the subprotocols to ask for; the server has to choose one
   * @param extras what Node can do beyond the standard: header fields, TLS, limits and times
   * @throws DOMException SyntaxError for the URL and the subprotocols; UsageError for an extra
   */
  new (
    url: string | URL,
    protocols?: string | readonly string[],
    extras?: WebSocketExtras,
  ): WebSocket;
}
