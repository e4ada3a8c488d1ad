// A socket on a simulated network: Node's own Duplex, with two pipes in the place of a handle. It does as TCP does: a
// write is done when there is room on the way, what comes for a socket that is gone is answered with a
// reset, and so is closing with input unread.

import { Buffer } from "node:buffer";
import { Duplex } from "node:stream";
import type { Arrival, Pipe } from "./network.ts";

type Done = (error?: Error | null) => void;

export class SimulatedSocket extends Duplex implements Arrival {
  readonly #output: Pipe;
  readonly #input: Pipe;
  #writing: Done | undefined;

  constructor(output: Pipe, input: Pipe) {
    super({ allowHalfOpen: true });
    this.#output = output;
    this.#input = input;
    input.reader = this;
    output.onRoom = () => {
      const done = this.#writing;
      this.#writing = undefined;
      done?.();
    };
  }

  // ---- What the network brings

  arrived(bytes: Uint8Array): void {
    if (this.destroyed) this.#output.reset();
    else if (!this.push(bytes)) this.#input.hold();
  }

  ended(): void {
    if (!this.destroyed) this.push(null);
  }

  wasReset(): void {
    this.destroy(Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET" }));
  }

  /** The connection breaks here and now, as the system sees it. */
  breakNow(): void {
    this.#output.reset();
    this.wasReset();
  }

  // ---- What Node's Duplex asks for

  override _read(): void {
    this.#input.release();
  }

  override _write(chunk: Uint8Array, _encoding: string, done: Done): void {
    this.#send(chunk, done);
  }

  override _writev(chunks: { readonly chunk: Uint8Array }[], done: Done): void {
    this.#send(Buffer.concat(chunks.map(({ chunk }) => chunk)), done);
  }

  #send(bytes: Uint8Array, done: Done): void {
    this.#output.send(bytes);
    // As with a socket: what the system takes at once is written when `write` returns.
    if (this.#output.hasRoom) done();
    else this.#writing = done;
  }

  override _final(done: Done): void {
    this.#output.end();
    done();
  }

  override _destroy(error: Error | null, done: Done): void {
    if (this.readableLength > 0) this.#output.reset();
    else this.#output.end();
    // What still comes is nobody's.
    this.#input.release();
    const writing = this.#writing;
    this.#writing = undefined;
    done(error);
    writing?.(Object.assign(new Error("write ECANCELED"), { code: "ECANCELED" }));
  }
}
