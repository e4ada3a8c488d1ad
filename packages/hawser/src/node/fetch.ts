// Plain HTTP beside the WebSocket, in the web's own terms: Node's request becomes a Request, the
// Response is streamed back. Enough to serve a page, a health check or an API without a framework.

import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** Answers a plain HTTP request. */
export type FetchHandler = (
  request: Request,
  info: { readonly ip: string | undefined },
) => Response | Promise<Response>;

/**
 * Answers one request with the handler's response.
 *
 * @throws what the handler throws, before anything was sent
 */
export async function answerWithFetch(
  handler: FetchHandler,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const abort = new AbortController();
  outgoing.once("close", () => {
    if (!outgoing.writableFinished) abort.abort();
  });
  const request = toRequest(incoming, abort.signal);
  const response = await handler(request, { ip: incoming.socket.remoteAddress });
  outgoing.statusCode = response.status;
  if (response.statusText !== "") outgoing.statusMessage = response.statusText;
  const cookies = response.headers.getSetCookie();
  for (const [name, value] of response.headers)
    if (name !== "set-cookie") outgoing.setHeader(name, value);
  if (cookies.length > 0) outgoing.setHeader("set-cookie", cookies);
  if (response.body === null || incoming.method === "HEAD") {
    await response.body?.cancel();
    outgoing.end();
    return;
  }
  // A client that goes away in the middle is no error of anybody here.
  await pipeline(Readable.fromWeb(response.body), outgoing).catch(() => undefined);
}

function toRequest(incoming: IncomingMessage, signal: AbortSignal): Request {
  const scheme = "encrypted" in incoming.socket ? "https" : "http";
  const host = incoming.headers.host ?? "localhost";
  const target = incoming.url ?? "/";
  // An absolute target names a scheme and a host of its own (RFC 9112 §3.2.2).
  const url = target.startsWith("/") ? `${scheme}://${host}${target}` : target;
  const headers = new Headers();
  for (let i = 0; i + 1 < incoming.rawHeaders.length; i += 2) {
    headers.append(incoming.rawHeaders[i] as string, incoming.rawHeaders[i + 1] as string);
  }
  const method = incoming.method ?? "GET";
  const hasBody = method !== "GET" && method !== "HEAD";
  const body = hasBody ? Readable.toWeb(incoming) : null;
  return new Request(url, {
    method,
    headers,
    signal,
    ...(body === null ? {} : { body, duplex: "half" }),
  });
}
