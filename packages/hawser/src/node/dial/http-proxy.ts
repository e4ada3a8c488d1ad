// A tunnel through an HTTP proxy: CONNECT (RFC 9110 §9.3.6), for ws as for wss (RFC 6455 §4.1). Only a
// 2xx opens it. Whatever else comes, a redirect too, is the proxy's own and never taken for the server's.

import { Buffer } from "node:buffer";
import {
  encodeLatin1,
  type HeadLimits,
  HeadReader,
} from "../../protocol/handshake/message-head.ts";
import {
  framingNames,
  type FieldLines,
  serializeFieldLines,
} from "../../protocol/handshake/field-lines.ts";
import { type Headers, headersFromRaw } from "../../protocol/handshake/headers.ts";
import { BodyReader } from "../../protocol/handshake/message-body.ts";
import { parseStatus } from "../../protocol/handshake/status-line.ts";
import type { HandshakeError } from "../../protocol/index.ts";
import type { Dialogue } from "./exchange.ts";
import { proxyFault, type ProxyFaultCode } from "./proxy-fault.ts";
import { authorityOf, type Hop, titleOf } from "./trip.ts";

/** As of a server's answer. */
const limits: HeadLimits = { maxHeaderBytes: 16 * 1024, maxHeaders: 128 };

const reserved: ReadonlySet<string> = new Set([...framingNames, "host"]);

export class HttpTunnel implements Dialogue {
  readonly opening: Uint8Array;
  readonly #proxy: string;
  #head = new HeadReader(limits);
  #refusal: { readonly status: number; readonly headers: Headers } | undefined;
  #said = "";
  #body: BodyReader | undefined;

  /** @throws UsageError HAWSER_HEADER_INVALID */
  constructor(to: Hop, proxy: Hop, fields: FieldLines) {
    this.#proxy = titleOf(proxy);
    const authority = authorityOf(to);
    this.opening = encodeLatin1(
      `CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n` +
        `${serializeFieldLines(fields, reserved)}\r\n`,
    );
  }

  receive(bytes: Uint8Array): Uint8Array | undefined {
    let rest = bytes;
    while (this.#body === undefined) {
      const head = this.#head.receive(rest);
      if (head === undefined) return undefined;
      if (head === "too large") throw this.#fault("HAWSER_PROXY_TOO_LARGE");
      const status = head === "malformed" ? undefined : parseStatus(head.startLine);
      // To switch protocols is no answer to CONNECT.
      if (head === "malformed" || status === undefined || status === 101) {
        throw this.#fault("HAWSER_PROXY_MALFORMED");
      }
      ({ rest } = this.#head);
      // "A client MUST ignore any Content-Length or Transfer-Encoding" of a 2xx to CONNECT.
      if (status >= 200 && status < 300) return rest;
      this.#head = new HeadReader(limits);
      // Interim responses come before the real one (RFC 9110 §15.2).
      if (status < 200) continue;
      const headers = headersFromRaw(head.fields);
      this.#refusal = { status, headers };
      this.#said = JSON.stringify(head.startLine.slice(0, 100));
      this.#body = new BodyReader(status, headers);
    }
    if (this.#body.receive(rest)) throw this.#refused();
    return undefined;
  }

  cut(cause?: Error): HandshakeError {
    // A refusal whose body is cut is still a refusal.
    return this.#body === undefined ? this.#fault("HAWSER_PROXY_CUT", { cause }) : this.#refused();
  }

  /** Whether the proxy has refused, and only the rest of its reason is missing. */
  get isRefused(): boolean {
    return this.#body !== undefined;
  }

  #refused(): HandshakeError {
    const isAuthentication = this.#refusal?.status === 407;
    return this.#fault(isAuthentication ? "HAWSER_PROXY_AUTHENTICATION" : "HAWSER_PROXY_REFUSED", {
      ...this.#refusal,
      body: Buffer.from((this.#body as BodyReader).content()).toString(),
      said: this.#said,
    });
  }

  #fault(code: ProxyFaultCode, details: Parameters<typeof proxyFault>[3] = {}): HandshakeError {
    return proxyFault(code, this.#proxy, "proxy CONNECT", details);
  }
}
