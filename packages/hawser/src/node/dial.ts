// The way to a server: from a URL to a connected socket, TCP, TLS or unix. Each failure says in which
// phase it happened.

import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls, type ConnectionOptions as TlsOptions } from "node:tls";
import { TransportError, UsageError } from "../protocol/index.ts";

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
    throw new UsageError("HAWSER_URL_INVALID", `${JSON.stringify(String(given))} is no URL`);
  }
  const scheme = schemes.get(url.protocol);
  if (scheme === undefined) {
    throw new UsageError(
      "HAWSER_URL_INVALID",
      `the URL of a WebSocket begins with ws: or wss:, not ${url.protocol} (${url.href})`,
    );
  }
  if (url.hash !== "") {
    throw new UsageError(
      "HAWSER_URL_INVALID",
      `the URL of a WebSocket has no fragment (${url.href})`,
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

function credentialsOf({ username, password }: URL): string | undefined {
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

/** Opens a socket; it is connected when the promise resolves. @throws TransportError HAWSER_CONNECT */
export function dial(
  { url, isSecure }: Destination,
  options: { readonly tls?: TlsOptions; readonly unix?: string; readonly signal: AbortSignal },
): Promise<Socket> {
  const { signal, unix } = options;
  const hostname = url.hostname.replace(/^\[|\]$/g, "");
  const port = url.port === "" ? (isSecure ? 443 : 80) : Number(url.port);
  const where = unix === undefined ? { host: hostname, port } : { path: unix };
  const socket = isSecure
    ? connectTls({ ALPNProtocols: ["http/1.1"], ...serverName(hostname), ...where, ...options.tls })
    : connectTcp(where);
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      socket.destroy();
      reject(signal.reason as Error);
    };
    const onError = (error: Error): void => {
      signal.removeEventListener("abort", onAbort);
      const phase = isSecure ? "TCP or TLS" : "TCP";
      const to = unix ?? `${url.hostname}:${port}`;
      const why =
        error instanceof AggregateError ? error.errors.map(String).join("; ") : error.message;
      reject(
        new TransportError("HAWSER_CONNECT", `can't connect to ${to} (${phase}): ${why}`, error),
      );
    };
    signal.addEventListener("abort", onAbort, { once: true });
    socket.once("error", onError);
    socket.once(isSecure ? "secureConnect" : "connect", () => {
      signal.removeEventListener("abort", onAbort);
      socket.removeListener("error", onError);
      socket.setNoDelay(true);
      resolve(socket);
    });
    if (signal.aborted) onAbort();
  });
}

/** SNI is for names, not for addresses (RFC 6066 §3). */
function serverName(hostname: string): { servername?: string } {
  const isAddress = hostname.includes(":") || /^[\d.]+$/.test(hostname);
  return isAddress ? {} : { servername: hostname };
}
