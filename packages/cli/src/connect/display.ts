// Where results and notes of a conversation go: results to stdout, what is said about them to stderr.

import { once } from "node:events";
import { type Io, say } from "../io.ts";
import { type Paint, paintFor } from "../shared/paint.ts";

export interface Display {
  /** Colours for notes. */
  readonly paint: Paint;
  /** Writes what came, which is safe for where it goes, and waits while the reader is slower than we are. */
  result(chunk: string | Uint8Array): Promise<void>;
  /** Writes lines about what is happening. Control characters in them have no effect. */
  note(text: string): void;
  /** The same for lines that are safe and have colours. */
  painted(line: string): void;
}

/** Writes one behind the other. */
export class PlainDisplay implements Display {
  readonly paint: Paint;
  readonly #io: Io;

  constructor(io: Io) {
    this.#io = io;
    this.paint = paintFor(io.stderr);
  }

  async result(chunk: string | Uint8Array): Promise<void> {
    const { stdout } = this.#io;
    if (!stdout.write(chunk)) await once(stdout, "drain");
  }

  note(text: string): void {
    say(this.#io, text);
  }

  painted(line: string): void {
    this.#io.stderr.write(`${line}\n`);
  }
}
