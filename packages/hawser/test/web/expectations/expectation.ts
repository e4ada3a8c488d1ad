// What an expectation of the web's APIs is made of. Nothing in this folder needs Node: the same compiled files
// run in Node against Hawser's classes, and in Chromium against its own, with the same server.

import type { ReadableStreamDefaultReader, WritableStreamDefaultWriter } from "node:stream/web";
import type * as hawser from "../../../dist/index.js";

/** What is under test: Hawser's exports, or what a page has by these names. */
export interface Api {
  readonly WebSocket: typeof hawser.WebSocket;
  readonly WebSocketStream: typeof hawser.WebSocketStream;
  readonly WebSocketError: typeof hawser.WebSocketError;
  readonly CloseEvent: typeof hawser.CloseEvent;
  /** The URL of the scripted server, without the path: "ws://127.0.0.1:…". */
  readonly server: string;
}

/** Where something is not as expected, with the reason. It is then checked that it is not. */
export type Deviations = Readonly<Partial<Record<"Chromium" | "Node", string>>>;

export interface Expectation {
  /** Cites the section: "send(): …". */
  readonly title: string;
  readonly deviations?: Deviations;
  run(api: Api): Promise<void> | void;
}

/** The expectations of a section. */
export interface Section {
  readonly name: string;
  readonly expectations: readonly Expectation[];
}

// ---- Assertions

/** Throws unless both have the same JSON, in which keys are sorted, and what is no JSON has a name. */
export function equal(actual: unknown, expected: unknown, what: string = "value"): void {
  const [got, wanted] = [show(actual), show(expected)];
  if (got !== wanted) throw new Error(`${what} is ${got}, not ${wanted}`);
}

function show(value: unknown): string {
  return JSON.stringify(value, (_key, one: unknown) => {
    if (one === undefined) return "(undefined)";
    if (typeof one === "bigint" || typeof one === "function" || typeof one === "symbol")
      return `(${typeof one})`;
    if (typeof one === "number" && !Number.isFinite(one)) return `(${one})`;
    const isPlain = typeof one === "object" && one !== null && !Array.isArray(one);
    if (!isPlain) return one;
    const keys = Object.keys(one).toSorted();
    return Object.fromEntries(keys.map((key) => [key, (one as Record<string, unknown>)[key]]));
  });
}

export function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(`not so: ${what}`);
}

interface Thrown {
  readonly name: string;
  readonly code?: number | undefined;
  readonly closeCode?: number | null | undefined;
  readonly reason?: string | undefined;
}

/** The name of what is thrown: of a DOMException its own, of a TypeError "TypeError". */
export function throws(name: string, act: () => unknown, what: string = name): void {
  let thrown: Thrown | undefined;
  try {
    act();
  } catch (error) {
    thrown = error as Thrown;
  }
  if (thrown === undefined) throw new Error(`${what}: nothing was thrown`);
  if (thrown.name !== name) throw new Error(`${what}: ${thrown.name} was thrown, not ${name}`);
  const isDom = thrown instanceof DOMException;
  if (isDom === (name === "TypeError")) throw new Error(`${what}: ${name} of the wrong kind`);
}

/** What a promise rejects with, by name. */
export async function rejects(name: string, promise: Promise<unknown>): Promise<Thrown> {
  let thrown: Thrown | undefined;
  try {
    await within(promise, `a rejection with ${name}`);
  } catch (error) {
    thrown = error as Thrown;
  }
  if (thrown === undefined) throw new Error(`it resolved instead of rejecting with ${name}`);
  if (thrown.name !== name) throw new Error(`it rejected with ${thrown.name}, not ${name}`);
  return thrown;
}

// ---- Waiting

/** The promise, or an error that says what did not come. */
export function within<Value>(promise: Promise<Value>, what: string, ms = 8_000): Promise<Value> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${what}: not within ${ms} ms`)), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

/** The next event of that type. */
export function next<Type extends Event = Event>(target: EventTarget, type: string): Promise<Type> {
  const event = new Promise<Type>((resolve) => {
    target.addEventListener(type, (one) => resolve(one as Type), { once: true });
  });
  return within(event, `the event ${type}`);
}

/** Whether it is settled by the time that the event loop has turned a few times. */
export async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  const mark = (): void => {
    settled = true;
  };
  promise.then(mark, mark);
  for (let turns = 0; turns < 5; turns++) await turn();
  return settled;
}

/** A task of its own. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 5);
  });
}

// ---- A WebSocket and what it has seen

/** All events of a WebSocket as text, in order. */
export function record(ws: hawser.WebSocket): string[] {
  const seen: string[] = [];
  for (const type of ["open", "message", "error", "close"]) {
    ws.addEventListener(type, (event: Event) => {
      const { data } = event as MessageEvent;
      const { code, reason, wasClean } = event as hawser.CloseEvent;
      if (type === "message") seen.push(`message ${String(data)}`);
      else if (type === "close")
        seen.push(`close ${code} ${JSON.stringify(reason)} ${wasClean ? "clean" : "unclean"}`);
      else seen.push(type);
    });
  }
  return seen;
}

/** A WebSocket that is open. */
export async function open(
  api: Api,
  path: string,
  protocols: string[] = [],
): Promise<hawser.WebSocket> {
  const ws = new api.WebSocket(api.server + path, protocols);
  ws.binaryType = "arraybuffer";
  await next(ws, "open");
  return ws;
}

/** The outcome of one whose end is awaited. */
export async function closed(ws: hawser.WebSocket): Promise<[number, string, boolean]> {
  const { code, reason, wasClean } = await next<hawser.CloseEvent>(ws, "close");
  return [code, reason, wasClean];
}

/** What the server says about something, in one message. */
export async function ask(api: Api, path: string): Promise<string> {
  const ws = new api.WebSocket(api.server + path);
  const { data } = await next<MessageEvent>(ws, "message");
  ws.close();
  return data as string;
}

/** Different for each call: the server keeps what it has seen under it. */
export function newId(): string {
  return Math.random().toString(36).slice(2);
}

export function hexOf(bytes: ArrayBuffer): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
}

/** Shared memory: a page that is not isolated has no SharedArrayBuffer, but WebAssembly has its own. */
export function sharedMemory(): ArrayBuffer {
  const { Memory } = (globalThis as unknown as { WebAssembly: Wasm }).WebAssembly;
  return new Memory({ shared: true, initial: 1, maximum: 1 }).buffer;
}

interface Wasm {
  readonly Memory: new (limits: object) => { readonly buffer: ArrayBuffer };
}

// ---- A WebSocketStream

export interface OpenStream {
  readonly wss: hawser.WebSocketStream;
  readonly reader: ReadableStreamDefaultReader<string | ArrayBuffer>;
  readonly writer: WritableStreamDefaultWriter<string | ArrayBuffer | ArrayBufferView>;
}

/** A WebSocketStream that is open, with what reads and writes it. */
export async function openStream(api: Api, path: string): Promise<OpenStream> {
  const wss = new api.WebSocketStream(api.server + path);
  const { readable, writable } = await within(wss.opened, "opened");
  const reader = readable.getReader() as OpenStream["reader"];
  const writer = writable.getWriter();
  for (const promise of [reader.closed, writer.closed, writer.ready]) {
    promise.catch(() => undefined);
  }
  return { wss, reader, writer };
}
