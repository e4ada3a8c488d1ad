// The URL of a WebSocket, as the standard's "obtain a URL record" makes it of what the user passed.

import { Buffer } from "node:buffer";
import { type Destination, parseUrl } from "../node/dial.ts";

/** The scheme of the same server for WebSockets. */
const schemes: ReadonlyMap<string, string> = new Map([
  ["http:", "ws:"],
  ["https:", "wss:"],
]);

/**
 * The URL record. The base of a relative one is that of the page, where something plays a page: Node has no
 * global `location`, but programs that test pages do.
 *
 * @throws DOMException SyntaxError
 */
export function toUrlRecord(text: string): URL {
  let url: URL;
  try {
    url = new URL(text, pageUrl());
  } catch {
    throw new DOMException(`The URL '${text}' is invalid.`, "SyntaxError");
  }
  url.protocol = schemes.get(url.protocol) ?? url.protocol;
  if (url.protocol !== "ws:" && url.protocol !== "wss:") {
    throw new DOMException(
      `The URL's scheme must be either 'http', 'https', 'ws', or 'wss'. '${url.protocol.slice(0, -1)}' is not allowed.`,
      "SyntaxError",
    );
  }
  // An empty fragment is one, too, and `hash` does not tell.
  if (url.href.includes("#")) {
    throw new DOMException(
      `The URL contains a fragment identifier ('${url.hash.slice(1)}'). Fragment identifiers are not allowed in WebSocket URLs.`,
      "SyntaxError",
    );
  }
  return url;
}

function pageUrl(): string | undefined {
  const { href } = (globalThis as { location?: { href?: unknown } }).location ?? {};
  return typeof href === "string" && URL.canParse(href) ? href : undefined;
}

/** Where that URL leads. */
export function destinationOf(record: URL): Destination {
  const url = new URL(record);
  url.username = "";
  url.password = "";
  return parseUrl(url);
}

/** What the URL's user and password are as an Authorization header (RFC 7617); undefined without any. */
export function authorizationOf({ username, password }: URL): string | undefined {
  if (username === "" && password === "") return undefined;
  const credentials = Buffer.concat([
    percentDecode(username),
    Buffer.from(":"),
    percentDecode(password),
  ]);
  return `Basic ${credentials.toString("base64")}`;
}

/** "Percent-decode" of the URL standard: what is no escape is left as it is. */
function percentDecode(text: string): Buffer {
  const bytes = text.replace(/%([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(bytes, "latin1");
}
