// A process of the soak, seen from the one that started it. Whatever happens to either, `end` leaves
// nothing behind, and the process ends by itself when its parent is gone (order.ts).

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Answer, Order } from "./order.ts";

interface Waiter {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

export class Worker {
  readonly #name: string;
  readonly #process: ChildProcess;
  readonly #waiters = new Map<number, Waiter>();
  #lastId = 0;
  #end: Error | undefined;

  /** @param trouble aborted when the process ends; aborted by another's, this one is of no use */
  constructor(name: "server" | "clients", trouble: AbortController) {
    this.#name = name;
    this.#process = fork(join(import.meta.dirname, `${name}-program.js`), [], {
      // What is measured runs in a plain Node, also when a coverage run started us.
      env: { ...process.env, NODE_OPTIONS: undefined, NODE_V8_COVERAGE: undefined },
    });
    this.#process.on("message", (answer: Answer) => this.#answered(answer));
    this.#process.on("exit", (code, killedBy) =>
      trouble.abort(new Error(`the process of the ${name} has ended: ${String(code ?? killedBy)}`)),
    );
    trouble.signal.addEventListener("abort", () => this.#fail(trouble.signal.reason as Error));
  }

  /** Rejects when the order fails, and when there is trouble. */
  ask(name: string, argument?: unknown): Promise<unknown> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      if (this.#end !== undefined) {
        reject(this.#end);
        return;
      }
      this.#waiters.set(id, { resolve, reject });
      const order: Order = { id, name, argument };
      this.#process.send(order, (error) => {
        if (error !== null) this.#fail(error);
      });
    });
  }

  #answered({ id, value, failure }: Answer): void {
    const waiter = this.#waiters.get(id);
    this.#waiters.delete(id);
    if (failure === undefined) waiter?.resolve(value);
    else waiter?.reject(new Error(`${this.#name}: ${failure}`));
  }

  #fail(error: Error): void {
    this.#end ??= error;
    for (const waiter of this.#waiters.values()) waiter.reject(this.#end);
    this.#waiters.clear();
  }

  async end(): Promise<void> {
    const { exitCode, signalCode } = this.#process;
    if (exitCode !== null || signalCode !== null) return;
    const ended = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await ended;
  }
}
