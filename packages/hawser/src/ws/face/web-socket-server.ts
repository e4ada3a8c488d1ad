// `WebSocketServer` of `ws` for the compiler: generic over the classes of its sockets and requests, and
// without what is private, so that servers of other declarations are as good.

import type { Buffer } from "node:buffer";
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { WebSocket } from "./web-socket.ts";
import type { ServerOptions } from "../server-options.ts";
import { WebSocketServer as Implementation } from "../web-socket-server.ts";
import type { ServerEvents, TypedEmitter } from "./events.ts";
import type { EmitterStatics, WebSocketConstructor } from "./web-socket-class.ts";

/** Where a server on TCP listens; one on a pipe has a string. */
export interface AddressInfo {
  address: string;
  family: string;
  port: number;
}

export interface WebSocketServer<
  T extends WebSocketConstructor = typeof WebSocket,
  U extends typeof IncomingMessage = typeof IncomingMessage,
> extends TypedEmitter<ServerEvents<InstanceType<T>, InstanceType<U>>> {
  options: ServerOptions<T, U>;
  /**
   * What the declarations of `ws` have and `ws` has not.
   *
   * @deprecated it is undefined: see `options.path`
   */
  path: string;
  /** The open sockets. With `clientTracking: false` it is undefined, whatever the compiler thinks. */
  clients: Set<InstanceType<T>>;

  /**
   * Where it listens; null when it does not.
   *
   * @throws Error without a server
   */
  address(): AddressInfo | string | null;

  /** Takes no further handshakes, and tells when all sockets are gone: it closes none of them. */
  close(callback?: (error?: Error) => void): void;

  /** Does the handshake on a socket, and calls back with what it ends in; not at all when it is refused. */
  handleUpgrade(
    request: InstanceType<U>,
    socket: Duplex,
    head: Buffer,
    callback: (client: InstanceType<T>, request: InstanceType<U>) => void,
  ): void;

  /** Whether the request is one for this server: by its path, or as a subclass decides. */
  shouldHandle(request: InstanceType<U>): boolean | Promise<boolean>;
}

/** The name that it has in the namespace of the class. */
export type Server<
  T extends WebSocketConstructor = typeof WebSocket,
  U extends typeof IncomingMessage = typeof IncomingMessage,
> = WebSocketServer<T, U>;

export interface WebSocketServerConstructor extends EmitterStatics {
  /**
   * @param callback called when its own HTTP server listens
   * @throws TypeError unless it is said in one way where sockets come from
   */
  new <
    T extends WebSocketConstructor = typeof WebSocket,
    U extends typeof IncomingMessage = typeof IncomingMessage,
  >(
    options?: ServerOptions<T, U>,
    callback?: () => void,
  ): WebSocketServer<T, U>;
  readonly prototype: WebSocketServer;
}

// What it makes and what it is told has types of the user's choice, which the implementation never sees.
export const WebSocketServer: WebSocketServerConstructor =
  Implementation as unknown as WebSocketServerConstructor;
