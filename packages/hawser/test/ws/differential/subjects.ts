// The two that are compared: npm `ws`, the newest 8 that is installed, and `hawser/ws`. Both are loaded
// once, as ES modules and as CommonJS, without native add-ons: what those do may not differ.

import { createRequire } from "node:module";
import type { Duplex, DuplexOptions, Writable } from "node:stream";
import type { WebSocket, WebSocketServer } from "ws";

process.env["WS_NO_BUFFER_UTIL"] = "1";
process.env["WS_NO_UTF_8_VALIDATE"] = "1";

/** Anything that has properties: arguments of scripts are often of types that declarations forbid. */
export type Loose = Record<string, unknown>;

export type ErrorCallback = (error?: Error | null) => void;

/** What scripts use of a `Receiver`. */
export interface Receiver extends Writable {
  cleanup?: unknown;
}

/** What scripts use of a `Sender`. */
export interface Sender {
  readonly _bufferedBytes: number;
  send(data: unknown, options: Loose, done?: ErrorCallback): void;
  ping(data: unknown, mask: boolean, done?: ErrorCallback): void;
  pong(data: unknown, mask: boolean, done?: ErrorCallback): void;
  close(code?: number, data?: unknown, mask?: boolean, done?: ErrorCallback): void;
  sendFrame(list: readonly Buffer[], done?: ErrorCallback): void;
}

/** What scripts use of a `PerMessageDeflate`. */
export interface PerMessageDeflate {
  params: Loose | null;
  offer(): Loose;
  accept(configurations: readonly unknown[]): Loose;
  cleanup(): void;
  compress(data: unknown, fin: boolean, done: (error: Error | null, data?: Buffer) => void): void;
  decompress(data: unknown, fin: boolean, done: (error: Error | null, data?: Buffer) => void): void;
}

/** A module under comparison, by the names that `import * as` gives. */
export interface Subject {
  readonly default: Subject["WebSocket"];
  readonly WebSocket: typeof WebSocket;
  readonly WebSocketServer: typeof WebSocketServer;
  readonly createWebSocketStream: (ws: WebSocket, options?: DuplexOptions) => Duplex;
  readonly Receiver: new (...options: unknown[]) => Receiver;
  readonly Sender: {
    new (socket: Duplex, extensions?: unknown, generateMask?: (mask: Buffer) => void): Sender;
    frame(data: string | Buffer, options: Loose): Buffer[];
  };
  readonly PerMessageDeflate: {
    new (...options: unknown[]): PerMessageDeflate;
    readonly extensionName: string;
  };
  readonly extension: {
    parse(header: string): Record<string, unknown[]>;
    format(extensions: Loose): string;
  };
  readonly subprotocol: { parse(header: string): Set<string> };
}

export type { WebSocket, WebSocketServer };

export interface LoadedSubject {
  readonly name: string;
  /** What is imported and required. */
  readonly specifier: string;
  readonly esm: Subject;
  /** What `require` gives. */
  readonly cjs: unknown;
}

const require = createRequire(import.meta.url);

async function load(name: string, specifier: string): Promise<LoadedSubject> {
  const esm = (await import(specifier)) as Subject;
  return { name, specifier, esm, cjs: require(specifier) };
}

/** npm `ws`, which says what is right. */
export const reference: LoadedSubject = await load("npm ws", "ws");

/** `HAWSER_DIFFERENTIAL=self` compares npm `ws` with itself: what differs then is a script's fault. */
export const isSelfCheck: boolean = process.env["HAWSER_DIFFERENTIAL"] === "self";

/** The other one. */
export const candidate: LoadedSubject = isSelfCheck
  ? reference
  : await load("hawser/ws", "hawser/ws");
