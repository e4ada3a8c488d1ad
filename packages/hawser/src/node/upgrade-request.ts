// The opening handshake as the `upgrade` hook sees it.

import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { HandshakeOffer } from "../protocol/index.ts";

/** A request for a WebSocket connection that is in order and waits for a decision. */
export class UpgradeRequest {
  /** Path and query, such as "/chat?room=1". */
  readonly url: string;
  /** Header fields as Node gives them: names in lower case. */
  readonly headers: IncomingHttpHeaders;
  /** The page that asks, such as "https://example.com"; undefined when the client is no browser. */
  readonly origin: string | undefined;
  /** The subprotocols that the client offers, best first. */
  readonly protocols: readonly string[];
  /** Such as "1.1". */
  readonly httpVersion: string;
  /** The IP address of whoever is on the other end of the socket; a proxy's, behind one. */
  readonly ip: string | undefined;
  /** Whether it came over TLS. */
  readonly isSecure: boolean;
  /** Aborted when the client goes away or the handshake takes too long. */
  readonly signal: AbortSignal;
  /** Node's own request, for what is not here. */
  readonly incoming: IncomingMessage;

  constructor(incoming: IncomingMessage, offer: HandshakeOffer, signal: AbortSignal) {
    this.url = incoming.url as string;
    this.headers = incoming.headers;
    this.origin = offer.origin;
    this.protocols = offer.protocols;
    this.httpVersion = incoming.httpVersion;
    this.ip = incoming.socket.remoteAddress;
    this.isSecure = "encrypted" in incoming.socket;
    this.signal = signal;
    this.incoming = incoming;
  }
}

/** A yes: what the connection gets. */
export interface UpgradeAcceptance<Data> {
  /** Becomes `data` of the connection. */
  readonly data?: Data;
  /** The subprotocol, one of those offered; without it the first offered one of `protocols`. */
  readonly protocol?: string;
  /** Header fields for the 101 response, such as Set-Cookie. */
  readonly headers?:
    | Iterable<readonly [name: string, value: string]>
    | Readonly<Record<string, string>>;
}

/** A no: a Response, or anything with the same status, headers and text. */
export interface UpgradeRefusal {
  readonly status: number;
  readonly headers?: Iterable<readonly [name: string, value: string]>;
  text(): Promise<string>;
}

/** What `upgrade` returns. */
export type UpgradeResult<Data> = UpgradeAcceptance<Data> | UpgradeRefusal;

/** Decides on a handshake. */
export type UpgradeHook<Data> = (
  request: UpgradeRequest,
) => UpgradeResult<Data> | Promise<UpgradeResult<Data>>;
