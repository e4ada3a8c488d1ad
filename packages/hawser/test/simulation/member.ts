// One end of a simulated conversation at the level of node: a `Connection` with its handlers, which are slow at times,
// pause, or throw, and a script that sends. Some wait for `drain` when they are told to; others don't.

import { Buffer } from "node:buffer";
import type { HandledLink } from "../../dist/node/handled-link.js";
import { type Connection, TransportError } from "../../dist/index.js";
import { describe } from "../soak/content.ts";
import type { Host } from "./clock.ts";
import { anyContent } from "./contents.ts";
import type { NodeWorld } from "./node-world.ts";
import { type Content, Ledger, PingLedger } from "./oracles.ts";
import type { SimulatedSocket } from "./simulated-socket.ts";

/** Of whatever `send` counts without knowing: headers, pings and pongs. */
const overheadBytes = 2048;

/** How a member behaves. */
export interface Manner {
  readonly name: string;
  readonly host: Host;
  /** Whether it waits for room. */
  readonly isPolite: boolean;
  /** How often a handler takes its time, or throws. */
  readonly slowness: number;
  readonly failures: number;
  readonly steps: number;
  /** The largest message. */
  readonly most: number;
  /** How long it may hold reading back, all in all. */
  readonly patienceMs: number;
}

/** What a handler throws. */
class Mishap extends Error {}

export class Member {
  readonly world: NodeWorld;
  readonly manner: Manner;
  readonly socket: SimulatedSocket;
  readonly ledger: Ledger = new Ledger();
  readonly pings: PingLedger = new PingLedger();
  peer: Member | undefined;
  link: HandledLink | undefined;
  closes = 0;
  closedAt = 0;
  closeCode = 0;
  closedWith: number | undefined;
  sentBytes = 0;
  /** Codes of what its `error` hook was told. */
  readonly failures: string[] = [];
  mishaps = 0;
  #heldMs = 0;
  #isBusy = false;
  #largest = 0;
  #stepsLeft: number;
  #waitsForDrain = false;

  constructor(world: NodeWorld, manner: Manner, socket: SimulatedSocket) {
    this.world = world;
    this.manner = manner;
    this.socket = socket;
    this.#stepsLeft = manner.steps;
  }

  get ws(): Connection {
    return (this.link as HandledLink).connection;
  }

  say(text: () => string): void {
    this.world.say(this.manner.name, text);
  }

  // ---- The script

  /** Goes on with the script, a step after the other. */
  goOn(): void {
    if (this.#stepsLeft === 0) return;
    this.#stepsLeft--;
    const { clock, random } = this.world;
    const pause = random.chance(0.5) ? 0 : random.below(random.chance(0.05) ? 60_000 : 300);
    clock.after(pause, () => this.#step(), this.manner.host);
  }

  #step(): void {
    if (this.link === undefined || this.ws.state !== "open") return;
    const { random } = this.world;
    if (random.chance(0.15)) this.ws.ping(this.pings.next());
    else if (!this.manner.isPolite && random.chance(0.2)) this.#burst();
    else if (!this.send(anyContent(random, this.manner.most)) && this.manner.isPolite) {
      // What is dropped because it is large is no reason to wait, as long as others have room.
      this.#waitsForDrain = this.#isFull && this.ws.state === "open";
      if (this.#waitsForDrain) return;
    }
    this.goOn();
  }

  #burst(): void {
    for (let i = 0; i < 30 && this.ws.state === "open"; i++) {
      this.send(anyContent(this.world.random, this.manner.most));
    }
  }

  /** What `send` gives. */
  send(content: Content): boolean {
    const before = this.ws.stats.messagesSent;
    const hasRoom = this.ws.send(content);
    const isQueued = this.ws.stats.messagesSent > before;
    const bytes = Buffer.byteLength(content);
    this.say(() => `${isQueued ? "sends" : "may not send"} ${describe(content)}`);
    if (isQueued) {
      this.ledger.sent.push({ content, breaks: undefined });
      this.sentBytes += bytes;
      this.#largest = Math.max(this.#largest, bytes);
    }
    const { maxQueuedBytes } = this.world.options;
    const queued = this.ws.bufferedBytes;
    const isFine = queued <= Math.max(maxQueuedBytes, this.#largest) + overheadBytes;
    this.world.check(isFine, "queueLimit", this.manner.name, () => `${queued} bytes are queued`);
    return hasRoom;
  }

  /** Whether the queue is at its high-water mark. */
  get #isFull(): boolean {
    return this.ws.bufferedBytes >= this.world.options.highWaterBytes;
  }

  close(): void {
    if (this.link === undefined || this.ws.state !== "open") return;
    this.closedWith = 4000 + this.world.random.below(1000);
    this.say(() => `closes with ${this.closedWith}`);
    this.ws.close(this.closedWith, "done");
  }

  // ---- Handlers

  message(message: Content): unknown {
    const { world, manner } = this;
    world.tally.messages++;
    this.say(() => `gets ${describe(message)}`);
    world.check(this.closes === 0, "closedOnce", manner.name, () => "a message after the end");
    // A pause ends with the socket, too.
    const isHeld = this.#isBusy || this.ws.isPaused;
    world.check(!isHeld, "held", manner.name, () => "a message, though it holds back");
    world.note(this.peer?.ledger.receive(message), manner.name);
    if (world.random.chance(manner.failures)) {
      this.mishaps++;
      this.say(() => "throws");
      throw new Mishap("a handler's fault");
    }
    return world.random.chance(manner.slowness) ? this.#takeTime() : undefined;
  }

  #takeTime(): unknown {
    const { clock, random } = this.world;
    const ms = random.below(800);
    if (this.#heldMs + ms > this.manner.patienceMs) return undefined;
    this.#heldMs += ms;
    if (random.chance(0.3)) {
      this.say(() => `pauses for ${ms} ms`);
      this.ws.pause();
      clock.after(ms, () => this.ws.resume(), this.manner.host);
      return undefined;
    }
    this.say(() => `takes ${ms} ms`);
    this.#isBusy = true;
    return new Promise<void>((resolve) => {
      const done = (): void => {
        this.#isBusy = false;
        resolve();
      };
      clock.after(ms, done, this.manner.host);
    });
  }

  drain(): void {
    if (!this.#waitsForDrain) return;
    this.say(() => "has room again");
    this.#waitsForDrain = false;
    this.goOn();
  }

  pinged(): void {
    this.world.tally.pings++;
  }

  ponged(payload: Uint8Array): void {
    this.world.note(this.pings.receive(Buffer.from(payload).toString()), this.manner.name);
  }

  failed(error: unknown): void {
    const isMishap = error instanceof Mishap;
    const code = isMishap ? "mishap" : String((error as { code?: unknown }).code ?? error);
    this.failures.push(code);
    this.say(() => `is told of ${code}`);
    if (error instanceof TransportError && code === "HAWSER_PONG_TIMEOUT") {
      const isGone = this.peer?.isGone === true;
      this.world.check(isGone, "living", this.manner.name, () => "gave its peer up, which lives");
    }
  }

  closed(code: number): void {
    this.closes++;
    this.closeCode = code;
    this.closedAt = this.world.clock.now;
    this.say(() => `is closed: ${code}`);
    if (this.closes === 1) this.world.memberClosed();
  }

  /** Whether it can't be heard, for longer than a pong may take. */
  isGone = false;

  /** Whether it waits for room, which its queue has. */
  get isStuck(): boolean {
    if (!this.#waitsForDrain || this.link === undefined || this.ws.state !== "open") return false;
    return this.ws.bufferedBytes === 0;
  }
}
