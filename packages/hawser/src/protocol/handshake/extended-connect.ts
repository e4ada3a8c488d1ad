// The opening handshake over HTTP/2 (RFC 8441): an extended CONNECT, checked and answered rule by rule. Field
// lines come from whoever speaks HTTP/2, names and values by turns, with the pseudo-header fields before all
// others. There is no key, no Upgrade and no Connection; all else is as over HTTP/1.1.

import type { Platform } from "../platform.ts";
import { type Agreed, bodyText, checkSubprotocols, readAgreement } from "./agreement.ts";
import type { ClientRequest } from "./client-handshake.ts";
import { serializeExtensions } from "./extension-header.ts";
import { checkField, connectionNames, type FieldLines, handshakeNames } from "./field-lines.ts";
import { HandshakeFields } from "./handshake-fields.ts";
import { headersFromRaw } from "./headers.ts";
import { type RefusalCode, refusal } from "./refusal.ts";
import { responseFault } from "./response-fault.ts";
import {
  type Acceptance,
  type HandshakeOffer,
  type HandshakeRules,
  isHost,
  readOffer,
} from "./server-handshake.ts";

/** The pseudo-header fields of an extended CONNECT (RFC 8441 §4). */
const pseudoNames: ReadonlySet<string> = new Set([
  ":method",
  ":protocol",
  ":scheme",
  ":authority",
  ":path",
]);

/** A request as far as its form goes. */
interface ReadRequest {
  readonly pseudo: ReadonlyMap<string, string>;
  readonly fields: HandshakeFields;
}

/**
 * Checks an extended CONNECT. "malformed" is a stream error of the type PROTOCOL_ERROR (RFC 9113 §8.1.1):
 * such a request gets no response.
 *
 * @param raw names and values by turns
 * @throws HandshakeError with the response that the client gets; its code is one of `refusals`
 */
export function checkConnect(
  raw: readonly string[],
  rules: HandshakeRules,
): HandshakeOffer | "malformed" {
  const request = readRequest(raw);
  if (request === undefined) return "malformed";
  const code = checkTarget(request, rules);
  if (code !== undefined) throw refusal(code);
  const { fields } = request;
  const offer = readOffer(fields, "", hostOf(request), rules.origins);
  if (typeof offer === "string") throw refusal(offer);
  return offer;
}

function readRequest(raw: readonly string[]): ReadRequest | undefined {
  const pseudo = new Map<string, string>();
  const fields = new HandshakeFields();
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const [name, value] = [raw[i] as string, raw[i + 1] as string];
    if (name.startsWith(":")) {
      // "All pseudo-header fields MUST appear … before all regular field lines", each once (§8.3).
      if (fields.count > 0 || pseudo.has(name) || !pseudoNames.has(name)) return undefined;
      pseudo.set(name, value);
    } else {
      if (name !== name.toLowerCase() || connectionNames.has(name)) return undefined;
      fields.add(name, value);
    }
  }
  const isConnect = pseudo.get(":method") === "CONNECT" && pseudo.has(":protocol");
  // "On requests that contain the :protocol pseudo-header field, the :scheme and :path … MUST also be included."
  if (!isConnect || !pseudo.has(":scheme") || !pseudo.has(":path")) return undefined;
  const authority = pseudo.get(":authority");
  const isOther = fields.host !== undefined && authority !== undefined && fields.host !== authority;
  // "A server SHOULD treat a request as malformed if it contains a Host … that differs" (RFC 9113 §8.3.1).
  return isOther ? undefined : { pseudo, fields };
}

/** A request without :authority may have a Host (RFC 9113 §8.3.1). */
function hostOf({ pseudo, fields }: ReadRequest): string {
  return pseudo.get(":authority") ?? fields.host ?? "";
}

