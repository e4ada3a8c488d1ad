// What `new WebSocket` is given, checked as `ws` does: the URL, the subprotocols, the options.

import type { Buffer } from "node:buffer";
import type { Agent, ClientRequest, ClientRequestArgs } from "node:http";
import type { createConnection } from "node:net";
import type { PeerCertificate, SecureContextOptions } from "node:tls";
import { isToken } from "../protocol/handshake/grammar.ts";
import type { WebSocket } from "./face/web-socket.ts";
import { sharedDefaults, type SharedOptions } from "./limits.ts";
import type { PerMessageDeflateOptions } from "./permessage-deflate.ts";

/** Certificates and keys. */
export type CertMeta = string | string[] | Buffer | Buffer[];

/** Ends the request, which is handed over with the fields in it. */
export type FinishRequestCallback = (request: ClientRequest, socket: WebSocket) => void;

/** What the constructor takes beside what `http.request` takes. */
export interface ClientOptions extends SharedOptions, SecureContextOptions {
  protocol?: string | undefined;
  protocols?: string | readonly string[] | undefined;
  /** Whether redirects are followed. Default false. */
  followRedirects?: boolean | undefined;
  /** Default 10. */
  maxRedirects?: number | undefined;
  finishRequest?: FinishRequestCallback | undefined;
  /** Fills four bytes with a masking key; by default random ones. */
  generateMask?(mask: Buffer): void;
  /** Milliseconds for the opening handshake, anew after each redirect. */
  handshakeTimeout?: number | undefined;
  /** Default true. */
  perMessageDeflate?: boolean | PerMessageDeflateOptions | undefined;
  /** 13 or 8. Default 13. */
  protocolVersion?: number | undefined;
  origin?: string | undefined;
  headers?: { [name: string]: string } | undefined;
  agent?: Agent | undefined;
  host?: string | undefined;
  family?: number | undefined;
  localAddress?: string | undefined;
  createConnection?: typeof createConnection | undefined;
  rejectUnauthorized?: boolean | undefined;
  servername?: string | undefined;
  /** As for `tls.connect`: returns an Error when the certificate is not that server's. */
  // oxlint-disable-next-line typescript/no-explicit-any -- a boolean, say the declarations of `ws`
  checkServerIdentity?(servername: string, certificate: CertMeta | PeerCertificate): any;
}

/** What the constructor may be given. */
export type GivenClientOptions = ClientOptions | ClientRequestArgs;

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
    protocols: [],
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
