// The opening handshake as the `upgrade` hook sees it.

import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import type { HandshakeOffer } from "../protocol/index.ts";
import { type ClientCertificate, clientCertificateOf } from "./client-certificate.ts";
import { ConnectRequest } from "./http2/connect-request.ts";
import { ParsedRequest } from "./parsed-request.ts";
import { type ClientFacts, factsOf } from "./trusted-proxies.ts";

/** A request for an upgrade, as whoever has parsed it gives it. */
export type RequestSource = IncomingMessage | ParsedRequest | ConnectRequest;

/** The handshake is over before the hook decided: for the upgrader only, not for users. */
export let abortUpgrade: (request: UpgradeRequest, reason: Error) => void;

/** A request for a WebSocket connection that is in order and waits for a decision. */
export class UpgradeRequest {
  /** The page that asks, such as "https://example.com"; undefined when the client is no browser. */
  readonly origin: string | undefined;
  /** The subprotocols that the client offers, best first. */
  readonly protocols: readonly string[];
  readonly #source: RequestSource;
  /** What trusted proxies told of the client; undefined on a server that trusts none. */
  readonly #client: ClientFacts | undefined;
  // Made when it is asked for: most hooks never do, and it costs more than all the rest.
  #abort: AbortController | undefined;
  #abortReason: Error | undefined;

  constructor(source: RequestSource, offer: HandshakeOffer, client?: ClientFacts) {
    this.origin = offer.origin;
    this.protocols = offer.protocols;
    this.#source = source;
    this.#client = client;
  }

  /** Node's own request, for what is not here; over HTTP/2 its `Http2ServerRequest`. */
  get incoming(): IncomingMessage {
    return incomingOf(this.#source);
  }

  /** Path and query, such as "/chat?room=1". */
  get url(): string {
    return this.#source.url as string;
  }

  /** Header fields as Node gives them: names in lower case. */
  get headers(): IncomingHttpHeaders {
    return this.#source.headers;
  }

  /** "1.1", or "2.0" for a WebSocket over HTTP/2. */
  get httpVersion(): string {
    return this.#source.httpVersion;
  }

  /**
   * The client's IP address: what trusted proxies say (`trustedProxies`), else the other end of the socket.
   * Undefined when a proxy hides it.
   */
  get ip(): string | undefined {
    return this.#client === undefined ? this.#source.socket.remoteAddress : this.#client.ip;
  }

  /** Host and port that the client asked for, such as "example.com:8443": by trusted proxies, else by `Host`. */
  get host(): string | undefined {
    return (this.#client ?? factsOf(this.#source)).host;
  }

  /** Whether the client came over TLS: to a trusted proxy, else to this server. */
  get isSecure(): boolean {
    return (this.#client ?? factsOf(this.#source)).isSecure;
  }

  /** The certificate that the client has shown, and whether it is to be believed; undefined without one. */
  get clientCertificate(): ClientCertificate | undefined {
    return clientCertificateOf(this.#source.socket);
  }

  /** Aborted when the client goes away, or the handshake takes too long, before the hook decided. */
  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      if (this.#abortReason !== undefined) this.#abort.abort(this.#abortReason);
    }
    return this.#abort.signal;
  }

  static {
    abortUpgrade = (request, reason) => {
      request.#abortReason = reason;
      request.#abort?.abort(reason);
    };
  }
}

/** Node's own request. */
export function incomingOf(source: RequestSource): IncomingMessage {
  const isOurs = source instanceof ParsedRequest || source instanceof ConnectRequest;
  return isOurs ? source.incoming : source;
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
) => UpgradeResult<Data> | PromiseLike<UpgradeResult<Data>>;
