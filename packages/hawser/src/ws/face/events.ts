// The events of `ws` for the compiler: what listeners of the emitter are called with, and the objects that
// listeners of the EventTarget face get.

import type { Buffer } from "node:buffer";
import type { EventEmitter } from "node:events";
import type { ClientRequest, IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { Data, RawData } from "../data.ts";
import type { WebSocket } from "./web-socket.ts";

/** For events that are not in the map: who listens for one knows what comes. */
// oxlint-disable-next-line typescript/no-explicit-any -- EventEmitter's own are like this
type AnyListener = (this: any, ...args: any[]) => void;

/** An EventEmitter that knows the arguments of its events; others may be listened for as well. */
export interface TypedEmitter<Events extends { [Name in keyof Events]: unknown[] }>
  extends EventEmitter {
  on<Name extends keyof Events>(
    event: Name,
    listener: (this: this, ...args: Events[Name]) => void,
  ): this;
  on(event: string | symbol, listener: AnyListener): this;
  once<Name extends keyof Events>(
    event: Name,
    listener: (this: this, ...args: Events[Name]) => void,
  ): this;
  once(event: string | symbol, listener: AnyListener): this;
  off<Name extends keyof Events>(
    event: Name,
    listener: (this: this, ...args: Events[Name]) => void,
  ): this;
  off(event: string | symbol, listener: AnyListener): this;
  addListener<Name extends keyof Events>(
    event: Name,
    listener: (this: this, ...args: Events[Name]) => void,
  ): this;
  addListener(event: string | symbol, listener: AnyListener): this;
  prependListener<Name extends keyof Events>(
    event: Name,
    listener: (this: this, ...args: Events[Name]) => void,
  ): this;
  prependListener(event: string | symbol, listener: AnyListener): this;
  prependOnceListener<Name extends keyof Events>(
    event: Name,
    listener: (this: this, ...args: Events[Name]) => void,
  ): this;
  prependOnceListener(event: string | symbol, listener: AnyListener): this;
  removeListener<Name extends keyof Events>(
    event: Name,
    listener: (this: this, ...args: Events[Name]) => void,
  ): this;
  removeListener(event: string | symbol, listener: AnyListener): this;
}

/** What a WebSocket emits. */
export interface SocketEvents {
  open: [];
  /** Text comes as a Buffer, with `isBinary` false. */
  message: [data: RawData, isBinary: boolean];
  /** The last one. 1005 when the peer gave no code, 1006 without its Close frame. */
  close: [code: number, reason: Buffer];
  error: [error: Error];
  ping: [data: Buffer];
  pong: [data: Buffer];
  upgrade: [response: IncomingMessage];
  redirect: [url: string, request: ClientRequest];
  "unexpected-response": [request: ClientRequest, response: IncomingMessage];
}

/** What a WebSocketServer emits. */
export interface ServerEvents<Socket, Request> {
  listening: [];
  connection: [socket: Socket, request: Request];
  /** The lines of the 101, before it is sent: they may be changed. */
  headers: [lines: string[], request: Request];
  error: [error: Error];
  close: [];
  /** In place of the refusal: the listener closes the socket. */
  wsClientError: [error: Error, socket: Duplex, request: Request];
}

/** What listeners of `addEventListener` and the attributes get. */
export interface Event {
  readonly type: string;
  readonly target: WebSocket;
}

export interface MessageEvent extends Event {
  /** A string for text. */
  readonly data: Data;
}

export interface CloseEvent extends Event {
  readonly code: number;
  readonly reason: string;
  /** Whether the peer's Close frame came and ours went. */
  readonly wasClean: boolean;
}

export interface ErrorEvent extends Event {
  // oxlint-disable-next-line typescript/no-explicit-any -- whatever a listener wants to see in it
  readonly error: any;
  readonly message: string;
}

/** The events of `addEventListener`, by their types. */
export interface WebSocketEventMap {
  open: Event;
  message: MessageEvent;
  close: CloseEvent;
  error: ErrorEvent;
}

export interface EventListenerOptions {
  once?: boolean | undefined;
}

/** A listener of the EventTarget face, as a function or as an object. */
export type EventListener<Type extends keyof WebSocketEventMap> =
  | ((event: WebSocketEventMap[Type]) => void)
  | { handleEvent(event: WebSocketEventMap[Type]): void };
