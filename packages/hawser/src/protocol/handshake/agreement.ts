// What a client's handshakes have in common, whatever the version of HTTP: which subprotocols may be offered,
// and how the server's choice of a subprotocol and an extension is read from its response (RFC 6455 §4.1).

import { type HandshakeDetails, UsageError } from "../errors.ts";
import type { Platform } from "../platform.ts";
import { checkUtf8, utf8Boundary } from "../utf8.ts";
import { parseExtensions } from "./extension-header.ts";
import { type Headers, singleHeader } from "./headers.ts";
import { decodeLatin1 } from "./message-head.ts";
import { type AgreedExtension, confirmExtension, type ExtensionNegotiator } from "./negotiation.ts";
import { responseFault } from "./response-fault.ts";
import { areSubprotocols } from "./subprotocol.ts";

/** What a client offers. */
export interface Offered {
  readonly protocols: readonly string[];
  readonly extensions: readonly ExtensionNegotiator[];
}

/** What both have agreed on. */
export interface Agreed {
  /** The subprotocol; "" for none. */
  readonly protocol: string;
  readonly extension: AgreedExtension | undefined;
}

/** @throws UsageError HAWSER_SUBPROTOCOL_INVALID */
export function checkSubprotocols(protocols: readonly string[]): void {
  if (areSubprotocols(protocols)) return;
  throw new UsageError(
    "HAWSER_SUBPROTOCOL_INVALID",
    `subprotocols must be tokens that all differ (RFC 6455 §4.1): ${JSON.stringify(protocols)}`,
  );
}

/** @throws HandshakeError when the server chose what was not offered, or chose nothing where it had to */
export function readAgreement(
  offered: Offered,
  headers: Headers,
  details: HandshakeDetails,
): Agreed {
  const extension = readExtensions(offered, headers, details);
  return { protocol: readProtocol(offered, headers, details), extension };
}

function readExtensions(
  { extensions }: Offered,
  headers: Headers,
  details: HandshakeDetails,
): AgreedExtension | undefined {
  const lines = headers.get("sec-websocket-extensions");
  if (lines === undefined) return undefined;
  const responses = parseExtensions(lines.join(", "));
  const agreed = responses && confirmExtension(extensions, responses);
  if (agreed === undefined || agreed === "refused") {
    throw responseFault("HAWSER_RESPONSE_EXTENSIONS", details);
  }
  return agreed;
}

function readProtocol({ protocols }: Offered, headers: Headers, details: HandshakeDetails): string {
  const chosen = singleHeader(headers, "sec-websocket-protocol");
  if (!headers.has("sec-websocket-protocol")) {
    if (protocols.length === 0) return "";
    throw responseFault("HAWSER_RESPONSE_NO_SUBPROTOCOL", details);
  }
  if (chosen === undefined || !protocols.includes(chosen)) {
    throw responseFault("HAWSER_RESPONSE_SUBPROTOCOL", details);
  }
  return chosen;
}

/** The first bytes of a refusal's body as text: UTF-8 if it is that, else Latin-1. */
export function bodyText(platform: Platform, content: Uint8Array): string {
  const isText = checkUtf8(utf8Boundary, content, 0, content.length) === utf8Boundary;
  return isText ? platform.decodeUtf8(content, 0, content.length) : decodeLatin1(content);
}
