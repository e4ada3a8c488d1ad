// A peer that is a program of its own: it says `{"ready": url}`, then reads orders and writes a report
// for each, JSON, one a line, and ends when its input does. `{"id", …order}` in, `{"id", "report"}` out.

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Order, Report, RunningPeer } from "./contract.ts";

interface Line {
  readonly ready?: string;
  readonly id?: number;
  readonly report?: Report;
}

/**
 * Starts the program and waits until it is ready.
 *
 * @throws Error with what the program wrote to stderr, when it ends before
 */
export async function startChild(command: string, args: readonly string[]): Promise<RunningPeer> {
  const child = spawn(command, args);
  const lines = new ChildLines(child, [command, ...args].join(" "));
  let url: string;
  try {
    ({ ready: url = "" } = await lines.next((line) => line.ready !== undefined));
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
  let id = 0;
  return {
    url,
    run: async (order: Order) => {
      const mine = ++id;
      const answer = lines.next((line) => line.id === mine);
      child.stdin.write(`${JSON.stringify({ id: mine, ...order })}\n`);
      const { report } = await answer;
      return report as Report;
    },
    end: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, "exit");
      child.stdin.end();
      // One that hangs in a scenario that failed does not see the end of its input.
      const guard = setTimeout(() => child.kill("SIGKILL"), 2_000);
      await exited;
      clearTimeout(guard);
    },
  };
}

/** What the program writes; its end rejects whoever waits. */
class ChildLines {
  #waiter:
    | { resolve(line: Line): void; reject(error: Error): void; wants(line: Line): boolean }
    | undefined;
  #error: Error | undefined;
  #stderr = "";

  constructor(child: ChildProcessWithoutNullStreams, name: string) {
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      this.#stderr = (this.#stderr + chunk).slice(-4_000);
    });
    // Its own end is told below; a pipe that breaks is of no further interest.
    child.stdin.on("error", () => undefined);
    createInterface({ input: child.stdout }).on("line", (line) => this.#take(JSON.parse(line)));
    child.on("error", (error) => this.#end(new Error(`can't run ${name}: ${error.message}`)));
    child.on("close", () => this.#end(new Error(`${name} has ended: ${this.#stderr.trim()}`)));
  }

  /** The next line that fits; what comes before it is of orders that were given up. */
  next(wants: (line: Line) => boolean): Promise<Line> {
    return new Promise((resolve, reject) => {
      if (this.#error !== undefined) reject(this.#error);
      else this.#waiter = { resolve, reject, wants };
    });
  }

  #take(line: Line): void {
    if (this.#waiter?.wants(line) !== true) return;
    this.#waiter.resolve(line);
    this.#waiter = undefined;
  }

  #end(error: Error): void {
    this.#error ??= error;
    this.#waiter?.reject(this.#error);
    this.#waiter = undefined;
  }
}
