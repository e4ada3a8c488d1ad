// Where a redirect leads, and what does not go along to another origin: whatever says who the client is.

import type { ConnectionOptions as TlsOptions } from "node:tls";
import { HandshakeError } from "../protocol/index.ts";
import { type Destination, parseUrl } from "./dial.ts";

const redirectStatuses = new Set([301, 302, 303, 307, 308]);

/** Where a redirect leads; wss to ws would give away what TLS protected, and is refused. */
export function redirectOf(error: unknown, from: Destination): Destination | undefined {
  // The server's own: what a proxy answers is no word of the server's.
  if (!(error instanceof HandshakeError) || error.code !== "HAWSER_REFUSED") return undefined;
  if (!redirectStatuses.has(error.status)) return undefined;
  const location = error.headers.get("location")?.[0];
  if (location === undefined) return undefined;
  let next: Destination;
  try {
    next = parseUrl(location, from.url);
  } catch {
    return undefined;
  }
  return from.isSecure && !next.isSecure ? undefined : next;
}

const credentialNames = new Set(["authorization", "cookie", "proxy-authorization", "host"]);

/** Another origin must not get what was meant for the first (RFC 9110 §15.4). */
export function withoutCredentials(headers: [string, string][]): [string, string][] {
  return headers.filter(([name]) => !credentialNames.has(name.toLowerCase()));
}

/** What says in TLS who the client is, in any of its ways, or by which name it knows the first server. */
const identityNames = new Set([
  "cert",
  "key",
  "pfx",
  "passphrase",
  "privateKeyIdentifier",
  "privateKeyEngine",
  "clientCertEngine",
  "secureContext",
  "session",
  "pskCallback",
  "servername",
]);

export function withoutIdentity(tls: TlsOptions = {}): TlsOptions {
  return Object.fromEntries(Object.entries(tls).filter(([name]) => !identityNames.has(name)));
}
