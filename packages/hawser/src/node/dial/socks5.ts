// A tunnel through a SOCKS5 proxy (RFC 1928), without credentials or with a user and a password (RFC 1929).
// What is asked for is a name or an address; what the proxy bound is read and of no interest.

import { Buffer } from "node:buffer";
import { isIPv4, isIPv6 } from "node:net";
import { type HandshakeError, UsageError } from "../../protocol/index.ts";
import type { Dialogue } from "./exchange.ts";
import { proxyFault, type ProxyFaultCode } from "./proxy-fault.ts";
import { type Hop, titleOf } from "./trip.ts";

const version = 5;
const noCredentials = 0;
const userAndPassword = 2;

/** RFC 1928 §6. */
const replies = [
  "succeeded",
  "general failure",
  "not allowed by its rules",
  "network unreachable",
  "host unreachable",
  "connection refused",
  "time to live expired",
  "command not supported",
  "address type not supported",
];

type Step = (answer: (bytes: Uint8Array) => void) => Step | undefined | "more";

export class Socks5Tunnel implements Dialogue {
  readonly opening: Uint8Array;
  readonly #proxy: string;
  readonly #credentials: Uint8Array | undefined;
  readonly #request: Uint8Array;
  #unread: Buffer = Buffer.alloc(0);
  #step: Step;

  /** @throws UsageError HAWSER_OPTION_INVALID: something is longer than the protocol can say */
  constructor(to: Hop, proxy: Hop, credentials: readonly [string, string] | undefined) {
    this.#proxy = titleOf(proxy);
    this.#credentials =
      credentials && Buffer.concat([Buffer.of(1), ...credentials.map(withLength)]);
    const port = Buffer.of(to.port >> 8, to.port & 0xff);
    this.#request = Buffer.concat([Buffer.of(version, 1, 0), addressOf(to.host), port]);
    const methods = credentials === undefined ? [noCredentials] : [noCredentials, userAndPassword];
    this.opening = Uint8Array.of(version, methods.length, ...methods);
    this.#step = (answer) => this.#chosen(answer);
  }

  receive(bytes: Uint8Array, answer: (bytes: Uint8Array) => void): Uint8Array | undefined {
    this.#unread = Buffer.concat([this.#unread, bytes]);
    for (;;) {
      const next = this.#step(answer);
      if (next === "more") return undefined;
      if (next === undefined) return this.#unread;
      this.#step = next;
    }
  }

  cut(cause?: Error): HandshakeError {
    return this.#fault("HAWSER_PROXY_CUT", { cause });
  }

  /** The method that the proxy has chosen (§3). */
  #chosen(answer: (bytes: Uint8Array) => void): Step | "more" {
    if (this.#unread.length > 0) this.#expect(0, version);
    if (this.#unread.length < 2) return "more";
    const method = this.#unread[1];
    this.#unread = this.#unread.subarray(2);
    if (method === noCredentials) {
      answer(this.#request);
      return () => this.#replied();
    }
    if (method === userAndPassword && this.#credentials !== undefined) {
      answer(this.#credentials);
      return (again) => this.#authenticated(again);
    }
    if (method === 0xff) throw this.#fault("HAWSER_PROXY_AUTHENTICATION");
    throw this.#fault("HAWSER_PROXY_MALFORMED");
  }

  /** RFC 1929 §2: "If the server returns a `failure' (STATUS value other than X'00') status …". */
  #authenticated(answer: (bytes: Uint8Array) => void): Step | "more" {
    if (this.#unread.length > 0) this.#expect(0, 1);
    if (this.#unread.length < 2) return "more";
    if (this.#unread[1] !== 0) throw this.#fault("HAWSER_PROXY_AUTHENTICATION");
    this.#unread = this.#unread.subarray(2);
    answer(this.#request);
    return () => this.#replied();
  }

  /** The reply to the request (§6), at most 262 bytes. */
  #replied(): "more" | undefined {
    const { length } = this.#unread;
    if (length > 0) this.#expect(0, version);
    if (length < 2) return "more";
    const reply = this.#unread[1] as number;
    if (reply !== 0) {
      const said = `${reply}, ${replies[reply] ?? "unassigned"}`;
      throw this.#fault("HAWSER_PROXY_REFUSED", { said });
    }
    if (length > 2) this.#expect(2, 0);
    if (length < 5) return "more";
    const addressBytes = this.#addressBytes(this.#unread[3] as number, this.#unread[4] as number);
    const end = 4 + addressBytes + 2;
    if (length < end) return "more";
    this.#unread = this.#unread.subarray(end);
    return undefined;
  }

  #addressBytes(type: number, first: number): number {
    if (type === 1) return 4;
    if (type === 4) return 16;
    if (type === 3) return 1 + first;
    throw this.#fault("HAWSER_PROXY_MALFORMED");
  }

  #expect(at: number, value: number): void {
    if (this.#unread[at] !== value) throw this.#fault("HAWSER_PROXY_MALFORMED");
  }

  #fault(code: ProxyFaultCode, details: Parameters<typeof proxyFault>[3] = {}): HandshakeError {
    return proxyFault(code, this.#proxy, "SOCKS5", details);
  }
}

/** The type of the address and the address (§5). */
function addressOf(host: string): Uint8Array {
  if (isIPv4(host)) return Buffer.of(1, ...host.split(".").map(Number));
  if (isIPv6(host)) return Buffer.concat([Buffer.of(4), bytesOfIPv6(host)]);
  return Buffer.concat([Buffer.of(3), withLength(host)]);
}

/** The 16 bytes of an address, in whichever of its forms. */
export function bytesOfIPv6(address: string): Uint8Array {
  // The URL parser writes every form as groups of hexadecimal digits, with at most one gap.
  const groups = new URL(`http://[${address.replace(/%.*/, "")}]`).hostname.slice(1, -1);
  const [before = "", after] = groups.split("::");
  const head = before === "" ? [] : before.split(":");
  const tail = after === undefined || after === "" ? [] : after.split(":");
  const gap = Array.from({ length: 8 - head.length - tail.length }, () => "0");
  const values = [...head, ...gap, ...tail].map((group) => Number.parseInt(group, 16));
  return Uint8Array.from(values.flatMap((value) => [value >> 8, value & 0xff]));
}

function withLength(text: string): Uint8Array {
  const bytes = Buffer.from(text);
  if (bytes.length > 0 && bytes.length < 256)
    return Buffer.concat([Buffer.of(bytes.length), bytes]);
  throw new UsageError(
    "HAWSER_OPTION_INVALID",
    "SOCKS5 has room for 1 to 255 bytes of a name, a user or a password (RFC 1928 §5, RFC 1929 §2)",
  );
}
