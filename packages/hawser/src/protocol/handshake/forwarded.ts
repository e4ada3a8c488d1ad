// What proxies say of the client behind them: `Forwarded` (RFC 7239) and its older relatives
// `X-Forwarded-For`, `-Proto` and `-Host`. Each proxy appends, so the right end is what the nearest one wrote
// and the left end is whatever the client claimed: everything is read from the right, and only as far as
// the addresses are those of trusted proxies. Parsed by hand in one pass.

import { isSpaceAt, isTokenCharAt, skipSpace, splitList } from "./grammar.ts";

/** One element of `Forwarded`: what one proxy says of who came to it (RFC 7239 §4). */
export interface ForwardedElement {
  /** The node that made the request, as it is written, port and brackets too. */
  readonly for: string | undefined;
  /** The Host that it asked for. */
  readonly host: string | undefined;
  /** The scheme that it used. */
  readonly proto: string | undefined;
}

/** The values of the three older headers, several lines joined by commas. */
export interface XForwarded {
  readonly for: string | undefined;
  readonly host: string | undefined;
  readonly proto: string | undefined;
}

/** The elements of a `Forwarded` header, in order; undefined when it breaks the grammar of RFC 7239 §4. */
export function parseForwarded(header: string): ForwardedElement[] | undefined {
  const elements: ForwardedElement[] = [];
  let pairs = new Map<string, string>();
  let at = 0;
  for (;;) {
    at = skipSpace(header, at);
    const separator = header[at];
    if (separator === undefined || separator === ",") {
      if (pairs.size > 0) elements.push(elementOf(pairs));
      if (separator === undefined) return elements;
      pairs = new Map();
      at++;
      continue;
    }
    if (separator === ";") {
      at++;
      continue;
    }
    const pair = readPair(header, at);
    // "Each parameter MUST NOT occur more than once per field-value" (§4).
    if (pair === undefined || pairs.has(pair.name)) return undefined;
    pairs.set(pair.name, pair.value);
    at = skipSpace(header, pair.end);
    if (at < header.length && header[at] !== "," && header[at] !== ";") return undefined;
  }
}

function elementOf(pairs: ReadonlyMap<string, string>): ForwardedElement {
  return { for: pairs.get("for"), host: pairs.get("host"), proto: pairs.get("proto") };
}

interface Pair {
  /** In lower case: "the parameter names are case-insensitive" (§4). */
  readonly name: string;
  readonly value: string;
  readonly end: number;
}

function readPair(text: string, start: number): Pair | undefined {
  const nameEnd = skipToken(text, start);
  if (nameEnd === start || text[nameEnd] !== "=") return undefined;
  const name = text.slice(start, nameEnd).toLowerCase();
  const valueStart = nameEnd + 1;
  if (text[valueStart] !== '"') {
    const end = skipToken(text, valueStart);
    return end === valueStart ? undefined : { name, value: text.slice(valueStart, end), end };
  }
  let value = "";
  for (let at = valueStart + 1; at < text.length; at++) {
    if (text[at] === '"') return { name, value, end: at + 1 };
    if (text[at] === "\\") at++;
    value += text[at] ?? "";
  }
  return undefined;
}

function skipToken(text: string, start: number): number {
  let at = start;
  while (at < text.length && isTokenCharAt(text, at)) at++;
  return at;
}

/**
 * The address in a node (RFC 7239 §6) or an entry of `X-Forwarded-For`, without port and brackets; undefined
 * for one that hides it: "unknown", or an identifier such as "_proxy1". Whether it is an address is not
 * looked at.
 */
export function addressOfNode(node: string): string | undefined {
  if (node === "" || node.startsWith("_") || node.toLowerCase() === "unknown") return undefined;
  if (node.startsWith("[")) {
    const end = node.indexOf("]");
    if (end === -1 || !isNodePort(node.slice(end + 1))) return undefined;
    return node.slice(1, end);
  }
  const colon = node.indexOf(":");
  // More than one colon is an IPv6 address without brackets, as X-Forwarded-For has them.
  if (colon === -1 || node.includes(":", colon + 1)) return node;
  return isNodePort(node.slice(colon)) ? node.slice(0, colon) : undefined;
}

/** Whether the text is empty, or a colon with a port: up to five digits, or an identifier (§6.3). */
function isNodePort(text: string): boolean {
  if (text === "") return true;
  if (text[0] !== ":" || text.length === 1) return false;
  const isIdentifier = text[1] === "_";
  if (!isIdentifier && text.length > 6) return false;
  for (let i = 1; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const isDigit = code >= 0x30 && code <= 0x39;
    if (isIdentifier ? isSpaceAt(text, i) : !isDigit) return false;
  }
  return true;
}

/** Who is behind trusted proxies, as the outermost of them saw it. */
export interface ForwardedClient {
  /** Undefined when no trusted proxy tells. */
  readonly address: string | undefined;
  readonly host: string | undefined;
  readonly proto: string | undefined;
}

/** Whether there is a trusted proxy at this address. */
export type IsTrusted = (address: string) => boolean;

/**
 * The client, by the `Forwarded` header of a request from a trusted proxy. A header that breaks the grammar
 * tells nothing: what a client wrote into it can't be told from what the proxies did.
 */
export function clientByForwarded(header: string, isTrusted: IsTrusted): ForwardedClient {
  const elements = parseForwarded(header) ?? [unknownElement];
  const addresses = elements.map((one) => addressOfNode(one.for ?? ""));
  const { address, hops } = trace(addresses, isTrusted);
  const { host, proto } = fromRight(elements, hops) ?? unknownElement;
  return { address, host, proto: proto?.toLowerCase() };
}

const unknownElement: ForwardedElement = { for: undefined, host: undefined, proto: undefined };

/** The client, by the older headers of a request from a trusted proxy. */
export function clientByXForwarded(headers: XForwarded, isTrusted: IsTrusted): ForwardedClient {
  // An empty entry counts: leaving it out would move the others.
  const addresses = (headers.for?.split(",") ?? []).map((one) => addressOfNode(one.trim()));
  const { address, hops } = trace(addresses, isTrusted);
  return {
    address,
    host: fromRight(splitList(headers.host ?? ""), hops),
    proto: fromRight(splitList(headers.proto ?? ""), hops)?.toLowerCase(),
  };
}

/** The first address from the right that is no trusted proxy's, and how many entries that is. */
function trace(
  addresses: readonly (string | undefined)[],
  isTrusted: IsTrusted,
): { address: string | undefined; hops: number } {
  for (let hops = 1; hops < addresses.length; hops++) {
    const address = addresses[addresses.length - hops];
    if (address === undefined || !isTrusted(address)) return { address, hops };
  }
  // All others are proxies: the left end is where it began.
  return { address: addresses[0], hops: Math.max(1, addresses.length) };
}

/** What the proxy that many hops away wrote; of a shorter list, where some proxies only overwrite, the first. */
function fromRight<Entry>(entries: readonly Entry[], hops: number): Entry | undefined {
  return entries[Math.max(0, entries.length - hops)];
}
