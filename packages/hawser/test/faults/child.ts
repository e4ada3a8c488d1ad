// A program in a process of its own: it gets orders and tells what happens, both as [name, ...values].
// Whatever becomes of the test, the process does not outlive it: it ends when its channel does, is
// killed when it does not obey (a stopped one can't), and at the latest when this process ends.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { EventLog } from "../support/event-log.ts";
import { atExit } from "./at-exit.ts";

/** An order, or what a program tells. */
export type Note = [name: string, ...values: unknown[]];

export interface StartOptions {
  /** A command that runs the one that stands behind it. */
  readonly wrapper?: readonly string[];
  readonly args?: readonly string[];
}

const running = new Set<ChildProcess>();
atExit(() => {
  for (const child of running) child.kill("SIGKILL");
});

/** How long a program may take to obey, in milliseconds. */
const obeyMs = 3_000;

export class Child {
  /** What the program has told. */
  readonly log: EventLog = new EventLog();
  readonly #process: ChildProcess;
  readonly #exited: Promise<unknown[]>;

  private constructor(child: ChildProcess) {
    this.#process = child;
    this.#exited = once(child, "exit").finally(() => running.delete(child));
    child.on("message", ([name, ...values]: Note) => this.log.add(name, ...values));
  }

  /** Starts the program and waits until it says so. */
  static async start(program: URL, { wrapper = [], args = [] }: StartOptions = {}): Promise<Child> {
    const [command, ...rest] = [...wrapper, process.execPath, fileURLToPath(program), ...args];
    const spawned = spawn(command as string, rest, {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      serialization: "advanced",
    });
    running.add(spawned);
    const child = new Child(spawned);
    await Promise.race([
      child.log.waitFor("started"),
      child.#exited.then(([code, signal]) => {
        throw new Error(`${program.pathname} ended at once (${String(code ?? signal)})`);
      }),
    ]);
    return child;
  }

  get pid(): number {
    return this.#process.pid as number;
  }

  order(...note: Note): void {
    this.#process.send(note);
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  get hasExited(): boolean {
    return !running.has(this.#process);
  }

  /** The exit code, or the signal that ended it. */
  async exited(): Promise<unknown> {
    const [code, signal] = await this.#exited;
    return code ?? signal;
  }

  async end(): Promise<void> {
    if (this.hasExited) return;
    this.signal("SIGCONT");
    if (this.#process.connected) this.#process.disconnect();
    const guard = setTimeout(() => this.signal("SIGKILL"), obeyMs);
    await this.#exited;
    clearTimeout(guard);
  }
}
