// The class `WebSocket` of `ws` for the compiler: how sockets are made, and what hangs on the class besides.

import type { EventEmitter } from "node:events";
import type { ClientRequestArgs } from "node:http";
import type { DuplexOptions, Duplex } from "node:stream";
import type { ClientOptions } from "../client-options.ts";
import type { extension } from "../extension.ts";
import type { WebSocket } from "./web-socket.ts";
import type { PerMessageDeflate } from "../permessage-deflate.ts";
import type { Receiver } from "../receiver.ts";
import type { Sender } from "../sender.ts";
import type { subprotocol } from "../subprotocol.ts";
import type { WebSocketServerConstructor } from "./web-socket-server.ts";

/** What a class has from EventEmitter, without how that is made. */
export type EmitterStatics = Omit<typeof EventEmitter, "prototype">;

/** What makes sockets: the class, or one that extends it. */
export interface WebSocketConstructor extends EmitterStatics {
  /**
   * Connects. A `null` address makes the server's end of a connection.
   *
   * @throws SyntaxError for a bad URL or subprotocol; RangeError for a version that is not supported
   */
  new (address: null): WebSocket;
  new (address: string | URL, options?: ClientOptions | ClientRequestArgs): WebSocket;
  new (
    address: string | URL,
    protocols?: string | string[],
    options?: ClientOptions | ClientRequestArgs,
  ): WebSocket;
  readonly prototype: WebSocket;
  readonly CONNECTING: 0;
  readonly OPEN: 1;
  readonly CLOSING: 2;
  readonly CLOSED: 3;
}

/** The class with everything else that `require` of `ws` gives. */
export interface WebSocketClass extends WebSocketConstructor {
  readonly createWebSocketStream: (websocket: WebSocket, options?: DuplexOptions) => Duplex;
  readonly extension: typeof extension;
  readonly PerMessageDeflate: typeof PerMessageDeflate;
  readonly Receiver: typeof Receiver;
  readonly Sender: typeof Sender;
  readonly Server: WebSocketServerConstructor;
  readonly subprotocol: typeof subprotocol;
  readonly WebSocket: WebSocketClass;
  readonly WebSocketServer: WebSocketServerConstructor;
}
