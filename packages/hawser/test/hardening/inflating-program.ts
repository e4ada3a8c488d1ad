// An endpoint in a process of its own, whose memory can be looked at while somebody bombs it, or with
// many connections open: what else is in memory is little, and known from before.

import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import {
  connect,
  type Connection,
  type ConnectOptions,
  type Server,
  serve,
  type ServerOptions,
  type HawserError,
} from "../../dist/index.js";
import { obey, tell } from "../faults/program.ts";
import { memoryInUse, settledMemory } from "../support/memory.ts";

let server: Server | undefined;
let isWatched = false;
/** Whether garbage is collected before each look, so that only what is held is seen. */
let isCollecting = false;
/** The most bytes of buffers, and of memory that the system sees, since `watch`. */
const peak = { buffers: 0, rss: 0 };

function look(): void {
  if (isCollecting) memoryInUse();
  const { arrayBuffers, rss } = process.memoryUsage();
  peak.buffers = Math.max(peak.buffers, arrayBuffers);
  peak.rss = Math.max(peak.rss, rss);
  if (isWatched) setImmediate(look);
}

async function echo(ws: Connection, message: string | Buffer): Promise<void> {
  if (!ws.send(message)) await ws.drained();
}
const close = (_: unknown, code: number): void => tell("close", code);
const error = (failure: unknown): void => tell("error", (failure as HawserError).code);

obey({
  async serve(options: ServerOptions) {
    server = await serve({
      hostname: "127.0.0.1",
      ...options,
      open: (ws) => ws.subscribe("all"),
      message: echo,
      close,
      error,
    });
    tell("listening", (server.address() as AddressInfo).port);
  },
  async connect(url: string, options: ConnectOptions) {
    await connect(url, {
      ...options,
      message: echo,
      close,
      error,
    });
    tell("open");
  },
  async watch(collecting = false) {
    isCollecting = collecting;
    await settledMemory();
    const { arrayBuffers, rss } = process.memoryUsage();
    Object.assign(peak, { buffers: arrayBuffers, rss });
    isWatched = true;
    look();
    tell("watching", { buffers: arrayBuffers, rss });
  },
  unwatch() {
    isWatched = false;
    tell("peak", peak);
  },
  publish: (topic: string, message: string) => void server?.publish(topic, message),
  /** Once nothing moves any more. */
  async memory() {
    await settledMemory();
    await delay(100);
    await settledMemory();
    tell("memory", process.memoryUsage().rss);
  },
  extensions() {
    const counts: Record<string, number> = {};
    for (const { extensions } of server?.connections ?? []) {
      counts[extensions] = (counts[extensions] ?? 0) + 1;
    }
    tell("extensions", counts);
  },
});
