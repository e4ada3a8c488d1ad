// Plays a script with whatever can send: our own connections, and those of `ws`. What is seen goes
// into a Log, whose report is the same for both.

import { EventEmitter, once } from "node:events";
import {
  bytesOf,
  describeMessage,
  type Ended,
  type Payload,
  type Report,
  type Step,
} from "./contract.ts";

/** What one end of a connection has seen. */
export class Log {
  readonly #changes = new EventEmitter();
  readonly #messages: string[] = [];
  readonly #pongs: string[] = [];
  #close: Ended | undefined;

  get messages(): number {
    return this.#messages.length;
  }

  hasPong(payload: string): boolean {
    return this.#pongs.includes(payload);
  }

  message(kind: Payload["kind"], bytes: Uint8Array): void {
    this.#messages.push(describeMessage(kind, bytes));
    this.#changes.emit("change");
  }

  pong(payload: string): void {
    this.#pongs.push(payload);
    this.#changes.emit("change");
  }

  closed(close: Ended): void {
    this.#close = close;
    this.#changes.emit("change");
  }

  /** Waits until this holds, or the connection has ended. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds() && this.#close === undefined) await once(this.#changes, "change");
  }

  async report(protocol: string, extensions: string): Promise<Report> {
    await this.until(() => false);
    const close = this.#close as Ended;
    return { protocol, extensions, messages: this.#messages, pongs: this.#pongs, close };
  }
}

/** What a script is played with. */
export interface Instrument {
  readonly isOpen: boolean;
  readonly protocol: string;
  readonly extensions: string;
  send(kind: Payload["kind"], bytes: Buffer, how: { fin: boolean; compress: boolean }): void;
  ping(payload: string): void;
  close(code?: number, reason?: string): void;
}

/** Does the steps, waits for the end and reports; what the instrument throws is thrown. */
export async function play(
  steps: readonly Step[],
  instrument: Instrument,
  log: Log,
): Promise<Report> {
  let received = 0;
  for (const step of steps) {
    if (!instrument.isOpen) break;
    switch (step.do) {
      case "send":
        instrument.send(step.message.kind, bytesOf(step.message), {
          fin: true,
          compress: step.plain !== true,
        });
        break;
      case "fragments":
        await sendFragments(step, instrument, log);
        break;
      case "receive":
        received++;
        await log.until(() => log.messages >= received);
        break;
      case "ping":
        instrument.ping(step.payload);
        await log.until(() => log.hasPong(step.payload));
        break;
      case "close":
        instrument.close(step.code, step.reason);
        break;
    }
  }
  return log.report(instrument.protocol, instrument.extensions);
}

async function sendFragments(
  { parts, ping }: Step & { do: "fragments" },
  instrument: Instrument,
  log: Log,
): Promise<void> {
  for (const [index, part] of parts.entries()) {
    if (index === 1 && ping !== undefined) instrument.ping(ping);
    const fin = index === parts.length - 1;
    instrument.send(part.kind, bytesOf(part), { fin, compress: true });
  }
  if (ping !== undefined) await log.until(() => log.hasPong(ping));
}
