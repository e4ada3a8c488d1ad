// The WebSocket API of the browsers, wherever it comes from: Chromium, undici, Node's own global.
// `PagePlayer` is sent to the browser as its source, so it must not use anything from outside it.

import {
  type Ability,
  describeMessage,
  type Ended,
  type Order,
  type Payload,
  type Report,
  type Step,
} from "../contract.ts";
import { closeCodes, isForPages } from "../scenarios.ts";

/** What the API has no way to do, whoever implements it. */
export const pageLacks: Readonly<Partial<Record<Ability, string>>> = {
  fragments: "send() takes a whole message",
  "split characters": "send() takes a whole message",
  ping: "there is no ping()",
  plain: "send() has no options",
  status: "an error event says nothing of the response",
  ...Object.fromEntries(
    closeCodes
      .filter((code) => !isForPages(code))
      .map((code) => [`close with ${code}`, "close() takes 1000 and 3000 to 4999"]),
  ),
};

/** The part of the API that is used here. */
export interface PageSocket {
  binaryType: string;
  readonly readyState: number;
  readonly protocol: string;
  readonly extensions: string;
  addEventListener(type: string, listener: (event: PageEvent) => void): void;
  send(message: string | Uint8Array): void;
  close(code?: number, reason?: string): void;
}

interface PageEvent extends Ended {
  readonly data: string | ArrayBuffer;
}

/** Binary as a string of characters up to U+00FF: it has to get out of the browser. */
interface RawMessage {
  readonly kind: "text" | "binary";
  readonly content: string;
}

export type RawReport =
  | { readonly cannot: string }
  | { readonly refused: true }
  | {
      readonly protocol: string;
      readonly extensions: string;
      readonly messages: readonly RawMessage[];
      readonly pongs: readonly string[];
      readonly close: Ended;
    };

interface Pinging {
  ping(payload: string): Promise<void>;
}

/** What an implementation has beyond the API. */
interface Extras {
  readonly Api: new (url: string, protocols: string[]) => PageSocket;
  /** Pings and waits for the Pong. */
  readonly ping?: (ws: PageSocket, payload: string) => Promise<void>;
}

/** One connection, its script, and what it has seen. In a browser there are no extras. */
export class PagePlayer {
  readonly #order: Order;
  readonly #ws: PageSocket;
  readonly #ping: NonNullable<Extras["ping"]>;
  readonly #messages: RawMessage[] = [];
  readonly #pongs: string[] = [];
  #received = 0;
  #isOpen = false;
  #close: Ended | undefined;
  #changed = (): void => undefined;

  constructor(order: Order, extras?: Extras) {
    const page = globalThis as unknown as { WebSocket: Extras["Api"] };
    const { Api, ping } = extras ?? { Api: page.WebSocket };
    this.#order = order;
    // Throws where there is no such method, as in every browser so far.
    this.#ping = ping ?? ((ws, payload) => (ws as unknown as Pinging).ping(payload));
    this.#ws = new Api(order.url ?? "", [...order.protocols]);
    this.#ws.binaryType = "arraybuffer";
    this.#listen();
  }

  #listen(): void {
    const on = (type: string, listener: (event: PageEvent) => void): void =>
      this.#ws.addEventListener(type, (event) => {
        listener(event);
        this.#changed();
      });
    on("open", () => {
      this.#isOpen = true;
    });
    on("message", ({ data }) => this.#messages.push(this.#toRaw(data)));
    on("error", () => {
      // undici up to version 6 leaves it at that when a handshake fails.
      if (!this.#isOpen) this.#close = { code: 1006, wasClean: false };
    });
    on("close", ({ code, reason = "", wasClean }) => {
      this.#close = { code, reason, wasClean };
    });
  }

  /** Waits for the connection, does the steps, waits for the end. */
  async play(): Promise<RawReport> {
    await this.#until(() => this.#isOpen);
    if (!this.#isOpen) return { refused: true };
    try {
      for (const step of this.#order.steps) if (this.#ws.readyState === 1) await this.#do(step);
    } catch (error) {
      this.#ws.close();
      await this.#until(() => false);
      return { cannot: String(error) };
    }
    await this.#until(() => false);
    const close = this.#close as Ended;
    const { protocol, extensions } = this.#ws;
    return { protocol, extensions, messages: this.#messages, pongs: this.#pongs, close };
  }

  async #do(step: Step): Promise<void> {
    switch (step.do) {
      case "send":
        if (step.plain === true) throw new Error("send() has no options");
        return this.#ws.send(this.#toMessage(step.message));
      case "receive":
        this.#received++;
        return this.#until(() => this.#messages.length >= this.#received);
      case "ping":
        await this.#ping(this.#ws, step.payload);
        this.#pongs.push(step.payload);
        return undefined;
      case "close":
        return this.#ws.close(step.code, step.reason);
      default:
        throw new Error("send() takes a whole message");
    }
  }

  async #until(holds: () => boolean): Promise<void> {
    while (!holds() && this.#close === undefined) {
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
  }

  #toMessage({ kind, hex, bytes }: Payload): string | Uint8Array {
    const unit = new Uint8Array(hex.length / 2);
    for (let i = 0; i < unit.length; i++) {
      unit[i] = Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16);
    }
    const content = new Uint8Array(bytes);
    for (let at = 0; at < bytes; at += unit.length) {
      content.set(unit.subarray(0, bytes - at), at);
    }
    if (kind === "binary") return content;
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(content);
  }

  #toRaw(data: string | ArrayBuffer): RawMessage {
    if (typeof data === "string") return { kind: "text", content: data };
    let content = "";
    for (let at = 0; at < data.byteLength; at += 8192) {
      content += String.fromCharCode(...new Uint8Array(data).subarray(at, at + 8192));
    }
    return { kind: "binary", content };
  }
}

/** The report as the contract has it. */
export function toReport(raw: RawReport): Report {
  if (!("messages" in raw)) return raw;
  const messages = raw.messages.map(({ kind, content }) =>
    describeMessage(kind, Buffer.from(content, kind === "text" ? "utf8" : "latin1")),
  );
  return { ...raw, messages };
}
