// `PerMessageDeflate` of `ws`: how it negotiates (its own rules, which are not those of `hawser`), around
// the permessage-deflate of the protocol. `compress` and `decompress` are for programs that use it by itself.

import { Buffer } from "node:buffer";
import zlib, { type ZlibOptions } from "node:zlib";
import { zlibEngine } from "../node/deflate/engine.ts";
import { DeflateAgreement } from "../protocol/deflate/agreement.ts";
import type { DeflateEngine } from "../protocol/deflate/engine.ts";
import { type DeflateCallback, DeflateStream } from "./deflate-streams.ts";
import type { ExtensionParameters } from "./extension.ts";

/**
 * Of what zlib is told, connections take `level` and `memLevel`, and decide the rest. Their defaults are those
 * of `hawser`, 1 and 7, where `ws` leaves them to zlib, whose are 6 and 8: in `npm run bench -- --scenario
 * echo-deflate`, whose windows are kept, level 6 takes twice the CPU time (142 µs instead of 70) for 16% fewer bytes.
 */
interface DeflateOptions extends Omit<ZlibOptions, "dictionary"> {
  dictionary?: Buffer | Buffer[] | DataView | undefined;
}

export interface PerMessageDeflateOptions {
  /** Whether to ask the server to keep no window, or to keep none as a server; false refuses that. */
  serverNoContextTakeover?: boolean | undefined;
  clientNoContextTakeover?: boolean | undefined;
  /** 8 to 15. */
  serverMaxWindowBits?: number | undefined;
  clientMaxWindowBits?: number | undefined;
  zlibDeflateOptions?: DeflateOptions | undefined;
  zlibInflateOptions?: ZlibOptions | undefined;
  /** Bytes below which nothing is compressed where no window is kept. Default 1,024. */
  threshold?: number | undefined;
  /** Of `compress` and `decompress`. Connections compress at once what is small, the rest one by one. */
  concurrencyLimit?: number | undefined;
}

/** What the class itself is given. */
interface OwnOptions
  extends Omit<PerMessageDeflateOptions, "clientMaxWindowBits" | "serverMaxWindowBits"> {
  /** False refuses to be limited. */
  readonly serverMaxWindowBits?: number | boolean | undefined;
  readonly clientMaxWindowBits?: number | boolean | undefined;
  readonly isServer?: boolean | undefined;
  /** Of `decompress`. */
  readonly maxPayload?: number | undefined;
}

/** The parameters in agreement, by their names in RFC 7692 §7.1. */
export interface AgreedParameters {
  server_no_context_takeover?: true;
  client_no_context_takeover?: true;
  server_max_window_bits?: number | true;
  client_max_window_bits?: number | true;
}

const extensionName = "permessage-deflate";
const defaultThreshold = 1024;
const defaultConcurrencyLimit = 10;

/** The end of a block that makes the bytes complete, which no message has (RFC 7692 §7.2.1). */
const tail = Buffer.from("0000ffff", "hex");

/**
 * The largest window that is deflated with, whatever larger one the peer has: of 1 KiB JSON messages 14 bits
 * make 225 bytes where 15 make 222, for 60 µs of an echo instead of 74 with 64 connections, whose windows are
 * in no cache, and for half the memory.
 */
const mostDeflateWindowBits = 14;

export class PerMessageDeflate {
  readonly #options: OwnOptions;
  readonly #isServer: boolean;
  readonly #threshold: number;
  #deflate: DeflateStream | undefined;
  #inflate: DeflateStream | undefined;
  params: AgreedParameters | null = null;

  constructor(options?: OwnOptions) {
    this.#options = options ?? {};
    this.#isServer = options?.isServer === true;
    this.#threshold = options?.threshold ?? defaultThreshold;
  }

  static get extensionName(): string {
    return extensionName;
  }

  /** What a client offers. */
  offer(): AgreedParameters {
    const options = this.#options;
    const offer: AgreedParameters = {};
    if (options.serverNoContextTakeover === true) offer.server_no_context_takeover = true;
    if (options.clientNoContextTakeover === true) offer.client_no_context_takeover = true;
    if (options.serverMaxWindowBits) {
      offer.server_max_window_bits = options.serverMaxWindowBits;
    }
    if (options.clientMaxWindowBits) {
      offer.client_max_window_bits = options.clientMaxWindowBits;
    } else if (options.clientMaxWindowBits === undefined) offer.client_max_window_bits = true;
    return offer;
  }

