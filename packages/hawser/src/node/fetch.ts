// Plain HTTP beside the WebSocket, in the web's own terms: Node's request becomes a Request, the
// Response is streamed back. Enough to serve a page, a health check or an API without a framework.

import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { connectionNames } from "../protocol/handshake/field-lines.ts";
import { isHost, refusal } from "../protocol/index.ts";
import type { ClientFacts } from "./trusted-proxies.ts";

/** Answers a plain HTTP request. */
export type FetchHandler = (
  request: Request,
  info: { readonly ip: string | undefined },
) => Response | Promise<Response>;

/** Methods that a Request can't have (Fetch standard, "forbidden method"). */
const forbiddenMethods: ReadonlySet<string> = new Set(["CONNECT", "TRACE", "TRACK"]);

/**
 * Answers one request with the handler's response.
 *
 * @throws HandshakeError for a request that has no meaning as a Request
 * @throws what the handler throws before anything was sent, or its body in the middle
 */
export async function answerWithFetch(
  handler: FetchHandler,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  client: ClientFacts,
): Promise<void> {
  const abort = new AbortController();
  outgoing.once("close", () => {
    if (!outgoing.writableFinished) abort.abort();
  });
  if (forbiddenMethods.has(incoming.method as string)) throw refusal("HAWSER_METHOD_UNKNOWN");
  const url = urlOf(incoming, client);
  if (url === undefined) throw refusal("HAWSER_REQUEST_MALFORMED");
  const request = toRequest(incoming, url, abort.signal);
  outgoing.once("finish", () => {
    // What the handler did not read of a body stands before the next request on this socket.
    if (!incoming.complete && !request.bodyUsed) incoming.removeAllListeners("data").resume();
  });
  const response = await handler(request, { ip: client.ip });
  outgoing.statusCode = response.status;
  // HTTP/2 has no reason phrase (RFC 9113 §8.3.2).
  const isHttp1 = incoming.httpVersionMajor < 2;
  if (isHttp1 && response.statusText !== "") outgoing.statusMessage = response.statusText;
  const cookies = response.headers.getSetCookie();
  for (const [name, value] of response.headers) {
    if (name !== "set-cookie" && (isHttp1 || !connectionNames.has(name)))
      outgoing.setHeader(name, value);
  }
  if (cookies.length > 0) outgoing.setHeader("set-cookie", cookies);
  if (response.body === null || incoming.method === "HEAD" || outgoing.destroyed) {
    await response.body?.cancel();
    outgoing.end();
    return;
  }
  try {
    await pipeline(Readable.fromWeb(response.body), outgoing);
  } catch (error) {
    // A client that goes away in the middle is no error of anybody here; a body that fails is.
    if (!goneCodes.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}

/** What a pipeline says when its client went away. */
const goneCodes: ReadonlySet<string> = new Set([
  "ERR_STREAM_PREMATURE_CLOSE",
  "ECONNRESET",
  "EPIPE",
]);

/** The URL that is asked for; undefined when the target, or the Host, makes none that a Request takes. */
function urlOf(incoming: IncomingMessage, { host, isSecure }: ClientFacts): URL | undefined {
  const scheme = isSecure ? "https" : "http";
  const target = incoming.url as string;
  // The URL is joined as text: a Host with a path in it would choose the path.
  if (host !== undefined && !isHost(host)) return undefined;
  try {
    // An absolute target names a scheme and a host of its own (RFC 9112 §3.2.2).
    const base = `${scheme}://${host ?? "localhost"}`;
    const url = new URL(target.startsWith("/") ? base + target : target);
    return url.username === "" && url.password === "" ? url : undefined;
  } catch {
    return undefined;
  }
}

function toRequest(incoming: IncomingMessage, url: URL, signal: AbortSignal): Request {
  const headers = new Headers();
  for (let i = 0; i + 1 < incoming.rawHeaders.length; i += 2) {
    const name = incoming.rawHeaders[i] as string;
    if (!name.startsWith(":")) headers.append(name, incoming.rawHeaders[i + 1] as string);
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
