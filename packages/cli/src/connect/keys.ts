// What is typed, key by key. `node:readline` takes several keys that come at once, as those of a paste do, for text at
// the end of the line, wherever the cursor is; and forgets that the line has become longer than a row.

import { StringDecoder } from "node:string_decoder";
import { type Readable, Transform, type TransformCallback } from "node:stream";

/** A key is a character, or an escape sequence (ECMA-48 §5.4) such as that of an arrow. */
// oxlint-disable-next-line no-control-regex
const keys = /\u001B(?:\[[\d;]*[ -/]*[@-~]|O.|[^[O])?|[^]/gu;

/** A terminal's input whose chunks are keys. */
export class Keys extends Transform {
  readonly #terminal: Readable & { setRawMode?(isRaw: boolean): unknown };
  readonly #decoder = new StringDecoder("utf8");

  constructor(terminal: Readable) {
    super({ encoding: "utf8" });
    this.#terminal = terminal;
    terminal.pipe(this);
  }

  /** As of a terminal: readline asks for it. */
  setRawMode(isRaw: boolean): void {
    this.#terminal.setRawMode?.(isRaw);
  }

  /** Reads no more of the terminal, which no longer keeps the process alive. */
  stop(): void {
    this.#terminal.unpipe(this);
    this.#terminal.pause();
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    for (const key of this.#decoder.write(chunk).match(keys) ?? []) this.push(key);
    done();
  }
}
