// The engines themselves, from Debian's packages: each on a port of its own and with nothing on disk, ended with
// the test whatever becomes of it.

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { atExit } from "../faults/at-exit.ts";
import { turn, within } from "../support/deferred.ts";

/** How an engine is started, and what it says when it can be used. */
interface Kind {
  readonly program: string;
  args(port: number, monitorPort: number): readonly string[];
  readonly ready: RegExp;
}

export type EngineName = "redis" | "nats";

const kinds: Readonly<Record<EngineName, Kind>> = {
  redis: {
    program: "redis-server",
    args: (port) => ["--port", `${port}`, "--bind", "127.0.0.1", "--save", "", "--dir", tmpdir()],
    ready: /Ready to accept connections/,
  },
  nats: {
    program: "nats-server",
    args: (port, monitorPort) => ["-a", "127.0.0.1", "-p", `${port}`, "-m", `${monitorPort}`],
    ready: /Server is ready/,
  },
};

const running = new Set<ChildProcess>();
atExit(() => {
  for (const child of running) child.kill("SIGKILL");
});

export class Engine {
  readonly port: number;
  /** Where NATS tells of itself. */
  readonly monitorPort: number;
  readonly #kind: Kind;
  readonly #more: readonly string[];
  #process: ChildProcess | undefined;

  private constructor(
    name: EngineName,
    port: number,
    monitorPort: number,
    more: readonly string[],
  ) {
    this.#kind = kinds[name];
    this.#more = more;
    this.port = port;
    this.monitorPort = monitorPort;
  }

  /** @param more arguments of the program */
  static async start(name: EngineName, more: readonly string[] = []): Promise<Engine> {
    const engine = new Engine(name, await freePort(), await freePort(), more);
    await engine.start();
    return engine;
  }

  /** Starts it, again on the same port. */
  async start(): Promise<void> {
    const { program, ready } = this.#kind;
    const args = [...this.#kind.args(this.port, this.monitorPort), ...this.#more];
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
    running.add(child);
    child.once("exit", () => running.delete(child));
    this.#process = child;
    await within(
      new Promise<void>((resolve) => {
        let output = "";
        const read = (chunk: Buffer): void => {
          output = (output + String(chunk)).slice(-10_000);
          if (ready.test(output)) resolve();
        };
        child.stdout.on("data", read);
        child.stderr.on("data", read);
      }),
      `${program} to be ready`,
      10_000,
    );
  }

  signal(signal: NodeJS.Signals): void {
    this.#process?.kill(signal);
  }

  /** Stops it; done when none of its threads does anything any more. */
  async stop(): Promise<void> {
    this.signal("SIGSTOP");
    const threads = `/proc/${this.#process?.pid}/task`;
    const isStopped = (thread: string): boolean =>
      /\) T /.test(readFileSync(`${threads}/${thread}/stat`, "latin1"));
    while (!readdirSync(threads).every(isStopped)) await turn();
  }

  async end(): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, "exit");
    child.kill("SIGKILL");
    await exited;
  }
}

/** Below those that a system gives to clients: nobody takes it while the engine starts again. */
async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const server = createServer().listen(randomInt(20_000, 32_000), "127.0.0.1");
    const isFree = await once(server, "listening").then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    const { port } = server.address() as AddressInfo;
    await once(server.close(), "close");
    return port;
  }
  return assert.fail("no port is free");
}