  /**
   * A server's choice among the offers, or a client's reading of the answer.
   *
   * @throws Error when it can't be accepted
   */
  accept(configurations: readonly ExtensionParameters[]): AgreedParameters {
    const read = configurations.map((parameters) => readParameters(parameters, this.#isServer));
    this.params = this.#isServer ? this.#acceptOffer(read) : this.#acceptAnswer(read);
    return this.params;
  }

  #acceptOffer(offers: readonly AgreedParameters[]): AgreedParameters {
    const { serverNoContextTakeover, serverMaxWindowBits, clientMaxWindowBits } = this.#options;
    const offer = offers.find((one) => {
      if (serverNoContextTakeover === false && one.server_no_context_takeover) return false;
      return (
        fits(serverMaxWindowBits, one.server_max_window_bits) &&
        (typeof clientMaxWindowBits !== "number" ||
          (one.client_max_window_bits !== undefined &&
            fits(clientMaxWindowBits, one.client_max_window_bits)))
      );
    });
    if (offer === undefined) throw new Error("None of the extension offers can be accepted");
    if (serverNoContextTakeover) offer.server_no_context_takeover = true;
    if (this.#options.clientNoContextTakeover) offer.client_no_context_takeover = true;
    if (typeof serverMaxWindowBits === "number") offer.server_max_window_bits = serverMaxWindowBits;
    if (typeof clientMaxWindowBits === "number") offer.client_max_window_bits = clientMaxWindowBits;
    else if (offer.client_max_window_bits === true || clientMaxWindowBits === false) {
      delete offer.client_max_window_bits;
    }
    return offer;
  }

  #acceptAnswer([answer = {}]: readonly AgreedParameters[]): AgreedParameters {
    const { clientNoContextTakeover, clientMaxWindowBits } = this.#options;
    if (clientNoContextTakeover === false && answer.client_no_context_takeover) {
      throw new Error('Unexpected parameter "client_no_context_takeover"');
    }
    if (answer.client_max_window_bits === undefined) {
      if (typeof clientMaxWindowBits === "number") {
        answer.client_max_window_bits = clientMaxWindowBits;
      }
    } else if (
      clientMaxWindowBits === false ||
      (typeof clientMaxWindowBits === "number" &&
        (answer.client_max_window_bits as number) > clientMaxWindowBits)
    ) {
      throw new Error('Unexpected or invalid parameter "client_max_window_bits"');
    }
    return answer;
  }

  /** What was accepted, for the connection. */
  get agreement(): DeflateAgreement {
    const server = this.#agreedWay(true);
    const client = this.#agreedWay(false);
    const [sending, receiving] = this.#isServer ? [server, client] : [client, server];
    const resources = {
      engine: engineFor(this.#options.zlibDeflateOptions),
      budget: undefined,
      minBytes: sending.takeover ? 0 : this.#threshold,
      sendsLonger: true,
    };
    return new DeflateAgreement(
      { name: extensionName, parameters: [] },
      resources,
      { ...sending, windowBits: Math.min(mostDeflateWindowBits, sending.windowBits) },
      { ...receiving, windowBits: Math.max(9, receiving.windowBits) },
    );
  }

  /** Whether a message of that size is compressed: a small one is where a window is kept. */
  isWorthCompressing(bytes: number): boolean {
    const { params } = this;
    const keepsWindow = this.#isServer
      ? params?.server_no_context_takeover !== true
      : params?.client_no_context_takeover !== true;
    return keepsWindow || bytes >= this.#threshold;
  }

  /** Compresses a message that may come in parts; `fin` ends it. */
  compress(data: string | Uint8Array, fin: boolean, callback: DeflateCallback): void {
    const own = this.#agreedWay(this.#isServer);
    const options = { ...this.#options.zlibDeflateOptions, windowBits: own.windowBits };
    const make = () => zlib.createDeflateRaw(options as unknown as ZlibOptions);
    this.#deflate ??= new DeflateStream(make, 0, this.#concurrencyLimit);
    this.#deflate.run({
      parts: [Buffer.from(data as Uint8Array)],
      resets: fin && !own.takeover,
      callback: (error, bytes) => {
        if (bytes === undefined) callback(error);
        else callback(null, fin ? bytes.subarray(0, bytes.length - tail.length) : bytes);
      },
    });
  }

  /** Decompresses a message that may come in parts. */
  decompress(data: Uint8Array, fin: boolean, callback: DeflateCallback): void {
    const peers = this.#agreedWay(!this.#isServer);
    const { zlibInflateOptions, maxPayload = 0 } = this.#options;
    const options = { ...zlibInflateOptions, windowBits: peers.windowBits };
    const make = () => zlib.createInflateRaw(options);
    this.#inflate ??= new DeflateStream(make, maxPayload | 0, this.#concurrencyLimit);
    this.#inflate.run({
      parts: fin ? [data, tail] : [data],
      resets: fin && !peers.takeover,
      callback,
    });
  }

  get #concurrencyLimit(): number {
    return this.#options.concurrencyLimit ?? defaultConcurrencyLimit;
  }

  /** What was agreed on for what the server sends, or for what the client does. */
  #agreedWay(isServers: boolean): { readonly windowBits: number; readonly takeover: boolean } {
    const { params } = this;
    if (params === null) throw new Error("nothing was accepted");
    const [bits, noTakeover] = isServers
      ? [params.server_max_window_bits, params.server_no_context_takeover]
      : [params.client_max_window_bits, params.client_no_context_takeover];
    return { windowBits: typeof bits === "number" ? bits : 15, takeover: noTakeover !== true };
  }

  /** Lets go of its memory. */
  cleanup(): void {
    this.#inflate?.close();
    this.#deflate?.close();
    this.#inflate = undefined;
    this.#deflate = undefined;
  }
}

