// What `new WebSocket` is given, checked as `ws` does: the URL, the subprotocols, the options.

import type { Buffer } from "node:buffer";
import type { ClientRequest, RequestOptions } from "node:http";
import type { SecureContextOptions } from "node:tls";
import { isToken } from "../protocol/handshake/grammar.ts";
import { sharedDefaults, type SharedOptions } from "./limits.ts";
import type { PerMessageDeflateOptions } from "./permessage-deflate.ts";

/** The options of a client: what `http.request` takes, and these. */
export interface ClientOptions extends SharedOptions, RequestOptions, SecureContextOptions {
  readonly protocol?: string | undefined;
  readonly protocols?: string | readonly string[] | undefined;
  /** Whether redirects are followed. Default false. */
  readonly followRedirects?: boolean | undefined;
  readonly maxRedirects?: number | undefined;
  /** Ends the request, which is handed over with the fields in it. */
  finishRequest?(request: ClientRequest, socket: unknown): void;
  /** Fills four bytes with a masking key; by default random ones. */
  generateMask?(mask: Buffer): void;
  /** Milliseconds for the opening handshake, anew after each redirect. */
  readonly handshakeTimeout?: number | undefined;
  readonly perMessageDeflate?: boolean | PerMessageDeflateOptions | undefined;
  readonly protocolVersion?: number | undefined;
  readonly origin?: string | undefined;
  readonly localAddress?: string;
  readonly rejectUnauthorized?: boolean | undefined;
  readonly servername?: string | undefined;
  readonly requestCert?: boolean | undefined;
  checkServerIdentity?(servername: string, certificate: never): Error | undefined;
}

/** The options with the defaults of `ws`. */
export interface ResolvedClientOptions extends ClientOptions {
  readonly allowSynchronousEvents: boolean;
  readonly autoPong: boolean;
  readonly closeTimeout: number;
  readonly maxBufferedChunks: number;
  readonly maxFragments: number;
  readonly maxPayload: number;
  readonly maxPendingAutoPongs: number;
  readonly skipUTF8Validation: boolean;
  readonly protocolVersion: number;
  readonly followRedirects: boolean;
  readonly maxRedirects: number;
}

const supportedVersions = [8, 13];

/** @throws RangeError for a version that is not supported */
export function resolveClientOptions(given: ClientOptions): ResolvedClientOptions {
  const options = {
    ...sharedDefaults,
    perMessageDeflate: true,
    protocolVersion: 13,
    followRedirects: false,
    maxRedirects: 10,
    ...given,
  } as ResolvedClientOptions;
  if (!supportedVersions.includes(options.protocolVersion)) {
    throw new RangeError(
      `Unsupported protocol version: ${options.protocolVersion} ` +
        `(supported versions: ${supportedVersions.join(", ")})`,
    );
  }
  return options;
}

const protocolError =
  'The URL\'s protocol must be one of "ws:", "wss:", "http:", "https:", or "ws+unix:"';

/** The URL; http and https become ws and wss. @throws SyntaxError when it is none */
export function readUrl(given: unknown, base?: string): URL {
  let url: URL;
  try {
    url = given instanceof URL ? given : new URL(given as string, base);
  } catch {
    throw new SyntaxError(`Invalid URL: ${String(given)}`);
  }
  if (url.protocol === "http:") url.protocol = "ws:";
  else if (url.protocol === "https:") url.protocol = "wss:";
  return url;
}

/** @throws SyntaxError when it is not that of a WebSocket */
export function checkUrl(url: URL): void {
  if (!["ws:", "wss:", "ws+unix:"].includes(url.protocol)) throw new SyntaxError(protocolError);
  if (url.protocol === "ws+unix:" && !url.pathname) {
    throw new SyntaxError("The URL's pathname is empty");
  }
  if (url.hash !== "") throw new SyntaxError("The URL contains a fragment identifier");
}

/** @throws SyntaxError */
export function checkProtocols(protocols: readonly unknown[]): void {
  const seen = new Set<unknown>();
  for (const protocol of protocols) {
    if (typeof protocol !== "string" || !isToken(protocol) || seen.has(protocol)) {
      throw new SyntaxError("An invalid or duplicated subprotocol was specified");
    }
    seen.add(protocol);
  }
}
