// The opening handshake of a server of `ws`: the checks in that library's order, each with its answer.

import type { IncomingMessage } from "node:http";
import { nodePlatform } from "../node/platform.ts";
import { acceptFor } from "../protocol/handshake/key.ts";
import { type ExtensionOffers, format, parse as parseExtensions } from "./extension.ts";
import { PerMessageDeflate, type PerMessageDeflateOptions } from "./permessage-deflate.ts";
import { parse as parseProtocols } from "./subprotocol.ts";

/** Why a handshake is refused. */
export interface Refusal {
  readonly status: number;
  readonly message?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A handshake that is in order. */
export interface Offer {
  readonly key: string;
  readonly version: number;
  readonly protocols: ReadonlySet<string>;
  readonly perMessageDeflate: PerMessageDeflate | undefined;
}

/** 16 bytes in base64. */
const keyPattern = /^[+/0-9A-Za-z]{22}==$/;

/** What is wrong with the request itself, before anybody is asked. */
export function checkRequest(request: IncomingMessage): Refusal | undefined {
  const { headers } = request;
  const key = headers["sec-websocket-key"];
  const version = Number(headers["sec-websocket-version"]);
  if (request.method !== "GET") return { status: 405, message: "Invalid HTTP method" };
  if (headers.upgrade?.toLowerCase() !== "websocket") {
    return { status: 400, message: "Invalid Upgrade header" };
  }
  if (key === undefined || !keyPattern.test(key)) {
    return { status: 400, message: "Missing or invalid Sec-WebSocket-Key header" };
  }
  if (version !== 13 && version !== 8) {
    return {
      status: 400,
      message: "Missing or invalid Sec-WebSocket-Version header",
      headers: { "Sec-WebSocket-Version": "13, 8" },
    };
  }
  return undefined;
}

/** What is offered, or why that is refused. */
export function readOffer(
  { headers }: IncomingMessage,
  deflate: false | PerMessageDeflateOptions,
  maxPayload: number,
): Offer | Refusal {
  let protocols = new Set<string>();
  const protocolsField = headers["sec-websocket-protocol"];
  if (protocolsField !== undefined) {
    try {
      protocols = parseProtocols(protocolsField);
    } catch {
      return { status: 400, message: "Invalid Sec-WebSocket-Protocol header" };
    }
  }
  const extensionsField = headers["sec-websocket-extensions"];
  let perMessageDeflate: PerMessageDeflate | undefined;
  if (deflate && extensionsField !== undefined) {
    try {
      perMessageDeflate = accepted(parseExtensions(extensionsField), deflate, maxPayload);
    } catch {
      return { status: 400, message: "Invalid or unacceptable Sec-WebSocket-Extensions header" };
    }
  }
  const key = headers["sec-websocket-key"] as string;
  return { key, version: Number(headers["sec-websocket-version"]), protocols, perMessageDeflate };
}

/** @throws Error when no offer can be accepted */
function accepted(
  offers: ExtensionOffers,
  options: PerMessageDeflateOptions,
  maxPayload: number,
): PerMessageDeflate | undefined {
  const offered = offers[PerMessageDeflate.extensionName];
  if (offered === undefined) return undefined;
  const perMessageDeflate = new PerMessageDeflate({ ...options, isServer: true, maxPayload });
  perMessageDeflate.accept(offered);
  return perMessageDeflate;
}

/** The lines of the 101, without the empty one. */
export function acceptanceLines(
  key: string,
  perMessageDeflate: PerMessageDeflate | undefined,
  protocol: string | false,
): string[] {
  const lines = [
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${acceptFor(nodePlatform, key)}`,
  ];
  if (protocol) lines.push(`Sec-WebSocket-Protocol: ${protocol}`);
  if (perMessageDeflate !== undefined) {
    const value = format({
      [PerMessageDeflate.extensionName]: [perMessageDeflate.params as Record<string, never>],
    });
    lines.push(`Sec-WebSocket-Extensions: ${value}`);
  }
  return lines;
}