function checkTarget(request: ReadRequest, rules: HandshakeRules): RefusalCode | undefined {
  const { pseudo, fields } = request;
  if (pseudo.get(":protocol")?.toLowerCase() !== "websocket") return "HAWSER_CONNECT_PROTOCOL";
  const path = pseudo.get(":path") as string;
  if (path.length > rules.maxUrlBytes) return "HAWSER_URL_TOO_LONG";
  if (fields.count > rules.maxHeaders || fields.bytes > rules.maxHeaderBytes) {
    return "HAWSER_HEADERS_TOO_LARGE";
  }
  const scheme = pseudo.get(":scheme");
  const host = hostOf(request);
  // Either scheme: before a server without TLS there may be a proxy that has it.
  const isHttp = scheme === "https" || scheme === "http";
  if (!isHttp || !path.startsWith("/") || !isHost(host)) return "HAWSER_CONNECT_TARGET";
  if (fields.contentLength !== undefined && fields.contentLength !== "0") return "HAWSER_BODY";
  return fields.version === "13" ? undefined : "HAWSER_VERSION";
}

/**
 * The field lines of the response that accepts: status 200 (RFC 8441 §5).
 *
 * @throws UsageError HAWSER_HEADER_INVALID
 */
export function acceptanceFields(acceptance: Omit<Acceptance, "key">): [string, string][] {
  const { protocol, extension, headers } = acceptance;
  const fields: [string, string][] = [[":status", "200"]];
  if (protocol !== "") fields.push(["sec-websocket-protocol", protocol]);
  if (extension !== undefined) {
    fields.push(["sec-websocket-extensions", serializeExtensions([extension])]);
  }
  return addFields(fields, headers);
}

/** Adds a user's fields, in lower case, as HTTP/2 has them. */
function addFields(fields: [string, string][], added: FieldLines): [string, string][] {
  for (const [name, value] of added) {
    checkField(name, value, reservedNames);
    fields.push([name.toLowerCase(), value]);
  }
  return fields;
}

const reservedNames: ReadonlySet<string> = new Set([...handshakeNames, ...connectionNames]);

/** A client's side of the handshake. */
export class ConnectHandshake {
  readonly #platform: Platform;
  readonly #wanted: ClientRequest;

  /** The field lines of the request to send. */
  readonly fields: readonly (readonly [name: string, value: string])[];

  /** @throws UsageError HAWSER_SUBPROTOCOL_INVALID, HAWSER_HEADER_INVALID */
  constructor(platform: Platform, wanted: ClientRequest, scheme: "http" | "https") {
    this.#platform = platform;
    this.#wanted = wanted;
    const { protocols, extensions, headers } = wanted;
    checkSubprotocols(protocols);
    const offers = extensions.flatMap((one) => one.offers);
    const added = [...headers];
    const host = added.find(([name]) => name.toLowerCase() === "host")?.[1] ?? wanted.host;
    const fields: [string, string][] = [
      [":method", "CONNECT"],
      [":protocol", "websocket"],
      [":scheme", scheme],
      [":authority", host],
      [":path", wanted.target],
      ["sec-websocket-version", "13"],
    ];
    if (protocols.length > 0) fields.push(["sec-websocket-protocol", protocols.join(", ")]);
    if (offers.length > 0) fields.push(["sec-websocket-extensions", serializeExtensions(offers)]);
    this.fields = addFields(
      fields,
      added.filter(([name]) => name.toLowerCase() !== "host"),
    );
  }

  /**
   * Reads the head of the response; "refused" when the server said no, and `refuse` is to be given its body.
   *
   * @param raw names and values by turns
   * @throws HandshakeError when it says yes to what was not offered
   */
  receive(status: number, raw: readonly string[]): Agreed | "refused" {
    // "a 2xx (successful) status code": RFC 9110 §9.3.6 of CONNECT.
    if (status < 200 || status > 299) return "refused";
    const headers = headersFromRaw(raw);
    return readAgreement(this.#wanted, headers, { status, headers });
  }

  /** @throws HandshakeError always */
  refuse(status: number, raw: readonly string[], content: Uint8Array): never {
    const headers = headersFromRaw(raw);
    const body = bodyText(this.#platform, content);
    throw responseFault("HAWSER_REFUSED", { status, headers, body });
  }
}
