// A server that on SIGTERM closes as docs/how-to/graceful-shutdown.md says and then ends by itself. It
// writes down how far it came with each client, whose messages are the numbers from 1 on.

import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import { type CloseOptions, type Connection, serve } from "../../dist/index.js";
import { turn } from "../support/deferred.ts";
import { tell } from "./program.ts";

/** How far the server came with one client. */
export interface Account {
  /** The last message that was handled. */
  handled: number;
  /** The last message whose answer was accepted by `send`. */
  answered: number;
  /** How it ended. */
  code: number;
}

/** What the program tells at the end. */
export interface Balance {
  readonly accounts: ReadonlyMap<string, Account>;
  readonly openedAfterSignal: number;
  readonly closedInMs: number;
}

const accounts = new Map<string, Account>();
let isStopping = false;
let openedAfterSignal = 0;

const server = await serve<Account>({
  hostname: "127.0.0.1",
  upgrade(request) {
    const account: Account = { handled: 0, answered: 0, code: 0 };
    accounts.set(request.url, account);
    return { data: account };
  },
  open() {
    if (isStopping) openedAfterSignal++;
  },
  // One client in two meets a handler that is at work for some turns.
  message(ws, message) {
    assert.equal(Number(message), ws.data.handled + 1, "messages come in order, none twice");
    ws.data.handled++;
    if (ws.data.handled % 2 === 0) return handle(ws);
    answer(ws);
    return undefined;
  },
  close(ws, code) {
    ws.data.code = code;
  },
});

async function handle(ws: Connection<Account>): Promise<void> {
  await turn();
  await turn();
  answer(ws);
}

function answer(ws: Connection<Account>): void {
  const { handled } = ws.data;
  const isAccepted = ws.state === "open";
  ws.send(`answer ${handled}`);
  if (isAccepted) ws.data.answered = handled;
}

async function stop(): Promise<void> {
  isStopping = true;
  const started = performance.now();
  const closed = server.close(JSON.parse(process.argv[2] ?? "{}") as CloseOptions);
  tell("stopping", server.address());
  await closed;
  const balance: Balance = {
    accounts,
    openedAfterSignal,
    closedInMs: performance.now() - started,
  };
  // Nothing else may keep the process alive now.
  process.send?.(["closed", balance], () => process.disconnect());
}

process.once("SIGTERM", () => void stop());
process.on("disconnect", () => {
  if (!isStopping) process.exit();
});
tell("started");
tell("listening", (server.address() as AddressInfo).port);
