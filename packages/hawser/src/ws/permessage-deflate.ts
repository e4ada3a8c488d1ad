// `PerMessageDeflate` of `ws`: how it negotiates (its own rules, which are not those of `hawser`), around
// the permessage-deflate of the protocol. `compress` and `decompress` are for programs that use it by itself.

import { Buffer } from "node:buffer";
import type { ZlibOptions } from "node:zlib";
import { zlibEngine } from "../node/deflate/engine.ts";
import { DeflateAgreement } from "../protocol/deflate/agreement.ts";
import type { DeflateEngine } from "../protocol/deflate/engine.ts";
import type { PermessageDeflate } from "../protocol/deflate/permessage-deflate.ts";
import { translated } from "./errors.ts";
import type { ExtensionParameters } from "./extension.ts";
import { limitOf } from "./limits.ts";

/**
 * Of what zlib is told, Hawser takes `level` and `memLevel`, and decides the rest. Their defaults are those of
 * `hawser`, 1 and 7, where `ws` leaves them to zlib, whose are 6 and 8: with a window that is kept, level 6
 * takes three times the CPU time for 15% fewer bytes (`npm run bench -- --scenario echo-deflate`).
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
  /** Accepted, and without effect: what is small is compressed at once, the rest one by one. */
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

type Callback = (error: Error | null, result?: Buffer) => void;

const extensionName = "permessage-deflate";
const defaultThreshold = 1024;

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
  #extension: PermessageDeflate | undefined;
  /** Of a message that is decompressed. */
  #parts: Buffer[] = [];
  /** Whether the message that is compressed comes in parts. */
  #isInParts = false;
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
    const { params } = this;
    if (params === null) throw new Error("nothing was accepted");
    const server = {
      windowBits: Number(params.server_max_window_bits ?? 15),
      takeover: params.server_no_context_takeover !== true,
    };
    const client = {
      windowBits: Number(params.client_max_window_bits ?? 15),
      takeover: params.client_no_context_takeover !== true,
    };
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
  compress(data: string | Uint8Array, fin: boolean, callback: Callback): void {
    const content = Buffer.from(data as Uint8Array);
    const isPart = !fin || this.#isInParts;
    this.#isInParts = !fin;
    void settle(() => {
      const extension = this.#own();
      // Every message is sent compressed that was given to be: `sendsLonger` above.
      return (isPart ? extension.encodePart(content, fin) : extension.encode(content)) as Result;
    }, callback);
  }

  /** Decompresses a message that may come in parts. */
  decompress(data: Uint8Array, fin: boolean, callback: Callback): void {
    this.#parts.push(Buffer.from(data));
    if (!fin) return queueMicrotask(() => callback(null, Buffer.alloc(0)));
    const whole = Buffer.concat(this.#parts.splice(0));
    const limit = limitOf(this.#options.maxPayload);
    void settle(() => this.#own().decode(whole, limit), callback);
  }

  /** Lets go of its memory. */
  cleanup(): void {
    this.#extension?.close();
    this.#extension = undefined;
  }

  #own(): PermessageDeflate {
    return (this.#extension ??= this.agreement.open());
  }
}

type Result = Uint8Array | Promise<Uint8Array | undefined>;

/** Calls back with what comes of the work, never at once. */
async function settle(work: () => Result, callback: Callback): Promise<void> {
  let result: Buffer;
  try {
    result = Buffer.from((await Promise.resolve().then(work)) as Uint8Array);
  } catch (error) {
    callback(translated(error as Error));
    return;
  }
  callback(null, result);
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
  const read: Record<string, number | true> = {};
  for (const [name, values] of Object.entries(parameters)) {
    if (values.length > 1) throw new Error(`Parameter "${name}" must have only a single value`);
    const [value] = values as [string | true];
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
