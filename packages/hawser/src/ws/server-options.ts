// What `new WebSocketServer` is given, with the defaults of `ws`.

import type { IncomingMessage, Server as HttpServer } from "node:http";
import type { Server as HttpsServer } from "node:https";
import type { OutgoingHttpHeaders } from "node:http";
import { sharedDefaults, type SharedOptions } from "./limits.ts";
import type { PerMessageDeflateOptions } from "./permessage-deflate.ts";
import { WebSocket } from "./web-socket.ts";

/** What `verifyClient` is told of a client. */
export interface ClientInfo<Request = IncomingMessage> {
  readonly origin: string;
  readonly secure: boolean;
  readonly req: Request;
}

export type VerifyClientCallbackSync<Request = IncomingMessage> = (
  info: ClientInfo<Request>,
) => boolean;

export type VerifyClientCallbackAsync<Request = IncomingMessage> = (
  info: ClientInfo<Request>,
  callback: (
    isAccepted: boolean,
    code?: number,
    message?: string,
    headers?: OutgoingHttpHeaders,
  ) => void,
) => void;

/** How to make a socket: `ws` calls it with `null, undefined, options`. */
export type WebSocketClass = new (address: null, protocols: undefined, options: never) => WebSocket;

export interface ServerOptions extends SharedOptions {
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly backlog?: number | undefined;
  /** The server to listen on. */
  readonly server?: HttpServer | HttpsServer | null | undefined;
  readonly verifyClient?: VerifyClientCallbackAsync | VerifyClientCallbackSync | undefined;
  handleProtocols?(protocols: Set<string>, request: IncomingMessage): string | false;
  /** Only handshakes for this path. */
  readonly path?: string | undefined;
  /** Whether there is no server at all: sockets come by `handleUpgrade`. */
  readonly noServer?: boolean | undefined;
  /** Whether `clients` is kept. Default true. */
  readonly clientTracking?: boolean | undefined;
  readonly perMessageDeflate?: boolean | PerMessageDeflateOptions | undefined;
  readonly WebSocket?: WebSocketClass | undefined;
}

/** The options, filled in. */
export interface ResolvedServerOptions extends ServerOptions {
  readonly perMessageDeflate: false | PerMessageDeflateOptions;
  readonly clientTracking: boolean;
  readonly WebSocket: WebSocketClass;
}

/** @throws TypeError unless it says in one way where sockets come from */
export function resolveServerOptions(
  given: ServerOptions | null | undefined,
): ResolvedServerOptions {
  const options = {
    allowSynchronousEvents: sharedDefaults.allowSynchronousEvents,
    autoPong: sharedDefaults.autoPong,
    maxBufferedChunks: sharedDefaults.maxBufferedChunks,
    maxFragments: sharedDefaults.maxFragments,
    maxPayload: sharedDefaults.maxPayload,
    maxPendingAutoPongs: sharedDefaults.maxPendingAutoPongs,
    skipUTF8Validation: sharedDefaults.skipUTF8Validation,
    perMessageDeflate: false,
    handleProtocols: null,
    clientTracking: true,
    closeTimeout: sharedDefaults.closeTimeout,
    verifyClient: null,
    noServer: false,
    backlog: null,
    server: null,
    host: null,
    path: null,
    port: null,
    WebSocket,
    ...given,
  };
  const hasPort = options.port !== null && options.port !== undefined;
  const ways = [hasPort, Boolean(options.server), Boolean(options.noServer)];
  if (ways.filter(Boolean).length !== 1) {
    throw new TypeError(
      'One and only one of the "port", "server", or "noServer" options must be specified',
    );
  }
  if (options.perMessageDeflate === true) options.perMessageDeflate = {} as never;
  return options as never;
}
