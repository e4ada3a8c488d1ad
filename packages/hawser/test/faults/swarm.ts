// Many clients in a few processes, as one: see swarm-program.ts.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Child } from "./child.ts";
import { sharedNow } from "./program.ts";
import type { JoinOrder } from "./swarm-program.ts";

const program = new URL("./swarm-program.js", import.meta.url);

/** What a process needs besides one descriptor for each connection. */
const spareDescriptors = 100;

/** How it went when all were there: in how many milliseconds, with how many attempts that failed. */
export interface Arrival {
  readonly tookMs: number;
  readonly retries: number;
}

export class Swarm {
  readonly #children: readonly Child[];

  private constructor(children: readonly Child[]) {
    this.#children = children;
  }

  /** Opens that many connections, shared out to the processes. */
  static async join(port: number, count: number, processes = 1): Promise<Swarm> {
    checkDescriptors(count);
    const children = await Promise.all(
      Array.from({ length: processes }, () => Child.start(program)),
    );
    const swarm = new Swarm(children);
    for (const [serial, child] of children.entries()) {
      const order: JoinOrder = { port, count: count / processes, serial };
      child.order("join", order);
    }
    await swarm.#arrival("joined");
    return swarm;
  }

  /** Resolves when from now on whoever loses its connection comes back within that time. */
  async comeBack(withinMs: number): Promise<void> {
    for (const child of this.#children) child.order("comeBack", withinMs);
    await Promise.all(this.#children.map((child) => child.log.waitFor("coming back")));
  }

  /** All have come back. */
  back(): Promise<Arrival> {
    return this.#arrival("back");
  }

  /**
   * How many milliseconds each needed to get the message that `publish` sends to all, in order. The
   * next publication begins when the last was received: the load is as high as the machine can bear.
   */
  async latencies(number: number, publish: (message: string) => void): Promise<Float64Array> {
    const name = `published ${number}`;
    const received = this.#children.map((child) => child.log.waitFor(name, 1, 20_000));
    publish(`${number} ${sharedNow()} `);
    const parts = (await Promise.all(received)).map(([part]) => part as Float64Array);
    return Float64Array.from(parts.flatMap((part) => [...part])).toSorted();
  }

  /** How many have lost their connection and were not to come back. */
  get lost(): number {
    return this.#children.reduce((sum, child) => sum + child.log.count("lost"), 0);
  }

  /** Closes all connections with a closing handshake. */
  async leave(): Promise<void> {
    for (const child of this.#children) child.order("leave");
    await Promise.all(this.#children.map((child) => child.log.waitFor("left", 1, 30_000)));
  }

  async end(): Promise<void> {
    await Promise.all(this.#children.map((child) => child.end()));
  }

  async #arrival(name: string): Promise<Arrival> {
    const arrivals = await Promise.all(
      this.#children.map((child) => child.log.waitFor(name, 1, 60_000)),
    );
    return {
      tookMs: Math.max(...arrivals.map(([tookMs]) => tookMs as number)),
      retries: arrivals.reduce((sum, [, retries]) => sum + (retries as number), 0),
    };
  }
}

/** The value that a share `p` of the sorted values does not exceed. */
export function percentile(sorted: Float64Array, p: number): number {
  return sorted[Math.ceil(sorted.length * p) - 1] as number;
}

export function median(values: Iterable<number>): number {
  return percentile(Float64Array.from(values).toSorted(), 0.5);
}

/** Node has raised its limit as far as it may: more is up to whoever runs the tests. */
function checkDescriptors(count: number): void {
  const limit = /^Max open files +(\d+|unlimited)/m.exec(
    readFileSync("/proc/self/limits", "latin1"),
  )?.[1];
  assert.ok(
    limit === "unlimited" || Number(limit) >= count + spareDescriptors,
    `this test needs ${count + spareDescriptors} file descriptors a process, allowed are ${limit}: ulimit -Hn`,
  );
}
