// A child process, seen from the parent. Whatever happens to either, `end` leaves nothing behind: it is
// called in a `finally`, and the child itself ends when its parent is gone (parent.ts).

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { Runtime } from "./runtime.ts";

export class Child {
  readonly #title: string;
  readonly #process: ChildProcess;

  /** @param file beside this one */
  constructor(file: string, args: readonly string[], runtime: Runtime) {
    this.#title = [file, ...args].join(" ");
    this.#process = fork(join(import.meta.dirname, file), args, {
      execPath: runtime.execPath,
      execArgv: [...runtime.execArgv],
      // What is measured runs in a plain Node, also when a coverage run started us.
      env: { ...process.env, NODE_OPTIONS: undefined, NODE_V8_COVERAGE: undefined, ...runtime.env },
    });
  }

  get pid(): number {
    return this.#process.pid as number;
  }

  /** The one message that it sends. Rejects when it ends before, or when the signal says so. */
  async message(signal: AbortSignal): Promise<unknown> {
    const either = new AbortController();
    const options = { signal: AbortSignal.any([signal, either.signal]) };
    try {
      return await Promise.race([
        once(this.#process, "message", options).then(([message]: unknown[]) => message),
        once(this.#process, "exit", options).then(([code, killedBy]: unknown[]) => {
          throw new Error(`${this.#title} ended: ${String(code ?? killedBy)}`);
        }),
      ]);
    } finally {
      either.abort();
    }
  }

  async end(): Promise<void> {
    const { exitCode, signalCode } = this.#process;
    if (exitCode !== null || signalCode !== null) return;
    const ended = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await ended;
  }
}
