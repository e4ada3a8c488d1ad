// The EventTarget face of a WebSocket: `addEventListener` beside `on`, event objects, and the attributes
// `onopen`, `onmessage`, `onclose` and `onerror`. Listeners of either kind are listeners of the emitter.

import type { Buffer } from "node:buffer";
import type { EventEmitter } from "node:events";
import type { RawData } from "./data.ts";

/** Tells an event whose it is. */
let aim: (event: Event, target: Target) => void;

/** An event, as listeners of the EventTarget face get it. */
export class Event {
  readonly #type: string;
  #target: Target | null = null;

  static {
    aim = (event, target) => (event.#target = target);
  }

  constructor(type: string) {
    this.#type = type;
  }

  get target(): unknown {
    return this.#target;
  }

  get type(): string {
    return this.#type;
  }
}

interface CloseEventInit {
  readonly code?: number;
  readonly reason?: string;
  readonly wasClean?: boolean;
}

export class CloseEvent extends Event {
  readonly #code: number;
  readonly #reason: string;
  readonly #wasClean: boolean;

  constructor(type: string, { code = 0, reason = "", wasClean = false }: CloseEventInit = {}) {
    super(type);
    this.#code = code;
    this.#reason = reason;
    this.#wasClean = wasClean;
  }

  get code(): number {
    return this.#code;
  }

  get reason(): string {
    return this.#reason;
  }

  /** Whether the peer's Close frame came and ours went. */
  get wasClean(): boolean {
    return this.#wasClean;
  }
}

export class ErrorEvent extends Event {
  readonly #error: unknown;
  readonly #message: string;

  constructor(
    type: string,
    { error = null, message = "" }: { readonly error?: unknown; readonly message?: string } = {},
  ) {
    super(type);
    this.#error = error;
    this.#message = message;
  }

  get error(): unknown {
    return this.#error;
  }

  get message(): string {
    return this.#message;
  }
}

export class MessageEvent extends Event {
  readonly #data: string | RawData | null;

  constructor(type: string, { data = null }: { readonly data?: string | RawData | null } = {}) {
    super(type);
    this.#data = data;
  }

  /** A string for text. */
  get data(): string | RawData | null {
    return this.#data;
  }
}

for (const [constructor, names] of [
  [Event, ["target", "type"]],
  [CloseEvent, ["code", "reason", "wasClean"]],
  [ErrorEvent, ["error", "message"]],
  [MessageEvent, ["data"]],
] as const) {
  for (const name of names) {
    Object.defineProperty(constructor.prototype, name, { enumerable: true });
  }
}

/** A socket that has listeners of this face. */
type Target = EventEmitter;

/** Sockets that have ended with both Close frames exchanged. */
export const endedCleanly: WeakSet<EventEmitter> = new WeakSet();

/** A listener, as a function or as an object. */
export type Listener = ((event: never) => void) | { handleEvent(event: never): void };

/** In the emitter, a listener of this face is a function that has these. */
interface Wrapper {
  (...args: never[]): void;
  readonly [given]: Listener;
  readonly [isAttribute]: boolean;
}

const given = Symbol("hawser.given");
const isAttribute = Symbol("hawser.isAttribute");

/** How the arguments of the emitter become an event. */
const makers: Readonly<Record<string, (target: Target, first: never, second: never) => Event>> = {
  open: () => new Event("open"),
  message: (_target, data: RawData, isBinary: boolean) =>
    new MessageEvent("message", { data: isBinary ? data : (data as Buffer).toString() }),
  close: (target, code: number, reason: Buffer) =>
    new CloseEvent("close", {
      code,
      reason: reason.toString(),
      wasClean: endedCleanly.has(target),
    }),
  error: (_target, error: Error) => new ErrorEvent("error", { error, message: error.message }),
};

/** Adds a listener, once; of other types than the four there are no events. */
export function addListener(
  target: Target,
  type: string,
  listener: Listener,
  options: { readonly once?: boolean | undefined } = {},
  asAttribute = false,
): void {
  const make = makers[type];
  if (make === undefined || listener === undefined || listener === null) return;
  const isThere = (one: Wrapper): boolean => one[given] === listener && !one[isAttribute];
  if (!asAttribute && wrappersOf(target, type).some(isThere)) return;
  const wrapper = Object.assign(
    (first: never, second: never) => {
      const event = make(target, first, second);
      aim(event, target);
      call(listener, target, event);
    },
    { [given]: listener, [isAttribute]: asAttribute },
  );
  if (options.once === true) target.once(type, wrapper as never);
  else target.on(type, wrapper as never);
}

/** Removes it; listeners of the emitter's own face are never touched. */
export function removeListener(target: Target, type: string, listener: Listener): void {
  for (const wrapper of wrappersOf(target, type)) {
    if (wrapper[given] !== listener || wrapper[isAttribute]) continue;
    target.removeListener(type, wrapper as never);
    break;
  }
}

/** The attribute `on…`: null unless a function was set. */
export function attribute(target: Target, type: string): Listener | null {
  return wrappersOf(target, type).find((wrapper) => wrapper[isAttribute])?.[given] ?? null;
}

export function setAttribute(target: Target, type: string, listener: unknown): void {
  const old = wrappersOf(target, type).find((wrapper) => wrapper[isAttribute]);
  if (old !== undefined) target.removeListener(type, old as never);
  if (typeof listener === "function") {
    addListener(target, type, listener as Listener, {}, true);
  }
}

/** `listeners` gives what `once` was given, not its own wrapper. */
function wrappersOf(target: Target, type: string): Wrapper[] {
  return (target.listeners(type) as unknown as Wrapper[]).filter((one) => given in one);
}

function call(listener: Listener, target: Target, event: Event): void {
  if (typeof listener === "object") listener.handleEvent(event as never);
  else Reflect.apply(listener, target, [event]);
}
