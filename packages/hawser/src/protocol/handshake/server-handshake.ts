// A server's side of the opening handshake (RFC 6455 §4.2): one readable list of everything that is
// checked in a request, each check naming its row of the table in refusal.ts, and the two responses.
// `checkRequest` works on a request that somebody else has parsed (Node's HTTP server, HTTP/2);
// `ServerHandshake` parses it itself, for any transport that brings bytes.

import type { HandshakeError } from "../errors.ts";
import type { Platform } from "../platform.ts";
import { isBase64Of16Bytes } from "./base64.ts";
import { type ExtensionOffer, parseExtensions, serializeExtensions } from "./extension-header.ts";
import {
  type FieldLines,
  framingNames,
  handshakeNames,
  serializeFieldLines,
} from "./field-lines.ts";
import { isToken } from "./grammar.ts";
import { type Headers, listHas, singleHeader } from "./headers.ts";
import { acceptFor } from "./key.ts";
import { encodeLatin1, HeadReader, type HeadLimits } from "./message-head.ts";
import { type AllowedOrigins, isOriginAllowed } from "./origin.ts";
import { type RefusalCode, refusal } from "./refusal.ts";
import { parseSubprotocols } from "./subprotocol.ts";

/** A request as the checks need it. */
export interface HandshakeRequest {
  readonly method: string;
  /** The request target: path and query. */
  readonly target: string;
  /** Such as "1.1". */
  readonly httpVersion: string;
  readonly headers: Headers;
}

/** What a server allows in an opening handshake. */
export interface HandshakeRules extends HeadLimits {
  readonly maxUrlBytes: number;
  readonly origins: AllowedOrigins;
}

/** What a client wants, read from a request that is in order. */
export interface HandshakeOffer {
  readonly key: string;
  readonly origin: string | undefined;
  readonly protocols: readonly string[];
  readonly extensions: readonly ExtensionOffer[];
}

/** What a server agrees to. */
export interface Acceptance {
  readonly key: string;
  /** The subprotocol; "" for none. */
  readonly protocol: string;
  readonly extension: ExtensionOffer | undefined;
  /** Further header fields. */
  readonly headers: FieldLines;
}

/**
 * Checks a request.
 *
 * @throws HandshakeError with the response that the client gets; its code is one of `refusals`.
 */
export function checkRequest(request: HandshakeRequest, rules: HandshakeRules): HandshakeOffer {
  const { headers } = request;
  const origin = singleHeader(headers, "origin");
  const code = checkHttp(request, rules) ?? checkUpgradeHeaders(headers);
  if (code !== undefined) throw refusal(code);
  const host = singleHeader(headers, "host") as string;
  // Two origins are as good as an opaque one.
  const claimed = headers.has("origin") ? (origin ?? "null") : undefined;
  if (!isOriginAllowed(claimed, host, rules.origins)) throw refusal("HAWSER_ORIGIN");
  const protocolLines = headers.get("sec-websocket-protocol");
  const protocols = protocolLines === undefined ? [] : parseSubprotocols(protocolLines);
  if (protocols === undefined) throw refusal("HAWSER_SUBPROTOCOL");
  const extensionLines = headers.get("sec-websocket-extensions");
  const extensions = extensionLines === undefined ? [] : parseExtensions(extensionLines.join(", "));
  if (extensions === undefined) throw refusal("HAWSER_EXTENSIONS");
  return {
    key: singleHeader(headers, "sec-websocket-key") as string,
    origin,
    protocols,
    extensions,
  };
}

function checkHttp(request: HandshakeRequest, rules: HandshakeRules): RefusalCode | undefined {
  const { headers } = request;
  if (request.method !== "GET") return "HAWSER_METHOD";
  if (request.httpVersion === "1.0") return "HAWSER_HTTP_VERSION";
  if (request.target.length > rules.maxUrlBytes) return "HAWSER_URL_TOO_LONG";
  if (isTooLarge(headers, rules)) return "HAWSER_HEADERS_TOO_LARGE";
  const host = singleHeader(headers, "host");
  if (host === undefined || !isHost(host)) return "HAWSER_HOST";
  // A body would be read as frames by one party and as a request by another.
  const length = headers.get("content-length");
  if (headers.has("transfer-encoding")) return "HAWSER_BODY";
  if (length?.some((value) => value !== "0") === true) return "HAWSER_BODY";
  return undefined;
}

function checkUpgradeHeaders(headers: Headers): RefusalCode | undefined {
  if (!headers.has("upgrade")) return "HAWSER_UPGRADE_REQUIRED";
  if (!listHas(headers, "upgrade", "websocket")) return "HAWSER_UPGRADE";
  if (!listHas(headers, "connection", "upgrade")) return "HAWSER_CONNECTION";
  if (singleHeader(headers, "sec-websocket-version") !== "13") return "HAWSER_VERSION";
  const key = singleHeader(headers, "sec-websocket-key");
  if (key === undefined || !isBase64Of16Bytes(key)) return "HAWSER_KEY";
  return undefined;
}

function isTooLarge(headers: Headers, rules: HandshakeRules): boolean {
  let count = 0;
  let bytes = 0;
  for (const [name, lines] of headers) {
    count += lines.length;
    // ": " and CRLF are four more.
    for (const line of lines) bytes += name.length + line.length + 4;
  }
  return count > rules.maxHeaders || bytes > rules.maxHeaderBytes;
}