/** Thousands of connections share the few different engines. */
const engines = new Map<string, DeflateEngine>();

function engineFor({ level, memLevel }: DeflateOptions = {}): DeflateEngine {
  const key = `${level},${memLevel}`;
  let engine = engines.get(key);
  if (engine === undefined) {
    engine = zlibEngine({
      // What is not said is as in `hawser`. -1 is zlib's word for its own default.
      ...(level === undefined ? {} : { level: level === -1 ? 6 : level }),
      ...(memLevel === undefined ? {} : { memLevel }),
    });
    engines.set(key, engine);
  }
  return engine;
}

/** Whether a limit that is set is within one that is asked for. */
function fits(set: number | boolean | undefined, asked: number | true | undefined): boolean {
  if (typeof asked !== "number") return true;
  return set !== false && (typeof set !== "number" || set <= asked);
}

/** @throws Error that says which parameter is wrong */
function readParameters(parameters: ExtensionParameters, isServer: boolean): AgreedParameters {
  // In place, as `ws` does: what was parsed becomes what was agreed on.
  const read = parameters as unknown as Record<string, number | true>;
  for (const [name, values] of Object.entries(parameters)) {
    if (values.length > 1) throw new Error(`Parameter "${name}" must have only a single value`);
    const value = values[0] as string | true;
    switch (name) {
      case "client_max_window_bits":
        read[name] = value === true && isServer ? true : windowBits(name, value);
        break;
      case "server_max_window_bits":
        read[name] = windowBits(name, value);
        break;
      case "client_no_context_takeover":
      case "server_no_context_takeover":
        if (value !== true) throw invalidValue(name, value);
        read[name] = true;
        break;
      default:
        throw new Error(`Unknown parameter "${name}"`);
    }
  }
  return read;
}

function windowBits(name: string, value: string | true): number {
  const bits = value === true ? Number.NaN : Number(value);
  if (!Number.isInteger(bits) || bits < 8 || bits > 15) throw invalidValue(name, value);
  return bits;
}

function invalidValue(name: string, value: string | true): TypeError {
  return new TypeError(`Invalid value for parameter "${name}": ${value}`);
}
