// The proxy that a connection goes through: from what the user gave, or what the environment names when the
// user asks for that. What a proxy is told, credentials and header fields, is for it alone.

import { Buffer } from "node:buffer";
import { lookup } from "node:dns";
import { isIP } from "node:net";
import type { Duplex } from "node:stream";
import type { ConnectionOptions as TlsOptions } from "node:tls";
import { UsageError } from "../../protocol/index.ts";
import { credentialsOf } from "./destination.ts";
import { type Environment, proxyInEnvironment } from "./environment.ts";
import { exchange } from "./exchange.ts";
import { HttpTunnel } from "./http-proxy.ts";
import { Socks5Tunnel } from "./socks5.ts";
import type { TcpOptions } from "./tcp.ts";
import { connectError, type Hop, titleOf, type Trip, unlessAborted } from "./trip.ts";

/** A proxy with more than a URL. */
export interface ProxyOptions {
  /**
   * http:, https:, socks5: (names are looked up here) or socks5h: (names are looked up by the proxy), with a
   * user and a password if it wants them.
   */
  readonly url: string | URL;
  /** Further header fields for an HTTP proxy, such as Proxy-Authorization. */
  readonly headers?:
    | Iterable<readonly [name: string, value: string]>
    | Readonly<Record<string, string>>;
  /** For TLS with an https: proxy: what `node:tls` takes. The option `tls` of `connect` is for the server. */
  readonly tls?: TlsOptions;
}

/** What the option `proxy` may be. */
export type ProxyOption = string | URL | ProxyOptions;

/** A proxy, read and checked. */
export interface Proxy {
  readonly hop: Hop;
  readonly tls: TlsOptions | undefined;
  readonly isSocks: boolean;
  /** Whether the proxy gets names, and not addresses. */
  readonly takesNames: boolean;
  readonly credentials: readonly [user: string, password: string] | undefined;
  readonly fields: [string, string][];
}

const defaultPorts: ReadonlyMap<string, number> = new Map([
  ["http:", 80],
  ["https:", 443],
  ["socks5:", 1080],
  ["socks5h:", 1080],
]);

/**
 * The proxy for a server; undefined when it is reached without one.
 *
 * @throws UsageError HAWSER_OPTION_INVALID, HAWSER_HEADER_INVALID
 */
export function proxyFor(
  to: Hop,
  given: ProxyOption | undefined,
  environment: Environment = process.env,
): Proxy | undefined {
  if (given === undefined) return undefined;
  if (given === "environment") {
    const found = proxyInEnvironment(to, environment);
    if (found === undefined) return undefined;
    const { name, value } = found;
    const url = /^[a-z][a-z\d+.-]*:\/\//i.test(value) ? value : `http://${value}`;
    return checked(to, readProxy(name, { url }));
  }
  if (typeof given !== "string" && (typeof given !== "object" || given === null)) {
    throw proxyError("proxy");
  }
  const isUrl = typeof given === "string" || given instanceof URL;
  return checked(to, readProxy("proxy", isUrl ? { url: given } : given));
}

function readProxy(name: string, { url: given, headers = [], tls }: ProxyOptions): Proxy {
  let url: URL;
  try {
    url = new URL(given);
  } catch {
    throw proxyError(name);
  }
  const port = defaultPorts.get(url.protocol);
  if (port === undefined || url.hostname === "") throw proxyError(name);
  const credentials = credentialsOf(url);
  const colon = credentials?.indexOf(":") ?? 0;
  const pair =
    credentials && ([credentials.slice(0, colon), credentials.slice(colon + 1)] as const);
  const fields = fieldsOf(headers);
  const isSet = fields.some(([field]) => field.toLowerCase() === "proxy-authorization");
  const isSocks = url.protocol.startsWith("socks5");
  if (pair !== undefined && !isSocks && !isSet) {
    fields.push(["Proxy-Authorization", basic(credentials as string)]);
  }
  return {
    hop: {
      host: url.hostname.replace(/^\[|\]$/g, ""),
      port: url.port === "" ? port : Number(url.port),
      isSecure: url.protocol === "https:",
      isProxy: true,
    },
    tls,
    isSocks,
    takesNames: url.protocol !== "socks5:",
    credentials: pair || undefined,
    fields,
  };
}

/** Whatever can't be said to the proxy is found before anything is dialled. */
function checked(to: Hop, proxy: Proxy): Proxy {
  dialogueWith(proxy, to);
  return proxy;
}

function dialogueWith(proxy: Proxy, to: Hop): HttpTunnel | Socks5Tunnel {
  return proxy.isSocks
    ? new Socks5Tunnel(to, proxy.hop, proxy.credentials)
    : new HttpTunnel(to, proxy.hop, proxy.fields);
}

/**
 * Has the proxy at the other end of the stream open a tunnel; from then on the stream leads to the server.
 *
 * @throws HandshakeError of the proxy; TransportError HAWSER_CONNECT
 */
export async function openTunnel(
  stream: Duplex,
  to: Hop,
  proxy: Proxy,
  tcp: TcpOptions | undefined,
  trip: Trip,
): Promise<void> {
  trip.phase = proxy.isSocks ? "SOCKS5" : "proxy CONNECT";
  const isName = isIP(to.host) === 0;
  const host = proxy.takesNames || !isName ? to.host : await addressOf(to, tcp, trip);
  await exchange(stream, dialogueWith(proxy, { ...to, host }), trip);
}

/** One address of the name, found here. */
async function addressOf(to: Hop, tcp: TcpOptions = {}, trip: Trip): Promise<string> {
  const find = tcp.lookup ?? lookup;
  const found = new Promise<string>((resolve, reject) => {
    find(to.host, { family: tcp.family ?? 0, all: true }, (error, addresses) => {
      const first = Array.isArray(addresses) ? addresses[0]?.address : addresses;
      if (first !== undefined && error === null) resolve(first);
      else reject(error ?? new Error(`no address of ${to.host}`));
    });
  });
  try {
    return await unlessAborted(found, trip);
  } catch (error) {
    if (trip.signal.aborted) throw error;
    throw connectError(trip, titleOf(to), error as Error);
  }
}

/** Names and values of header fields, however they were given. */
export function fieldsOf(headers: NonNullable<ProxyOptions["headers"]>): [string, string][] {
  const fields = Symbol.iterator in headers ? headers : Object.entries(headers);
  return Array.from(fields as Iterable<readonly [string, string]>, ([name, value]) => [
    name,
    value,
  ]);
}

/** RFC 7617 §2; its §2.1 has the credentials in UTF-8. */
export function basic(credentials: string): string {
  return `Basic ${Buffer.from(credentials).toString("base64")}`;
}

/** Without the value, which may have a password in it. */
function proxyError(name: string): UsageError {
  const where = name === "proxy" ? "the option proxy" : `the environment's ${name}`;
  return new UsageError(
    "HAWSER_OPTION_INVALID",
    `${where} must be a URL such as http://user:password@host:3128, with http:, https:, socks5: or socks5h:`,
  );
}
