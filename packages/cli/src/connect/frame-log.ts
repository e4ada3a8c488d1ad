// `--frames`: a line for every frame of both directions, with its flags, opcode, masking key, length, time, and the
// beginning of its payload.

import type { WireDirection } from "hawser";
import { withoutControls } from "../io.ts";
import type { Paint } from "../shared/paint.ts";
import { FrameScanner, type SeenFrame } from "./frame-scanner.ts";

const names: Readonly<Record<number, string>> = {
  0: "CONTINUATION",
  1: "TEXT",
  2: "BINARY",
  8: "CLOSE",
  9: "PING",
  10: "PONG",
};

const isControl = (opcode: number): boolean => opcode >= 8;

/** How much of a payload a line shows: characters of a text, bytes of anything else. */
const shownCharacters = 60;
const shownBytes = 20;

/** The frames of one connection. */
export class FrameLog {
  readonly #write: (line: string) => void;
  readonly #paint: Paint;
  readonly #now: () => number;
  readonly #beganAt: number;
  readonly #scanners: Readonly<Record<WireDirection, FrameScanner>>;
  /** The opcode and RSV1 of the message that continuations belong to. */
  readonly #message: Record<WireDirection, { opcode: number; isCompressed: boolean }> = {
    in: { opcode: 2, isCompressed: false },
    out: { opcode: 2, isCompressed: false },
  };

  constructor(
    write: (line: string) => void,
    paint: Paint,
    now: () => number = () => performance.now(),
  ) {
    this.#write = write;
    this.#paint = paint;
    this.#now = now;
    this.#beganAt = now();
    const scanner = (direction: WireDirection): FrameScanner =>
      new FrameScanner((frame) => this.#show(direction, frame));
    this.#scanners = { in: scanner("in"), out: scanner("out") };
  }

  push(direction: WireDirection, bytes: Uint8Array): void {
    this.#scanners[direction].push(bytes, this.#now());
  }

  /** Tells of frames that were cut off by the end of the connection. */
  end(): void {
    for (const direction of ["out", "in"] as const) {
      const { unfinished } = this.#scanners[direction];
      if (unfinished === undefined) continue;
      const { header, readBytes } = unfinished;
      const what =
        header === undefined
          ? "in the header of a frame"
          : `in ${nameOf(header.opcode)} behind ${readBytes} of ${header.payloadBytes} bytes`;
      this.#write(`${this.#mark(direction)} cut off ${what}`);
    }
  }

  #mark(direction: WireDirection): string {
    return direction === "out" ? this.#paint("cyan", "→") : this.#paint("green", "←");
  }

  #show(direction: WireDirection, frame: SeenFrame): void {
    const { fin, rsv, opcode, key, payloadBytes, beganAt, endedAt } = frame;
    if (!isControl(opcode) && opcode !== 0) {
      this.#message[direction] = { opcode, isCompressed: (rsv & 4) !== 0 };
    }
    const took = endedAt - beganAt;
    const facts = [
      this.#paint("dim", `${((endedAt - this.#beganAt) / 1000).toFixed(3)}s`),
      this.#mark(direction),
      this.#paint(isControl(opcode) ? "magenta" : "bold", nameOf(opcode)),
      ...(fin ? ["FIN"] : []),
      ...[4, 2, 1].flatMap((bit, index) => ((rsv & bit) === 0 ? [] : [`RSV${index + 1}`])),
      ...(key === undefined ? [] : [`mask=${Buffer.from(key).toString("hex")}`]),
      `length=${payloadBytes}`,
      ...(took > 0 ? [`took=${took.toFixed(1)}ms`] : []),
      this.#payload(direction, frame),
    ];
    this.#write(facts.join(" ").trimEnd());
  }

  #payload(direction: WireDirection, { opcode, beginning, payloadBytes }: SeenFrame): string {
    const bytes = Buffer.from(beginning);
    const message = this.#message[direction];
    if (opcode === 8 && bytes.length >= 2) {
      const reason = bytes.toString("utf8", 2);
      return `${bytes.readUInt16BE(0)}${reason && ` ${quoted(reason)}`}`;
    }
    const isText = message.opcode === 1 && !message.isCompressed && !isControl(opcode);
    if (isText || (isControl(opcode) && isPrintable(bytes))) {
      const text = bytes.toString();
      const isWhole = text.length <= shownCharacters && bytes.length === payloadBytes;
      if (text === "") return "";
      return `${quoted(text.slice(0, shownCharacters))}${isWhole ? "" : "…"}`;
    }
    const isWhole = payloadBytes <= shownBytes;
    return `${bytes.toString("hex", 0, shownBytes)}${isWhole ? "" : "…"}`;
  }
}

function nameOf(opcode: number): string {
  return names[opcode] ?? `OPCODE-${opcode}`;
}

/** In quotes and on one line. */
function quoted(text: string): string {
  return withoutControls(JSON.stringify(text));
}

function isPrintable(bytes: Buffer): boolean {
  return bytes.every((byte) => byte >= 32 && byte < 127);
}
