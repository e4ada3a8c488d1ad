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
import { FieldScanner } from "./field-scanner.ts";
import { isToken } from "./grammar.ts";
import { fieldsFromHeaders, HandshakeFields, hasMember } from "./handshake-fields.ts";
import { type Headers, headersFromRaw } from "./headers.ts";
import { acceptFor } from "./key.ts";
import { encodeLatin1, HeadReader, type HeadLimits, readFields } from "./message-head.ts";
import { type AllowedOrigins, isOriginAllowed } from "./origin.ts";
import { type RefusalCode, refusal } from "./refusal.ts";
import { parseSubprotocols } from "./subprotocol.ts";

/** The first line of a request. */
export interface RequestLine {
  readonly method: string;
  /** The request target: path and query. */
  readonly target: string;
  /** Such as "1.1". */
  readonly httpVersion: string;
}

/** A request as the checks need it. */
export interface HandshakeRequest extends RequestLine {
  readonly headers: Headers;
}

/** A request that came whole and is in order. */
export interface WholeRequest {
  readonly target: string;
  readonly offer: HandshakeOffer;
  /** What it was read from, and where in it the header fields begin. */
  readonly text: string;
  readonly fieldsStart: number;
  /** The bytes of the whole head; what follows are the first frames. */
  readonly byteLength: number;
}

/** All header fields of a request, names and values by turns, in the order they came. */
export function fieldsOfWhole({ text, fieldsStart, byteLength }: WholeRequest): string[] {
  return readFields(text.slice(0, byteLength), fieldsStart) as string[];
}

/** What a server allows in an opening handshake. */
export interface HandshakeRules extends HeadLimits {
  readonly maxUrlBytes: number;
  readonly origins: AllowedOrigins;
}

/** What a client wants, read from a request that is in order. */
export interface HandshakeOffer {
  /** "" over HTTP/2, which has none. */
  readonly key: string;
  readonly origin: string | undefined;
  readonly protocols: readonly string[];
  readonly extensions: readonly ExtensionOffer[];
}

/** What a server agrees to. */
export interface Acceptance {
  /** "" over HTTP/2, which has none. */
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
  const checked = checkFields(request, fieldsFromHeaders(request.headers), rules);
  if (typeof checked === "string") throw refusal(checked);
  return checked;
}

/** What a request offers, or why it is refused: all checks, in order. */
function checkFields(
  line: RequestLine,
  fields: HandshakeFields,
  rules: HandshakeRules,
): HandshakeOffer | RefusalCode {
  const code = checkHttp(line, fields, rules) ?? checkUpgradeFields(fields);
  if (code !== undefined) return code;
  return readOffer(fields, fields.key as string, fields.host as string, rules.origins);
}

/** The checks that do not depend on the version of HTTP: where a page comes from, and the lists. */
export function readOffer(
  fields: HandshakeFields,
  key: string,
  host: string,
  origins: AllowedOrigins,
): HandshakeOffer | RefusalCode {
  const { origin } = fields;
  if (!isOriginAllowed(origin, host, origins)) return "HAWSER_ORIGIN";
  const protocols = fields.protocols === undefined ? none : parseSubprotocols(fields.protocols);
  if (protocols === undefined) return "HAWSER_SUBPROTOCOL";
  const extensions = fields.extensions === undefined ? none : parseExtensions(fields.extensions);
  if (extensions === undefined) return "HAWSER_EXTENSIONS";
  return { key, origin, protocols, extensions };
}

const none: readonly never[] = Object.freeze([]);

function checkHttp(
  line: RequestLine,
  fields: HandshakeFields,
  rules: HandshakeRules,
): RefusalCode | undefined {
  if (line.method !== "GET") return "HAWSER_METHOD";
  if (line.httpVersion === "1.0") return "HAWSER_HTTP_VERSION";
  if (line.target.length > rules.maxUrlBytes) return "HAWSER_URL_TOO_LONG";
  if (fields.count > rules.maxHeaders || fields.bytes > rules.maxHeaderBytes) {
    return "HAWSER_HEADERS_TOO_LARGE";
  }
  if (fields.host === undefined || !isHost(fields.host)) return "HAWSER_HOST";
  // A body would be read as frames by one party and as a request by another.
  if (fields.transferEncoding !== undefined) return "HAWSER_BODY";
  if (fields.contentLength !== undefined && fields.contentLength !== "0") return "HAWSER_BODY";
  return undefined;
}

