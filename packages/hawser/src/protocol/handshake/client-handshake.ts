// A client's side of the opening handshake (RFC 6455 §4.1): the request as bytes, and the response
// read from any split of the input, checked rule by rule. Whatever is wrong ends as a HandshakeError
// that carries the status, the header fields and the first bytes of the body.

import type { HandshakeDetails } from "../errors.ts";
import type { Platform } from "../platform.ts";
import { bodyText, checkSubprotocols, readAgreement } from "./agreement.ts";
import { serializeExtensions } from "./extension-header.ts";
import { type FieldLines, handshakeNames, serializeFieldLines } from "./field-lines.ts";
import { type Headers, headersFromRaw, listHas, singleHeader } from "./headers.ts";
import { acceptFor, newKey } from "./key.ts";
import { BodyReader } from "./message-body.ts";
import { encodeLatin1, type HeadLimits, HeadReader } from "./message-head.ts";
import type { AgreedExtension, ExtensionNegotiator } from "./negotiation.ts";
import { responseFault } from "./response-fault.ts";
import { parseStatus } from "./status-line.ts";

/** What a client asks for. */
export interface ClientRequest {
  /** The request target: path and query, such as "/chat?room=1". */
  readonly target: string;
  /** Host and, unless it is the scheme's default, port. */
  readonly host: string;
  readonly protocols: readonly string[];
  readonly extensions: readonly ExtensionNegotiator[];
  /** Further header fields; one called Host replaces `host`. */
  readonly headers: FieldLines;
}

/** An accepted handshake. */
export interface Accepted {
  /** The subprotocol; "" for none. */
  readonly protocol: string;
  /** The extension agreed on, to be opened with the connection. */
  readonly extension: AgreedExtension | undefined;
  readonly headers: Headers;
  /** What came behind the response: the first frames. */
  readonly rest: Uint8Array;
}

const limits: HeadLimits = { maxHeaderBytes: 16 * 1024, maxHeaders: 128 };

export class ClientHandshake {
  readonly #platform: Platform;
  readonly #wanted: ClientRequest;
  readonly #key: string;
  #reader = new HeadReader(limits);
  #refusal: HandshakeDetails | undefined;
  #body: BodyReader | undefined;

  /** The request to send. */
  readonly request: Uint8Array;

  /** @throws UsageError HAWSER_SUBPROTOCOL_INVALID, HAWSER_HEADER_INVALID */
  constructor(platform: Platform, wanted: ClientRequest) {
    this.#platform = platform;
    this.#wanted = wanted;
    this.#key = newKey(platform);
    checkSubprotocols(wanted.protocols);
    this.request = encodeLatin1(this.#serialize());
  }

  /**
   * Takes bytes; returns what was agreed on once the response is complete and in order.
   *
   * @throws HandshakeError
   */
  receive(bytes: Uint8Array): Accepted | undefined {
    if (this.#body !== undefined) {
      if (this.#body.receive(bytes)) this.#refuse();
      return undefined;
    }
    const head = this.#reader.receive(bytes);
    if (head === undefined) return undefined;
    if (head === "too large") throw responseFault("HAWSER_RESPONSE_TOO_LARGE");
    const status = head === "malformed" ? undefined : parseStatus(head.startLine);
    if (head === "malformed" || status === undefined)
      throw responseFault("HAWSER_RESPONSE_MALFORMED");
    const { rest } = this.#reader;
    const headers = headersFromRaw(head.fields);
    if (status === 101) return this.#check(headers, rest);
    this.#reader = new HeadReader(limits);
    // Interim responses come before the real one (RFC 9110 §15.2).
    if (status < 200) return this.receive(rest);
    this.#refusal = { status, headers };
    this.#body = new BodyReader(status, headers);
    return this.receive(rest);
  }

  /** Nothing more will come. @throws HandshakeError always: the refusal as far as it came. */
  end(cause?: unknown): never {
    if (this.#body !== undefined) this.#refuse();
    throw responseFault("HAWSER_RESPONSE_CUT", { cause });
  }

  /** Whether the server has answered with a status other than 101. */
  get isRefused(): boolean {
    return this.#refusal !== undefined;
  }

  #refuse(): never {
    const content = (this.#body as BodyReader).content();
    const body = bodyText(this.#platform, content);
    throw responseFault("HAWSER_REFUSED", { ...this.#refusal, body });
  }

  #serialize(): string {
    const { target, host, protocols, extensions, headers } = this.#wanted;
    const offers = extensions.flatMap((one) => one.offers);
    const fields = [...headers];
    const hasHost = fields.some(([name]) => name.toLowerCase() === "host");
    return (
      `GET ${target} HTTP/1.1\r\n` +
      (hasHost ? "" : `Host: ${host}\r\n`) +
      "Upgrade: websocket\r\n" +
      "Connection: Upgrade\r\n" +
      `Sec-WebSocket-Key: ${this.#key}\r\n` +
      "Sec-WebSocket-Version: 13\r\n" +
      (protocols.length === 0 ? "" : `Sec-WebSocket-Protocol: ${protocols.join(", ")}\r\n`) +
      (offers.length === 0 ? "" : `Sec-WebSocket-Extensions: ${serializeExtensions(offers)}\r\n`) +
      `${serializeFieldLines(fields, handshakeNames)}\r\n`
    );
  }

  /** The checks of RFC 6455 §4.1 on a 101 response, in its order. */
  #check(headers: Headers, rest: Uint8Array): Accepted {
    const details: HandshakeDetails = { status: 101, headers };
    // Not a list: "a value that is not an ASCII case-insensitive match" fails the connection.
    if (singleHeader(headers, "upgrade")?.toLowerCase() !== "websocket")
      throw responseFault("HAWSER_RESPONSE_UPGRADE", details);
    if (!listHas(headers, "connection", "upgrade")) {
      throw responseFault("HAWSER_RESPONSE_CONNECTION", details);
    }
    const accept = singleHeader(headers, "sec-websocket-accept");
    if (accept !== acceptFor(this.#platform, this.#key)) {
      throw responseFault("HAWSER_RESPONSE_ACCEPT", details);
    }
    return { ...readAgreement(this.#wanted, headers, details), headers, rest };
  }
}
