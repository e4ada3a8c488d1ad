// `WebSocket` of `ws` as users see it: a class, the type of its objects and a namespace of types, all of one
// name. Here is the shape that programs written for `ws` compile against; the class that does it has private
// members, which would make every other declaration of the same shape a stranger to it.

import type { Buffer } from "node:buffer";
import type { IncomingMessage } from "node:http";
import type * as client from "../client-options.ts";
import type * as data from "../data.ts";
import { extension } from "../extension.ts";
import type { SendOptions } from "../sending-link.ts";
import * as deflate from "../permessage-deflate.ts";
import type { ReadyState } from "../ready-state.ts";
import { Receiver } from "../receiver.ts";
import { Sender } from "../sender.ts";
import type * as server from "../server-options.ts";
import { createWebSocketStream } from "../stream.ts";
import { subprotocol } from "../subprotocol.ts";
import { WebSocket as Implementation } from "../web-socket.ts";
import type * as events from "./events.ts";
import type { WebSocketClass, WebSocketConstructor } from "./web-socket-class.ts";
import * as face from "./web-socket-server.ts";

export interface WebSocket extends events.TypedEmitter<events.SocketEvents> {
  readonly CONNECTING: 0;
  readonly OPEN: 1;
  readonly CLOSING: 2;
  readonly CLOSED: 3;

  /** The form of binary messages; what is no such form is not taken. */
  get binaryType(): data.ReadBinaryType;
  set binaryType(type: data.BinaryType);
  /** Bytes that are queued, frame headers included, and those that came too late to be sent. */
  readonly bufferedAmount: number;
  /** The names of the extensions in use. */
  readonly extensions: string;
  readonly isPaused: boolean;
  readonly protocol: string;
  readonly readyState: ReadyState;
  /** Undefined on the server's side, whatever the compiler thinks. */
  readonly url: string;

  onopen: ((event: events.Event) => void) | null;
  onmessage: ((event: events.MessageEvent) => void) | null;
  onclose: ((event: events.CloseEvent) => void) | null;
  onerror: ((event: events.ErrorEvent) => void) | null;

  /**
   * Sends a message: a string or a number as text, anything else as binary.
   *
   * @param callback called when it was written, or could not be
   * @throws Error while it is connecting
   */
  send(message: data.BufferLike, callback?: (error?: Error) => void): void;
  send(message: data.BufferLike, options: SendOptions, callback?: (error?: Error) => void): void;

  /** @throws Error while it is connecting; RangeError for more than 125 bytes */
  ping(payload?: unknown, mask?: boolean, callback?: (error: Error) => void): void;
  /** @throws Error while it is connecting; RangeError for more than 125 bytes */
  pong(payload?: unknown, mask?: boolean, callback?: (error: Error) => void): void;

  /**
   * Starts the closing handshake.
   *
   * @throws TypeError for a code that must not be sent; RangeError for more than 123 bytes of reason
   */
  close(code?: number, reason?: string | Buffer): void;
  /** Ends at once, without a closing handshake. */
  terminate(): void;

  /** Stops reading. */
  pause(): void;
  resume(): void;

  addEventListener<Type extends keyof events.WebSocketEventMap>(
    type: Type,
    listener: events.EventListener<Type>,
    options?: events.EventListenerOptions,
  ): void;
  removeEventListener<Type extends keyof events.WebSocketEventMap>(
    type: Type,
    listener: events.EventListener<Type>,
  ): void;
}

/** For the namespace, where the name itself is another. */
type Self = WebSocket;

/** Types that go by `WebSocket.…`. */
export declare namespace WebSocket {
  type RawData = data.RawData;
  type Data = data.Data;
  type CertMeta = client.CertMeta;
  type VerifyClientCallbackSync<Request extends IncomingMessage = IncomingMessage> =
    server.VerifyClientCallbackSync<Request>;
  type VerifyClientCallbackAsync<Request extends IncomingMessage = IncomingMessage> =
    server.VerifyClientCallbackAsync<Request>;
  type FinishRequestCallback = client.FinishRequestCallback;
  interface ClientOptions extends client.ClientOptions {}
  interface PerMessageDeflateOptions extends deflate.PerMessageDeflateOptions {}
  interface Event extends events.Event {}
  interface ErrorEvent extends events.ErrorEvent {}
  interface CloseEvent extends events.CloseEvent {}
  interface MessageEvent extends events.MessageEvent {}
  interface WebSocketEventMap extends events.WebSocketEventMap {}
  interface EventListenerOptions extends events.EventListenerOptions {}
  interface ServerOptions<
    U extends WebSocketConstructor = WebSocketClass,
    V extends typeof IncomingMessage = typeof IncomingMessage,
  > extends server.ServerOptions<U, V> {}
  interface AddressInfo extends face.AddressInfo {}
  interface Server<
    T extends WebSocketConstructor = WebSocketClass,
    U extends typeof IncomingMessage = typeof IncomingMessage,
  > extends face.WebSocketServer<T, U> {}
  interface WebSocketServer<
    T extends WebSocketConstructor = WebSocketClass,
    U extends typeof IncomingMessage = typeof IncomingMessage,
  > extends face.WebSocketServer<T, U> {}
  interface WebSocket extends Self {}
}

export const WebSocket: WebSocketClass = Object.assign(Implementation, {
  createWebSocketStream,
  extension,
  PerMessageDeflate: deflate.PerMessageDeflate,
  Receiver,
  Sender,
  Server: face.WebSocketServer,
  subprotocol,
  WebSocket: Implementation as unknown as WebSocketClass,
  WebSocketServer: face.WebSocketServer,
});