function checkUpgradeFields(fields: HandshakeFields): RefusalCode | undefined {
  if (fields.upgrade === undefined) return "HAWSER_UPGRADE_REQUIRED";
  if (!hasMember(fields.upgrade, "websocket")) return "HAWSER_UPGRADE";
  if (!hasMember(fields.connection, "upgrade")) return "HAWSER_CONNECTION";
  if (fields.version !== "13") return "HAWSER_VERSION";
  if (fields.key === undefined || !isBase64Of16Bytes(fields.key)) return "HAWSER_KEY";
  return undefined;
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
  const end = isLiteral ? name.length - 1 : name.length;
  for (let i = isLiteral ? 1 : 0; i < end; i++) {
    const code = name.charCodeAt(i);
    if (isHostCode[code] !== true && !(isLiteral && code === colonCode)) return false;
  }
  return name.length > (isLiteral ? 2 : 0);
}

/** What may stand in a host, by character code: tchar, but for four that no URL has in its host. */
const isHostCode: readonly boolean[] = Array.from({ length: 128 }, (_, code) => {
  const char = String.fromCharCode(code);
  return (isToken(char) && !"|^`#".includes(char)) || "()%".includes(char);
});

const colonCode = 0x3a;

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
  return encodeLatin1(acceptanceText(platform, acceptance));
}

/** The same as text, of which each character is a byte: for a transport that takes Latin-1. */
export function acceptanceText(platform: Platform, acceptance: Acceptance): string {
  const { key, protocol, extension, headers } = acceptance;
  return (
    "HTTP/1.1 101 Switching Protocols\r\n" +
    "Upgrade: websocket\r\n" +
    "Connection: Upgrade\r\n" +
    `Sec-WebSocket-Accept: ${acceptFor(platform, key)}\r\n` +
    (protocol === "" ? "" : `Sec-WebSocket-Protocol: ${protocol}\r\n`) +
    (extension === undefined
      ? ""
      : `Sec-WebSocket-Extensions: ${serializeExtensions([extension])}\r\n`) +
    `${serializeFieldLines(headers, handshakeNames)}\r\n`
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

/**
 * Reads a request that lies whole at the beginning of the text, a character a byte. Undefined when
 * there is no opening handshake, or one that would be refused: that is left to whoever reads the bytes
 * with all the patience and all the answers that HTTP asks for.
 */
export function readWholeRequest(text: string, rules: HandshakeRules): WholeRequest | undefined {
  if (!text.startsWith("GET /")) return undefined;
  const targetEnd = endOfVisible(text, "GET ".length);
  if (!text.startsWith(" HTTP/1.1\r\n", targetEnd)) return undefined;
  const fieldsStart = targetEnd + " HTTP/1.1\r\n".length;
  const scanner = new FieldScanner(text, fieldsStart);
  const fields = new HandshakeFields();
  while (scanner.next()) fields.addFrom(text, scanner);
  if (!text.startsWith("\r\n", scanner.position)) return undefined;
  const target = text.slice("GET ".length, targetEnd);
  const offer = checkFields({ method: "GET", target, httpVersion: "1.1" }, fields, rules);
  if (typeof offer === "string") return undefined;
  return { target, offer, text, fieldsStart, byteLength: scanner.position + 2 };
}

/** The index of the first character from `start` on that is not ASCII, a space or a control character. */
function endOfVisible(text: string, start: number): number {
  for (let i = start; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code <= 0x20 || code >= 0x7f) return i;
  }
  return text.length;
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
      headers: headersFromRaw(head.fields),
    };
    const offer = checkRequest(request, this.#rules);
    if (isHttpRequest(this.rest)) throw refusal("HAWSER_PIPELINED");
    return { ...request, ...offer };
  }
}
