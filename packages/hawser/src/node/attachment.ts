// A server beside others on one HTTP server: each takes the upgrade requests for its path. A request
// that nobody takes would be a socket that nobody answers and no limit counts, so when all who listen
// are ours and none has the path, the first of them refuses it. Listeners that are not ours may take it.
// A request behind a plain one that is still being answered is dropped with its socket.

import type { Buffer } from "node:buffer";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { UsageError } from "../protocol/index.ts";
import {
  type AnyHttpServer,
  attachToStreams,
  isHttp2Server,
  type StreamsTaker,
} from "./http2/attachment.ts";

/** Takes an upgrade request, or refuses it because its path is nobody's. */
export interface Taker extends StreamsTaker {
  take(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  refuse(socket: Duplex): void;
}

type Listener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** Our listeners, each with its path; undefined stands for all paths. */
const paths = new WeakMap<object, { readonly path: string | undefined }>();

/**
 * Sockets with responses that are not finished, and how many. An upgrade request that was pipelined behind it can't
 * be answered in order: the response would be written between our frames.
 */
const answering = new WeakMap<object, number>();

function onRequest({ socket }: IncomingMessage, response: ServerResponse): void {
  const count = (by: number): unknown => answering.set(socket, (answering.get(socket) ?? 0) + by);
  count(1);
  response.once("close", () => count(-1));
}

/**
 * Listens for upgrade requests; returns a function that stops.
 *
 * @throws UsageError HAWSER_OPTION_INVALID when the path is taken
 */
export function attachTo(http: AnyHttpServer, path: string | undefined, taker: Taker): () => void {
  const onUpgrade: Listener = (request, socket, head) => {
    const asked = request.url?.split("?", 1)[0];
    if (path === undefined || path === asked) {
      if ((answering.get(socket) ?? 0) > 0) socket.destroy();
      else taker.take(request, socket, head);
    } else if (isNobodys(http, asked) && http.listeners("upgrade")[0] === onUpgrade) {
      taker.refuse(socket);
    }
  };
  if (http.listeners("upgrade").some((one) => paths.has(one) && paths.get(one)?.path === path)) {
    throw new UsageError(
      "HAWSER_OPTION_INVALID",
      `the HTTP server's upgrades ${path === undefined ? "" : `for ${path} `}are taken already: attach one server per path`,
    );
  }
  paths.set(onUpgrade, { path });
  http.on("upgrade", onUpgrade);
  // To an HTTP/2 server without such a listener, one would be the word to make requests of its streams.
  if (!isHttp2Server(http) || http.listenerCount("request") > 0) {
    http.prependListener("request", onRequest);
  }
  const stopStreams = isHttp2Server(http) ? attachToStreams(http, path, taker) : undefined;
  return () => {
    stopStreams?.();
    http.removeListener("request", onRequest);
    http.removeListener("upgrade", onUpgrade);
  };
}

function isNobodys(http: AnyHttpServer, asked: string | undefined): boolean {
  return http.listeners("upgrade").every((listener) => {
    const ours = paths.get(listener);
    return ours !== undefined && ours.path !== undefined && ours.path !== asked;
  });
}
