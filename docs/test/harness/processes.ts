// The programs that the examples are: each in a process of its own, in its own process group, so that
// what a shell line starts ends with it. Nothing of the test runner leaks into them.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";

/** How long a program may take for what is waited for, in milliseconds. */
const patienceMs = 20_000;

/** The environment of an example: this process's, without what npm, c8 or the test runner set. */
export function cleanEnvironment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^npm_|^NODE_(?!EXTRA)/i.test(name));
  return { ...Object.fromEntries(kept), ...extra };
}

/** Runs a program to its end and returns what it wrote to stdout. */
export function execute(program: string, args: readonly string[], cwd?: string): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd,
    env: cleanEnvironment(),
    encoding: "utf8",
  });
  if (status === 0) return stdout;
  throw new Error(
    `${program} ${args.join(" ")} failed: ${String(error ?? "")}\n${stdout}${stderr}`,
  );
}

/** A program that runs. */
export class Running {
  readonly #child: ChildProcess;
  readonly #title: string;
  stdout = "";
  stderr = "";
  /** Its exit code, or the signal that ended it. */
  readonly ended: Promise<number | string>;
  #onOutput: (() => void) | undefined;
  #isOver = false;

  constructor(
    title: string,
    program: string,
    args: readonly string[],
    cwd: string,
    environment: Readonly<Record<string, string>>,
  ) {
    this.#title = title;
    this.#child = spawn(program, args, { cwd, env: cleanEnvironment(environment), detached: true });
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => {
      this.stdout += text;
      this.#onOutput?.();
    });
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
      this.#onOutput?.();
    });
    this.ended = once(this.#child, "close").then(([code, signal]) => {
      this.#isOver = true;
      this.#onOutput?.();
      return (code ?? signal) as number | string;
    });
  }

  /** Waits until what it wrote there matches. */
  async printed(pattern: RegExp, where: "stdout" | "stderr" = "stdout"): Promise<RegExpExecArray> {
    const timer = setTimeout(() => this.kill("SIGKILL"), patienceMs);
    try {
      for (;;) {
        const match = pattern.exec(this[where]);
        if (match !== null) return match;
        if (this.#isOver) throw this.#failure(`ended without printing ${String(pattern)}`);
        await new Promise<void>((resolve) => {
          this.#onOutput = resolve;
        });
      }
    } finally {
      clearTimeout(timer);
      this.#onOutput = undefined;
    }
  }

  /** Waits for its end, which must be a good one, and returns what it wrote to stdout. */
  async succeeded(): Promise<string> {
    const timer = setTimeout(() => this.kill("SIGKILL"), patienceMs);
    const code = await this.ended;
    clearTimeout(timer);
    if (code !== 0) throw this.#failure(`ended with ${code}`);
    return this.stdout;
  }

  /** Signals the program alone, as a process manager does. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Signals the program and all that it started. */
  kill(signal: NodeJS.Signals): void {
    const { pid, exitCode, signalCode } = this.#child;
    if (pid === undefined || exitCode !== null || signalCode !== null) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // It has ended in between.
    }
  }

  #failure(what: string): Error {
    return new Error(
      `${this.#title} ${what}\n--- stdout\n${this.stdout}--- stderr\n${this.stderr}`,
    );
  }
}
