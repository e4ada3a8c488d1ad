// The opening handshake (RFC 6455 §4) as the tester does it, in either role.

import { createHash } from "node:crypto";
import type { Duplex } from "node:stream";
import { answerOffers, type DeflateParameters, formatOffers, readAgreement } from "./extensions.ts";
import { WireFault } from "./frame-reader.ts";
import { hasToken, type HttpHead, readHead } from "./http-head.ts";
import type { DeflateAgreement } from "./message-deflate.ts";
import type { WireLog } from "./wire-log.ts";

/** How long the peer may take for it, in milliseconds. */
export const openingLimitMs = 5_000;

/** What an opening handshake has led to. */
export interface Opened {
  readonly agreement: DeflateAgreement | undefined;
  /** What came behind the handshake. */
  readonly rest: Buffer;
  /** The other's header fields. */
  readonly fields: ReadonlyMap<string, string>;
}

/** Where the tester goes as a client. */
export interface OpeningTarget {
  readonly url: URL;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/**
 * Asks a server for a connection.
 *
 * @param key 16 octets
 * @throws {WireFault} when the server refuses or its response breaks a rule
 */
export async function openAsClient(
  socket: Duplex,
  { url, headers }: OpeningTarget,
  offers: readonly DeflateParameters[],
  key: Buffer,
  log: WireLog,
): Promise<Opened> {
  const lines = requestLines({ url, headers }, key.toString("base64"));
  if (offers.length > 0) lines.push(`Sec-WebSocket-Extensions: ${formatOffers(offers)}`);
  const request = [...lines, "\r\n"].join("\r\n");
  log.http("tester", request);
  socket.write(request, "latin1");
  const head = await readHead(socket, openingLimitMs);
  log.http("peer", head.text);
  checkResponse(head, key.toString("base64"));
  const agreement = readAgreement(head.fields.get("sec-websocket-extensions") ?? "", offers);
  return { agreement, rest: head.rest, fields: head.fields };
}

/** The lines of a good request. */
export function requestLines({ url, headers }: OpeningTarget, key: string): string[] {
  return [
    `GET ${url.pathname}${url.search} HTTP/1.1`,
    `Host: ${url.host}`,
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Key: ${key}`,
    "Sec-WebSocket-Version: 13",
    ...credentialsOf(url),
    ...headers.map(([name, value]) => `${name}: ${value}`),
  ];
}

/** The lines of a good response. */
export function responseLines(key: string): string[] {
  return [
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${acceptOf(key)}`,
  ];
}

/** User and password of the URL, as Basic credentials (RFC 7617). */
function credentialsOf({ username, password }: URL): string[] {
  if (username === "" && password === "") return [];
  const text = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return [`Authorization: Basic ${Buffer.from(text).toString("base64")}`];
}

/** @throws {WireFault} when the response does not open a connection */
export function checkResponse({ firstLine, fields }: HttpHead, key: string): void {
  if (!/^HTTP\/1\.1 101(?: |$)/.test(firstLine)) {
    throw new WireFault(`the server refuses: ${firstLine}`, "§4.1");
  }
  if (fields.get("upgrade")?.toLowerCase() !== "websocket") {
    throw new WireFault("the response has no Upgrade: websocket", "§4.1");
  }
  if (!hasToken(fields.get("connection"), "upgrade")) {
    throw new WireFault("the response has no Connection: Upgrade", "§4.1");
  }
  if (fields.get("sec-websocket-accept") !== acceptOf(key)) {
    throw new WireFault("Sec-WebSocket-Accept does not belong to the key", "§4.1");
  }
  if (fields.has("sec-websocket-protocol")) {
    throw new WireFault("the server chose a subprotocol, and none was offered", "§4.1");
  }
}

/**
 * Answers a client's request.
 *
 * @param wishes what permessage-deflate shall be agreed on with, the best first; [] for not at all
 * @throws {WireFault} when the request breaks a rule; the client has been told so
 */
export function openAsServer(
  socket: Duplex,
  head: HttpHead,
  wishes: readonly DeflateParameters[],
  log: WireLog,
): Opened {
  log.http("peer", head.text);
  try {
    checkRequest(head);
    const offered = head.fields.get("sec-websocket-extensions") ?? "";
    const answer = answerOffers(offered, wishes);
    const response = [
      ...responseLines(head.fields.get("sec-websocket-key") as string),
      ...(answer === undefined ? [] : [`Sec-WebSocket-Extensions: ${answer.field}`]),
      "\r\n",
    ].join("\r\n");
    log.http("tester", response);
    socket.write(response, "latin1");
    return { agreement: answer?.agreement, rest: head.rest, fields: head.fields };
  } catch (error) {
    if (error instanceof WireFault) respond(socket, 400, `${error.message} (${error.section})\n`);
    throw error;
  }
}

/** @throws {WireFault} when the request asks for no connection */
export function checkRequest({ firstLine, fields }: HttpHead): void {
  const wants: [name: string, isGood: boolean][] = [
    ["the method GET and HTTP/1.1", /^GET \S+ HTTP\/1\.1$/.test(firstLine)],
    ["Host", fields.has("host")],
    ["Upgrade: websocket", hasToken(fields.get("upgrade"), "websocket")],
    ["Connection: Upgrade", hasToken(fields.get("connection"), "upgrade")],
    ["Sec-WebSocket-Version: 13", fields.get("sec-websocket-version") === "13"],
    [
      "a Sec-WebSocket-Key of 16 octets",
      /^[A-Za-z0-9+/]{22}==$/.test(fields.get("sec-websocket-key") ?? ""),
    ],
  ];
  for (const [what, isGood] of wants) {
    if (!isGood) throw new WireFault(`the request does not have ${what}`, "§4.2.1");
  }
}

/** An HTTP response, and the end of the connection. */
export function respond(
  socket: Duplex,
  status: 200 | 400 | 404,
  body: string,
  type: string = "text/plain; charset=utf-8",
): void {
  const reason = { 200: "OK", 400: "Bad Request", 404: "Not Found" }[status];
  socket.end(
    [
      `HTTP/1.1 ${status} ${reason}`,
      `Content-Type: ${type}`,
      `Content-Length: ${Buffer.byteLength(body)}`,
      "Connection: close",
      "",
      body,
    ].join("\r\n"),
  );
}

/** RFC 6455 §4.2.2. */
function acceptOf(key: string): string {
  return createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
}
