// Where a client wants to go: the URL of a server, read once. No message repeats the user and the password
// that a URL may have.

import { UsageError } from "../../protocol/index.ts";

/** Where to connect. */
export interface Destination {
  readonly url: URL;
  readonly isSecure: boolean;
  /** Host and, unless it is the scheme's default, port: the Host header. */
  readonly host: string;
  /** Path and query. */
  readonly target: string;
  /** "user:password" of the URL, decoded. */
  readonly credentials: string | undefined;
}

const schemes: ReadonlyMap<string, "ws:" | "wss:"> = new Map([
  ["ws:", "ws:"],
  ["wss:", "wss:"],
  ["http:", "ws:"],
  ["https:", "wss:"],
]);

/**
 * Reads the URL of a server: ws, wss, or http and https for the same.
 *
 * @throws UsageError HAWSER_URL_INVALID
 */
export function parseUrl(given: string | URL, base?: URL): Destination {
  let url: URL;
  try {
    url = new URL(given, base);
  } catch {
    throw new UsageError(
      "HAWSER_URL_INVALID",
      `${JSON.stringify(withoutSecrets(String(given)))} is no URL`,
    );
  }
  const scheme = schemes.get(url.protocol);
  if (scheme === undefined) {
    throw new UsageError(
      "HAWSER_URL_INVALID",
      `the URL of a WebSocket begins with ws: or wss:, not ${url.protocol} (${withoutSecrets(url.href)})`,
    );
  }
  if (url.hash !== "") {
    throw new UsageError(
      "HAWSER_URL_INVALID",
      `the URL of a WebSocket has no fragment (${withoutSecrets(url.href)})`,
    );
  }
  return {
    url,
    isSecure: scheme === "wss:",
    host: url.host,
    target: url.pathname + url.search,
    credentials: credentialsOf(url),
  };
}

/** Without what stands before the "@" of an authority, whether it is a URL or only looks like one. */
export function withoutSecrets(url: string): string {
  return url.replace(/^([^/?#]*\/\/)?[^/?#]*@/, "$1");
}

/** "user:password", decoded; undefined when the URL has neither. @throws UsageError HAWSER_URL_INVALID */
export function credentialsOf({ username, password }: URL): string | undefined {
  if (username === "" && password === "") return undefined;
  try {
    return `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  } catch {
    throw new UsageError(
      "HAWSER_URL_INVALID",
      "the user or password in the URL is not percent-encoded: write % as %25",
    );
  }
}
