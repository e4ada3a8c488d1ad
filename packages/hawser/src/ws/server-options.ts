// What `new WebSocketServer` is given, with the defaults of `ws`.

import type { IncomingMessage, Server as HttpServer } from "node:http";
import type { Server as HttpsServer } from "node:https";
import type { OutgoingHttpHeaders } from "node:http";
import type { WebSocketClass, WebSocketConstructor } from "./face/web-socket-class.ts";
import { sharedDefaults, type SharedOptions } from "./limits.ts";
import type { PerMessageDeflateOptions } from "./permessage-deflate.ts";
import { WebSocket } from "./web-socket.ts";

/** What `verifyClient` is told of a client. */
export interface ClientInfo<Request extends IncomingMessage = IncomingMessage> {
  origin: string;
  secure: boolean;
  req: Request;
}

export type VerifyClientCallbackSync<Request extends IncomingMessage = IncomingMessage> = (
  info: ClientInfo<Request>,
) => boolean;

export type VerifyClientCallbackAsync<Request extends IncomingMessage = IncomingMessage> = (
  info: ClientInfo<Request>,
  callback: (
    isAccepted: boolean,
    code?: number,
    message?: string,
    headers?: OutgoingHttpHeaders,
  ) => void,
) => void;

export interface ServerOptions<
  U extends WebSocketConstructor = WebSocketClass,
  V extends typeof IncomingMessage = typeof IncomingMessage,
> extends SharedOptions {
  host?: string | undefined;
  port?: number | undefined;
  backlog?: number | undefined;
  /** The server to listen on. */
  server?: HttpServer<V> | HttpsServer<V> | undefined;
  verifyClient?:
    | VerifyClientCallbackAsync<InstanceType<V>>
    | VerifyClientCallbackSync<InstanceType<V>>
    | undefined;
  /** Chooses among the subprotocols that the client offers; by default the first. */
  handleProtocols?: (protocols: Set<string>, request: InstanceType<V>) => string | false;
  /** Only handshakes for this path. */
  path?: string | undefined;
  /** Whether there is no server at all: sockets come by `handleUpgrade`. */
  noServer?: boolean | undefined;
  /** Whether `clients` is kept. Default true. */
  clientTracking?: boolean | undefined;
  /** Default false. */
  perMessageDeflate?: boolean | PerMessageDeflateOptions | undefined;
  /** The class of the sockets. */
  WebSocket?: U | undefined;
}

/** How the server makes a socket. */
type SocketMaker = new (address: null, protocols: undefined, options: never) => WebSocket;

/** The options, filled in. */
export interface ResolvedServerOptions extends Omit<ServerOptions, "WebSocket"> {
  readonly perMessageDeflate: false | PerMessageDeflateOptions;
  readonly clientTracking: boolean;
  readonly WebSocket: SocketMaker;
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
