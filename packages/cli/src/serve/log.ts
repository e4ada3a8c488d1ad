// What the server says it does, a line for each: when, on which connection, what. It goes to standard error; what
// clients sent never reaches a terminal with its control characters.

import type { Buffer } from "node:buffer";
import { type Io, withoutControls } from "../io.ts";
import { type Paint, paintFor, type Style } from "../shared/paint.ts";

/** So much of a message is shown. */
const shownCharacters = 200;
const shownBytes = 32;

/** What is told: the address only, connections, or messages, too. */
export type Verbosity = "quiet" | "connections" | "messages";

export class Log {
  readonly #io: Io;
  readonly #paint: Paint;
  readonly #verbosity: Verbosity;

  constructor(io: Io, verbosity: Verbosity) {
    this.#io = io;
    this.#paint = paintFor(io.stderr);
    this.#verbosity = verbosity;
  }

  get showsMessages(): boolean {
    return this.#verbosity === "messages";
  }

  /** A line that is always shown; the part before the colon stands out. */
  head(title: string, text: string): void {
    this.#io.stderr.write(`${this.#paint("bold", title)}${withoutControls(text)}\n`);
  }

  connection(number: number, style: Style, text: string): void {
    if (this.#verbosity !== "quiet") this.#line(number, style, text);
  }

  message(number: number, message: string | Buffer): void {
    this.#line(number, "cyan", excerptOf(message));
  }

  failure(number: number | undefined, error: unknown): void {
    this.#line(number, "red", String(error));
  }

  #line(number: number | undefined, style: Style, text: string): void {
    const time = this.#paint("dim", new Date().toTimeString().slice(0, 8));
    const who = number === undefined ? "a client" : `#${number}`;
    const what = this.#paint(style, withoutControls(text));
    this.#io.stderr.write(`${time} ${who.padEnd(5)} ${what}\n`);
  }
}

function excerptOf(message: string | Buffer): string {
  if (typeof message === "string") {
    const isLong = message.length > shownCharacters;
    return `text, ${message.length}: ${message.slice(0, shownCharacters)}${isLong ? "…" : ""}`;
  }
  const isLong = message.length > shownBytes;
  const bytes = message.toString("hex", 0, shownBytes);
  return `binary, ${message.length}: ${bytes}${isLong ? "…" : ""}`;
}
