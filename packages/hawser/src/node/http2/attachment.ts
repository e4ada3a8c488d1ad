// A server beside others on one HTTP/2 server: each takes the extended CONNECTs for its path, as it does with the
// upgrade requests of HTTP/1.1 (attachment.ts). The streams of all other requests stay the HTTP/2 server's own.

import type { IncomingMessage, Server as HttpServer } from "node:http";
import type {
  Http2SecureServer,
  Http2Server,
  Http2ServerRequest,
  Http2ServerResponse,
  IncomingHttpHeaders as Http2Headers,
  ServerHttp2Stream,
} from "node:http2";
import type { Duplex } from "node:stream";
import { isExtendedConnect } from "./take-stream.ts";

/** An HTTP server of any kind. */
export type AnyHttpServer = HttpServer | Http2Server | Http2SecureServer;

export function isHttp2Server(http: AnyHttpServer): http is Http2Server | Http2SecureServer {
  return "updateSettings" in http;
}

/** Takes an extended CONNECT, or refuses it because its path is nobody's. */
export interface StreamsTaker {
  takeStream(stream: ServerHttp2Stream, headers: Http2Headers, raw: readonly string[]): void;
  refuse(stream: Duplex): void;
}

type Listener = (
  stream: ServerHttp2Stream,
  headers: Http2Headers,
  flags: number,
  raw: readonly string[],
) => void;

/** Our listeners, each with its path; undefined stands for all paths. */
const paths = new WeakMap<object, { readonly path: string | undefined }>();

/** Listens for extended CONNECTs, which the server offers from now on; returns a function that stops. */
export function attachToStreams(
  http: Http2Server | Http2SecureServer,
  path: string | undefined,
  taker: StreamsTaker,
): () => void {
  const onStream: Listener = (stream, headers, _flags, raw) => {
    if (!isExtendedConnect(headers)) return;
    const asked = headers[":path"]?.split("?", 1)[0];
    if (path === undefined || path === asked) taker.takeStream(stream, headers, raw);
    else if (isNobodys(http, asked) && http.listeners("stream").find(isOurs) === onStream) {
      taker.refuse(stream);
    }
  };
  paths.set(onStream, { path });
  http.updateSettings({ enableConnectProtocol: true });
  http.on("stream", onStream);
  http.on("connect", onConnect);
  return () => {
    http.removeListener("stream", onStream);
    http.removeListener("connect", onConnect);
  };
}

function isOurs(listener: object): boolean {
  return paths.has(listener);
}

/** Whether all who listen are ours, or Node's own that makes requests of streams, and none has the path. */
function isNobodys(http: Http2Server | Http2SecureServer, asked: string | undefined): boolean {
  const listeners = http.listeners("stream");
  const others = listeners.filter((listener) => !isOurs(listener)).length;
  if (others > (http.listenerCount("request") > 0 ? 1 : 0)) return false;
  return listeners.every((listener) => {
    const ours = paths.get(listener);
    return ours === undefined || (ours.path !== undefined && ours.path !== asked);
  });
}

/**
 * Where nobody listens for "connect", Node answers every CONNECT with a 405, those that are taken here among
 * them. All others get from this what they got before: that 405, and over HTTP/1.1 the end of their socket.
 */
function onConnect(
  this: Http2Server | Http2SecureServer,
  request: Http2ServerRequest | IncomingMessage,
  response: Http2ServerResponse | Duplex,
): void {
  if (this.listeners("connect").some((listener) => listener !== onConnect)) return;
  if (!("stream" in response)) {
    response.destroy();
    return;
  }
  if (isExtendedConnect(request.headers)) return;
  response.statusCode = 405;
  response.end();
}