/** Whether the text is uri-host [ ":" port ] (RFC 9110 §7.2), as far as telling it from anything else needs. */
export function isHost(host: string): boolean {
  const colon = host.startsWith("[") ? host.indexOf("]") + 1 : host.indexOf(":");
  const name = colon <= 0 ? host : host.slice(0, colon);
  const port = colon <= 0 ? "" : host.slice(colon);
  return isHostName(name) && isPort(port);
}

function isHostName(name: string): boolean {
  const isLiteral = name.startsWith("[") && name.endsWith("]");
  for (const char of isLiteral ? name.slice(1, -1) : name) {
    const isNameChar = isToken(char) || (isLiteral && char === ":") || "()%".includes(char);
    if (!isNameChar || char === "|" || char === "^" || char === "`" || char === "#") return false;
  }
  return name.length > (isLiteral ? 2 : 0);
}

function isPort(port: string): boolean {
  if (port !== "" && !port.startsWith(":")) return false;
  for (let i = 1; i < port.length; i++)
    if ((port[i] as string) < "0" || (port[i] as string) > "9") return false;
  return port.length <= 6;
}

/**
 * The 101 response, RFC 6455 §4.2.2.
 *
 * @throws UsageError HAWSER_HEADER_INVALID
 */
export function serializeAcceptance(platform: Platform, acceptance: Acceptance): Uint8Array {
  const { key, protocol, extension, headers } = acceptance;
  return encodeLatin1(
    "HTTP/1.1 101 Switching Protocols\r\n" +
      "Upgrade: websocket\r\n" +
      "Connection: Upgrade\r\n" +
      `Sec-WebSocket-Accept: ${acceptFor(platform, key)}\r\n` +
      (protocol === "" ? "" : `Sec-WebSocket-Protocol: ${protocol}\r\n`) +
      (extension === undefined
        ? ""
        : `Sec-WebSocket-Extensions: ${serializeExtensions([extension])}\r\n`) +
      `${serializeFieldLines(headers, handshakeNames)}\r\n`,
  );
}

/**
 * A refusal as a whole response, after which the connection is closed.
 *
 * @throws UsageError HAWSER_HEADER_INVALID
 */
export function serializeRefusal(platform: Platform, error: HandshakeError): Uint8Array {
  const body = platform.allocate(platform.utf8ByteLength(error.body));
  platform.encodeUtf8Into(error.body, body, 0);
  const fields: [string, string][] = [];
  for (const [name, values] of error.headers)
    for (const value of values) fields.push([name, value]);
  const head = encodeLatin1(
    `HTTP/1.1 ${error.status} ${reasonPhrases.get(error.status) ?? "Refused"}\r\n` +
      `Connection: ${error.headers.has("upgrade") ? "Upgrade, close" : "close"}\r\n` +
      `Content-Length: ${body.length}\r\n` +
      `${serializeFieldLines(fields, framingNames)}\r\n`,
  );
  const response = new Uint8Array(head.length + body.length);
  response.set(head);
  response.set(body, head.length);
  return response;
}

const reasonPhrases: ReadonlyMap<number, string> = new Map([
  [400, "Bad Request"],
  [401, "Unauthorized"],
  [403, "Forbidden"],
  [404, "Not Found"],
  [405, "Method Not Allowed"],
  [408, "Request Timeout"],
  [414, "URI Too Long"],
  [426, "Upgrade Required"],
  [429, "Too Many Requests"],
  [431, "Request Header Fields Too Large"],
  [500, "Internal Server Error"],
  [503, "Service Unavailable"],
]);

/** Whether the bytes behind a handshake are another HTTP request: no frame begins with two letters. */
export function isHttpRequest(bytes: Uint8Array): boolean {
  const [first = 0, second = 0xff] = bytes;
  return first >= 0x41 && first <= 0x5a && second < 0x80;
}

/** A server's side from the first byte on. */
export class ServerHandshake {
  readonly #rules: HandshakeRules;
  readonly #reader: HeadReader;

  constructor(rules: HandshakeRules) {
    this.#rules = rules;
    this.#reader = new HeadReader(rules);
  }

  /** What came behind the request: the first frames. */
  get rest(): Uint8Array {
    return this.#reader.rest;
  }

  /**
   * Takes bytes; returns the request and what it offers once it is complete and in order.
   *
   * @throws HandshakeError
   */
  receive(bytes: Uint8Array): (HandshakeRequest & HandshakeOffer) | undefined {
    const head = this.#reader.receive(bytes);
    if (head === undefined) return undefined;
    if (head === "too large") throw refusal("HAWSER_HEADERS_TOO_LARGE");
    if (head === "malformed") throw refusal("HAWSER_REQUEST_MALFORMED");
    const [method, target, version, ...more] = head.startLine.split(" ");
    const isWellFormed = version !== undefined && more.length === 0 && version.startsWith("HTTP/");
    if (!isWellFormed || !isToken(method as string) || target === "") {
      throw refusal("HAWSER_REQUEST_MALFORMED");
    }
    const request: HandshakeRequest = {
      method: method as string,
      target: target as string,
      httpVersion: version.slice("HTTP/".length),
      headers: head.headers,
    };
    const offer = checkRequest(request, this.#rules);
    if (isHttpRequest(this.rest)) throw refusal("HAWSER_PIPELINED");
    return { ...request, ...offer };
  }
}
