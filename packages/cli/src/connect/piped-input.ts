// Standard input that is no terminal: its lines, or all of its bytes as one message. It is read only as fast as the
// connection takes it, and waits while there is none.

import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { type Connection, ConnectionClosedError } from "hawser";
import type { Current } from "./current.ts";
import { sendStream } from "./send-stream.ts";

export class PipedInput {
  readonly #stdin: Readable;
  readonly #current: Current;
  #reading: Promise<void> | undefined;
  #stop: () => void = () => undefined;

  constructor(stdin: Readable, current: Current) {
    this.#stdin = stdin;
    this.#current = current;
  }

  /** Sends each line with that; resolves at the end. @throws Error about a line; what the stream throws */
  sendLines(send: (line: string, ws: Connection) => Promise<void>): Promise<void> {
    return (this.#reading ??= this.#untilError(this.#eachLine(send)));
  }

  /** Sends everything as one binary message; resolves at the end. @throws what the stream throws */
  sendBytes(): Promise<void> {
    this.#stop = () => void this.#stdin.destroy();
    return (this.#reading ??= this.#sendOn((ws) => sendStream(this.#stdin, ws)));
  }

  /** Reads no more. */
  stop(): void {
    this.#stop();
  }

  async #eachLine(send: (line: string, ws: Connection) => Promise<void>): Promise<void> {
    const lines = createInterface({ input: this.#stdin, crlfDelay: Infinity });
    this.#stop = () => lines.close();
    let number = 0;
    for await (const line of lines) {
      number++;
      await this.#sendOn(async (ws) => {
        try {
          await send(line, ws);
        } catch (error) {
          if (error instanceof ConnectionClosedError) throw error;
          throw new Error(`line ${number}: ${(error as Error).message}`, { cause: error });
        }
      });
    }
  }

  /** Readline does not tell of its input's errors. */
  #untilError(reading: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#stdin.once("error", reject);
      reading.then(resolve, reject);
    });
  }

  /** Sends on the connection that is open, or will be. */
  async #sendOn(send: (ws: Connection) => Promise<void>): Promise<void> {
    const ws = await this.#current.whenOpen();
    if (ws === undefined) return;
    try {
      await send(ws);
    } catch (error) {
      // The end of the connection is reported where its messages are read.
      if (!(error instanceof ConnectionClosedError)) throw error;
    }
  }
}
