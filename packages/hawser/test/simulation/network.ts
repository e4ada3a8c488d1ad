// One direction of a simulated connection: what is written arrives later, in order, cut anywhere. It holds so much and
// no more; it can stall, be reset, or lead nowhere from some moment on, which neither end is told.

import { Buffer } from "node:buffer";
import type { Random } from "../soak/content.ts";
import type { Clock, Host, Task } from "./clock.ts";

/** How a direction behaves. */
export interface Road {
  readonly delayMs: number;
  /** At most so much is added to it. */
  readonly jitterMs: number;
  /** Into how large pieces what is written is cut at most; Infinity for not at all. */
  readonly pieceBytes: number;
  /** How much may be on the way before the writer has to wait. */
  readonly capacityBytes: number;
}

/** What the reading end is told. */
export interface Arrival {
  /** Bytes came, which are the reader's. */
  arrived(bytes: Uint8Array): void;
  /** The writer has ended. */
  ended(): void;
  /** The writer has reset. */
  wasReset(): void;
}

interface Segment {
  readonly due: number;
  readonly what: Uint8Array | "end" | "reset";
}

/** Anybody's road: mostly a fast and wide one. */
export function anyRoad(random: Random): Road {
  const isSlow = random.chance(0.2);
  return {
    delayMs: isSlow ? random.below(400) : random.below(5),
    jitterMs: random.chance(0.3) ? random.below(50) : 0,
    pieceBytes: random.pick([1, 7, 200, 4096, Infinity, Infinity, Infinity, Infinity] as const),
    capacityBytes: random.chance(0.15) ? 1 + random.below(4096) : 64 * 1024,
  };
}

export class Pipe {
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #road: Road;
  /** Where it arrives. */
  readonly #host: Host | undefined;
  readonly #segments: Segment[] = [];
  #pump: Task | undefined;
  #lastDue = 0;
  #onTheWay = 0;
  #isHeld = false;
  #isCut = false;
  #isOver = false;
  #stalledUntil = 0;
  reader: Arrival | undefined;
  /** There is room again. */
  onRoom: () => void = () => undefined;

  constructor(clock: Clock, random: Random, road: Road, host?: Host) {
    this.#clock = clock;
    this.#random = random;
    this.#road = road;
    this.#host = host;
  }

  /** Whether more may be written. */
  get hasRoom(): boolean {
    return this.#onTheWay < this.#road.capacityBytes;
  }

  get onTheWayBytes(): number {
    return this.#onTheWay;
  }

  /** Takes a copy of the bytes. */
  send(bytes: Uint8Array): void {
    if (this.#isOver) return;
    this.#onTheWay += bytes.length;
    const { pieceBytes } = this.#road;
    // No more pieces than that, whatever its length: the events are what a simulation costs.
    const most = Math.max(pieceBytes, Math.ceil(bytes.length / 40));
    for (let at = 0; at < bytes.length; ) {
      const size = most >= bytes.length ? bytes.length : 1 + this.#random.below(most);
      this.#put(Buffer.from(bytes.subarray(at, at + size)));
      at += size;
    }
  }

  /** The writer ends. */
  end(): void {
    if (!this.#isOver) this.#put("end");
    this.#isOver = true;
  }

  /** The writer resets: what is on the way is lost. */
  reset(): void {
    this.#segments.length = 0;
    this.#onTheWay = 0;
    this.#put("reset");
    this.#isOver = true;
  }

  /** From now on it leads nowhere. */
  cut(): void {
    this.#isCut = true;
  }

  stallFor(ms: number): void {
    this.#stalledUntil = Math.max(this.#stalledUntil, this.#clock.now + ms);
  }

  /** The reader takes nothing for now. */
  hold(): void {
    this.#isHeld = true;
  }

  release(): void {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    this.#schedule();
  }

  #put(what: Segment["what"]): void {
    const { delayMs, jitterMs } = this.#road;
    const jitter = jitterMs === 0 ? 0 : this.#random.below(jitterMs);
    const due = Math.max(this.#lastDue, this.#clock.now + delayMs + jitter);
    this.#lastDue = due;
    this.#segments.push({ due, what });
    this.#schedule();
  }

  #schedule(): void {
    const next = this.#segments[0];
    if (next === undefined || this.#pump !== undefined || this.#isCut) return;
    const at = Math.max(next.due, this.#stalledUntil, this.#clock.now);
    this.#pump = this.#clock.after(at - this.#clock.now, () => this.#deliver(), this.#host);
  }

  #deliver(): void {
    this.#pump = undefined;
    const next = this.#segments[0];
    // A reset is seen without reading.
    if (next === undefined || this.#isCut || (this.#isHeld && next.what !== "reset")) return;
    const { now } = this.#clock;
    if (now < this.#stalledUntil || now < next.due) return this.#schedule();
    this.#segments.shift();
    const { what } = next;
    if (what === "end") this.reader?.ended();
    else if (what === "reset") this.reader?.wasReset();
    else {
      const hadRoom = this.hasRoom;
      this.#onTheWay -= what.length;
      this.reader?.arrived(what);
      if (!hadRoom && this.hasRoom) this.onRoom();
    }
    this.#schedule();
  }
}
