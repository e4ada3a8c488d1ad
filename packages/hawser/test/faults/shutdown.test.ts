// SIGTERM reaches a server at work: it takes no new connections, says goodbye to one client after the
// other, loses no message that was accepted on either side, and ends by itself in time.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type CloseOptions, type Closed, connect, type Connection } from "../../dist/index.js";
import { deferred, within } from "../support/deferred.ts";
import { requestText } from "../support/http-head.ts";
import { RawPeer } from "../support/raw-peer.ts";
import { Child } from "./child.ts";
import type { Account, Balance } from "./drain-program.ts";

const program = new URL("./drain-program.js", import.meta.url);
const clients = 100;
/** Messages of each client that wait for their answers. */
const windowSize = 4;
/** Answers that each client has got when the signal comes. */
const busyAnswers = 200;
const closeOptions = { spreadMs: 1_000, timeoutMs: 5_000 } satisfies CloseOptions;
/** For the process to end, once its server has. */
const exitMs = 2_000;

/** A client that keeps its messages coming, numbered from 1 on, and counts the answers. */
class Sender {
  readonly #ws: Connection;
  readonly ended: Promise<Closed>;
  /** The last message sent before we knew of the end. */
  sent = 0;
  /** The last answer. */
  answered = 0;
  closedAt = 0;
  readonly #busy = deferred();

  static async start(url: string): Promise<Sender> {
    let sender: Sender | undefined;
    const ws = await connect(url, {
      message: (_ws, message) => sender?.take(message.toString()),
    });
    sender = new Sender(ws);
    for (let i = 0; i < windowSize; i++) sender.send();
    return sender;
  }

  private constructor(ws: Connection) {
    this.#ws = ws;
    this.ended = ws.closed.then((closed) => {
      this.closedAt = performance.now();
      return closed;
    });
  }

  send(): void {
    if (this.#ws.state !== "open") return;
    this.#ws.send(String(++this.sent));
  }

  take(message: string): void {
    assert.equal(message, `answer ${this.answered + 1}`, "answers come in order, none twice");
    if (++this.answered === busyAnswers) this.#busy.resolve();
    this.send();
  }

  /** Many answers have come, and more are on their way. */
  busy(): Promise<void> {
    return within(this.#busy.promise, `${busyAnswers} answers`);
  }
}

describe("fault: SIGTERM under load", () => {
  let child: Child;
  let port: number;
  before(async () => {
    child = await Child.start(program, { args: [JSON.stringify(closeOptions)] });
    [port] = (await child.log.waitFor("listening")) as [number];
  });
  after(() => child?.end());

  /** How many attempts to connect were refused, until the process has ended; none may succeed. */
  async function knock(): Promise<number> {
    let refused = 0;
    while (!child.hasExited) {
      await assert.rejects(RawPeer.connect({ port, host: "127.0.0.1" }), /ECONNREFUSED/);
      refused++;
    }
    return refused;
  }

  it("no new connections; 1001 spread; every accepted message delivered; exit in time", async (t) => {
    const url = (index: number): string => `ws://127.0.0.1:${port}/${index}`;
    const senders = await Promise.all(
      Array.from({ length: clients }, (_, index) => Sender.start(url(index))),
    );
    // A handshake that is under way: its second half comes after the signal.
    const late = await RawPeer.connect({ port, host: "127.0.0.1" });
    const request = requestText();
    late.write(request.slice(0, 30));
    await Promise.all(senders.map((sender) => sender.busy()));

    const signalled = performance.now();
    child.signal("SIGTERM");
    assert.deepEqual(await child.log.waitFor("stopping"), [null], "it listens no more, at once");
    const knocking = knock();
    knocking.catch(() => undefined); // It is waited for below.
    late.write(request.slice(30));
    assert.equal((await late.readHead()).status, 503);
    late.destroy();
    const endings = await within(Promise.all(senders.map(({ ended }) => ended)), "all closed");
    const [balance] = (await child.log.waitFor("closed")) as [Balance];
    assert.equal(await within(child.exited(), "exit", exitMs), 0);
    const exitedInMs = performance.now() - signalled;

    assert.ok((await knocking) > 0);
    assert.equal(balance.openedAfterSignal, 0);
    for (const { code, wasClean } of endings) {
      assert.deepEqual({ code, wasClean }, { code: 1001, wasClean: true });
    }
    assert.ok(balance.closedInMs < closeOptions.timeoutMs, "nobody had to be cut off");
    assert.ok(exitedInMs < closeOptions.timeoutMs + exitMs, `exit after ${exitedInMs} ms`);
    checkAccounts(senders, balance.accounts);
    const spreadMs = checkSpread(senders.map(({ closedAt }) => closedAt));
    const messages = senders.reduce((sum, { sent }) => sum + sent, 0);
    t.diagnostic(
      `${messages} messages; 1001 over ${Math.round(spreadMs)} ms; exit after ${Math.round(exitedInMs)} ms`,
    );
  });
});

/** What one side accepted, the other got: messages, and answers as long as they could be sent. */
function checkAccounts(senders: readonly Sender[], accounts: Balance["accounts"]): void {
  for (const [index, sender] of senders.entries()) {
    const { handled, answered, code } = accounts.get(`/${index}`) as Account;
    assert.deepEqual(
      { handled, answered, code },
      { handled: sender.sent, answered: sender.answered, code: 1001 },
      `client ${index}`,
    );
  }
}

/** The ends lie apart; returns over how many milliseconds. */
function checkSpread(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  const spreadMs = (sorted.at(-1) as number) - (sorted[0] as number);
  assert.ok(spreadMs > closeOptions.spreadMs / 2, `all within ${spreadMs} ms`);
  const tenthMs = closeOptions.spreadMs / 10;
  for (const from of sorted) {
    const together = sorted.filter((time) => time >= from && time < from + tenthMs).length;
    assert.ok(together <= clients / 2, `${together} of ${clients} within ${tenthMs} ms`);
  }
  return spreadMs;
}
