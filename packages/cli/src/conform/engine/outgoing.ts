// What the tester writes: frames in any delivery. What it says by itself (pongs, Close frames in answer)
// never comes into the middle of a frame that is written in parts.

import type { Duplex } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type FrameSpec, isMasked, opcodes, serializeFrame } from "../wire/frame.ts";
import type { Random } from "../wire/random.ts";
import { count, type WireLog } from "../wire/wire-log.ts";

/** How octets are written: at once, a write for each frame, or so many octets a write. */
export type Delivery = "at once" | "frame by frame" | number;

export class Outgoing {
  /** Octets that were written. */
  octets = 0;
  /** Whether a Close frame was among them. */
  hasClosed = false;
  readonly #socket: Duplex;
  readonly #masks: boolean;
  readonly #random: Random;
  readonly #log: WireLog;
  #isChopping = false;
  /** What waits for the end of the frames that are being written. */
  readonly #waiting: (() => void)[] = [];

  constructor(socket: Duplex, masks: boolean, random: Random, log: WireLog) {
    this.#socket = socket;
    this.#masks = masks;
    this.#random = random;
    this.#log = log;
  }

  /** Whether TCP takes nothing any more. */
  get isOver(): boolean {
    return this.#socket.destroyed || this.#socket.writableEnded;
  }

  /** The frame as octets, masked as the role demands; it is shown in the log as sent. */
  serialize(spec: FrameSpec): Buffer {
    const octets = serializeFrame(spec, {
      masks: this.#masks,
      nextKey: () => this.#random.next(),
    });
    const { opcode, fin = true, rsv = 0, payload = new Uint8Array() } = spec;
    const frame = { opcode, fin, rsv, payload, masked: isMasked(spec, this.#masks) };
    this.#log.frame("tester", frame, octets);
    if (opcode === opcodes.close) this.hasClosed = true;
    return octets;
  }

  async send(frames: readonly FrameSpec[], delivery: Delivery): Promise<void> {
    if (delivery === "frame by frame") {
      this.#log.note("the following frames are written one by one");
      for (const frame of frames) await this.write(this.serialize(frame));
      return;
    }
    const octets = Buffer.concat(frames.map((frame) => this.serialize(frame)));
    if (delivery === "at once") await this.write(octets);
    else await this.#chop(octets, delivery);
  }

  /** Writes octets as they are, as far as the connection takes them, and waits for a turn. */
  async write(octets: Buffer): Promise<void> {
    if (this.isOver) return;
    this.octets += octets.length;
    if (!this.#socket.write(octets)) await this.#drained();
    // What was written in two parts shall not come in one.
    await nextTurn();
  }

  /** Does that at once, or when the frames that are being written in parts are complete. */
  whenFree(act: () => void): void {
    if (this.#isChopping) this.#waiting.push(act);
    else act();
  }

  async #chop(octets: Buffer, size: number): Promise<void> {
    this.#log.note(
      `in ${count(Math.ceil(octets.length / size), "write")} of ${count(size, "octet")}`,
    );
    this.#isChopping = true;
    for (let from = 0; from < octets.length && !this.isOver; from += size) {
      await this.write(octets.subarray(from, from + size));
    }
    this.#isChopping = false;
    for (const act of this.#waiting.splice(0)) act();
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.#socket.off("drain", done).off("close", done);
        resolve();
      };
      this.#socket.on("drain", done).on("close", done);
    });
  }
}
