// Who the client is when trusted proxies stand before the server: their addresses are configured, and only
// what comes from one of them is believed. The origin is checked here then, against the host that the client
// asked the outermost proxy for.

import type { IncomingHttpHeaders } from "node:http";
import { BlockList, isIP } from "node:net";
import {
  type AllowedOrigins,
  clientByForwarded,
  clientByXForwarded,
  type HandshakeOffer,
  isHost,
  isOriginAllowed,
  refusal,
} from "../protocol/index.ts";
import { optionError } from "./check-option.ts";

/** Which header fields the proxies write. */
export type ProxyHeaders = "x-forwarded" | "forwarded";

/** What a server is told of the proxies before it. */
export interface TrustedProxyOptions {
  /**
   * The addresses of proxies that are believed who the client is, such as ["127.0.0.1", "10.0.0.0/8", "::1"];
   * "unix" for those that come by a unix socket. Default: none.
   */
  readonly trustedProxies?: readonly string[];
  /**
   * What these proxies write, overwriting or appending to what the client sent: "x-forwarded" is
   * X-Forwarded-For, -Proto and -Host, "forwarded" is RFC 7239. The other is never looked at. Default
   * "x-forwarded".
   */
  readonly proxyHeaders?: ProxyHeaders;
}

/** What a request looks like to who asks for its client: Node's own, or one of ours. */
export interface RequestSource {
  readonly headers: IncomingHttpHeaders;
  readonly socket: { readonly remoteAddress?: string | undefined; readonly destroyed: boolean };
}

/** Who the client is, and what it asked for. */
export interface ClientFacts {
  readonly ip: string | undefined;
  /** Host and port, such as "example.com:8443". */
  readonly host: string | undefined;
  readonly isSecure: boolean;
}

/** What the socket and the request alone tell. */
export function factsOf({ socket, headers }: RequestSource): ClientFacts {
  // Not `in`: the socket under a session of HTTP/2 is a stand-in that knows only what is read.
  const isSecure = (socket as { encrypted?: boolean }).encrypted === true;
  return { ip: socket.remoteAddress, host: hostOf(headers), isSecure };
}

function hostOf(headers: IncomingHttpHeaders): string | undefined {
  return headers.host ?? (headers[":authority"] as string | undefined);
}

export class TrustedProxies {
  // One list would take an IPv4 address for one of "::/0".
  readonly #ipv4 = new BlockList();
  readonly #ipv6 = new BlockList();
  readonly #isUnixTrusted: boolean;
  readonly #headers: ProxyHeaders;
  readonly #origins: AllowedOrigins;

  /** @throws UsageError HAWSER_OPTION_INVALID */
  constructor(options: TrustedProxyOptions, origins: AllowedOrigins) {
    const { trustedProxies = [], proxyHeaders = "x-forwarded" } = options;
    if (!Array.isArray(trustedProxies)) throw listError(trustedProxies);
    if (proxyHeaders !== "x-forwarded" && proxyHeaders !== "forwarded") {
      throw optionError("proxyHeaders", proxyHeaders, '"x-forwarded" or "forwarded"');
    }
    for (const entry of trustedProxies) if (entry !== "unix") this.#add(entry);
    this.#isUnixTrusted = trustedProxies.includes("unix");
    this.#headers = proxyHeaders;
    this.#origins = origins;
  }

  #add(entry: unknown): void {
    if (typeof entry !== "string") throw listError(entry);
    const [address = "", prefix, ...more] = entry.split("/");
    const version = isIP(address);
    const bits = version === 4 ? 32 : 128;
    const length = prefix === undefined ? bits : /^\d{1,3}$/.test(prefix) ? Number(prefix) : -1;
    if (version === 0 || length < 0 || length > bits || more.length > 0) throw listError(entry);
    if (version === 4) this.#ipv4.addSubnet(address, length, "ipv4");
    else this.#ipv6.addSubnet(address, length, "ipv6");
  }

  /** Whether there is a trusted proxy at the address. */
  readonly isTrusted = (address: string): boolean => {
    const plain = withoutMapping(address);
    if (isIP(plain) === 4) return this.#ipv4.check(plain, "ipv4");
    return isIP(plain) === 6 && this.#ipv6.check(plain, "ipv6");
  };

  /** Who the client is: what its proxies say, when these are trusted, else what the socket tells. */
  factsOf(source: RequestSource): ClientFacts {
    const own = factsOf(source);
    const isTrusted = own.ip === undefined ? this.#isUnix(source) : this.isTrusted(own.ip);
    if (!isTrusted) return own;
    const { headers } = source;
    const { forwarded, "x-forwarded-for": chain } = headers;
    const isForwarded = this.#headers === "forwarded";
    const told = isForwarded
      ? clientByForwarded(joined(forwarded) ?? "", this.isTrusted)
      : clientByXForwarded(
          {
            for: joined(chain),
            host: joined(headers["x-forwarded-host"]),
            proto: joined(headers["x-forwarded-proto"]),
          },
          this.isTrusted,
        );
    // Without a word of a client it is the proxy's own request, a health check perhaps.
    const isOwn = (isForwarded ? forwarded : chain) === undefined;
    return {
      ip: isOwn ? own.ip : addressIn(told.address),
      host: told.host !== undefined && isHost(told.host) ? told.host : own.host,
      isSecure: secure.get(told.proto ?? "") ?? own.isSecure,
    };
  }

  /** A socket that is gone has no address, either. */
  #isUnix({ socket }: RequestSource): boolean {
    return this.#isUnixTrusted && !socket.destroyed;
  }

  /**
   * Who the client of a handshake is.
   *
   * @throws HandshakeError HAWSER_ORIGIN
   */
  check(source: RequestSource, { origin }: HandshakeOffer): ClientFacts {
    const facts = this.factsOf(source);
    if (!isOriginAllowed(origin, facts.host ?? "", this.#origins)) throw refusal("HAWSER_ORIGIN");
    return facts;
  }
}

const secure: ReadonlyMap<string, boolean> = new Map([
  ["https", true],
  ["wss", true],
  ["http", false],
  ["ws", false],
]);

/** The address, when it is one. */
function addressIn(text: string | undefined): string | undefined {
  return text !== undefined && isIP(text) !== 0 ? text : undefined;
}

/** An IPv4 address that comes as an IPv6 one, as sockets of both have it, is that IPv4 address. */
function withoutMapping(address: string): string {
  const start = "::ffff:";
  if (!address.toLowerCase().startsWith(start)) return address;
  const rest = address.slice(start.length);
  return isIP(rest) === 4 ? rest : address;
}

/** Fields that Node gives as they came, or as a list. */
function joined(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === "object" ? value.join(", ") : value;
}

function listError(value: unknown): Error {
  const expected = 'a list of addresses such as ["127.0.0.1", "10.0.0.0/8", "unix"]';
  return optionError("trustedProxies", value, expected);
}
