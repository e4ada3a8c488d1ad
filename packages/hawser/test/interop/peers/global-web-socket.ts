// Node's own global WebSocket. Before Node 22 it hides behind a flag, so it gets a process of its own
// in every version: this file, run as a program.

import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { startChild } from "../child.ts";
import type { Order, Peer } from "../contract.ts";
import { pageLacks, PagePlayer, toReport } from "./page.ts";

const asPeer = "--as-peer";

export const globalWebSocket: Peer = {
  name: "Node's global WebSocket",
  role: "client",
  answers: "the code",
  deflates: false,
  lacks: { ...pageLacks, "leading BOM": "it is taken for a mark of the encoding and dropped" },
  start: () => {
    const isHidden = Number.parseInt(process.versions.node, 10) < 22;
    const flags = isHidden ? ["--experimental-websocket", "--no-warnings"] : [];
    return startChild(process.execPath, [...flags, fileURLToPath(import.meta.url), asPeer]);
  },
};

async function serveOrders(): Promise<void> {
  const write = (line: unknown): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
  write({ ready: "" });
  for await (const line of createInterface({ input: process.stdin })) {
    const { id, ...order } = JSON.parse(line) as Order & { id: number };
    write({ id, report: toReport(await new PagePlayer(order).play()) });
  }
}

if (process.argv[2] === asPeer) await serveOrders();
