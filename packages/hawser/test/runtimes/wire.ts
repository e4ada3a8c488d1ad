// A peer that writes bytes as they are, on `node:net` as each runtime has it.

import { Buffer } from "node:buffer";
import { type AddressInfo, createConnection, type Socket } from "node:net";
import type { Server } from "../../dist/index.js";
import { requestText } from "../support/http-head.ts";

export class Wire {
  readonly socket: Socket;
  #received: Buffer = Buffer.alloc(0);
  #isOver = false;
  #changed: () => void = () => undefined;

  /** Connects to a server's port, or by the path of a unix socket. */
  constructor(to: Server | string) {
    this.socket =
      typeof to === "string"
        ? createConnection(to)
        : createConnection((to.address() as AddressInfo).port, "127.0.0.1");
    this.socket.on("data", (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#changed();
    });
    const over = (): void => {
      this.#isOver = true;
      this.#changed();
    };
    this.socket.on("error", over);
    this.socket.on("close", over);
    this.socket.on("end", over);
  }

  /** The opening handshake with some fields changed, and what comes right behind it. */
  shake(fields: Readonly<Record<string, string>> = {}, behind: Uint8Array = Buffer.alloc(0)): void {
    this.socket.write(Buffer.concat([Buffer.from(requestText(fields), "latin1"), behind]));
  }

  /** Waits until what has come, as Latin-1, matches. */
  read(pattern: RegExp): Promise<void> {
    return this.#until(String(pattern), (received) => pattern.test(received.toString("latin1")));
  }

  /** Waits until the bytes have come. */
  readBytes(bytes: Buffer): Promise<void> {
    return this.#until(bytes.toString("hex"), (received) => received.includes(bytes));
  }

  async #until(what: string, isThere: (received: Buffer) => boolean): Promise<void> {
    while (!isThere(this.#received)) {
      if (this.#isOver) {
        throw new Error(`${what} did not come before the end`);
      }
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
  }

  /** Waits for the end. */
  async end(): Promise<void> {
    while (!this.#isOver) {
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
    }
  }
}
