// What well-behaved clients do on one connection: they send, and check that everything comes back as it
// was, in order, and nothing else. Whatever is not as it has to be is thrown.

import {
  type Closed,
  type CompressionOptions,
  connect,
  type Connection,
} from "../../dist/index.js";
import { within } from "../support/deferred.ts";
import { anySlice, contentOf, describe, isSame, Random } from "./content.ts";
import { modes, type Servers, type Tally } from "./order.ts";
import { roads, toServer } from "./road.ts";

/** What every conversation is given. */
export interface Stage {
  readonly servers: Servers;
  readonly random: Random;
  readonly tally: Tally;
}

type Content = string | Buffer;

/** Longer than any round, also where other things keep the machine busy. */
const patienceMs = 60_000;
const mostInFlight = 6;
/** Sent to an echo, it closes. */
const leaveWord = "leave";

/** What a client has sent and not got back. */
class Inbox {
  readonly #expected: Content[] = [];
  #received = 0;
  /** For faults. */
  title = "";
  #fault: Error | undefined;
  #changed = (): void => undefined;

  expect(content: Content): void {
    this.#expected.push(content);
  }

  receive(message: Content): void {
    const should = this.#expected.shift();
    this.#received++;
    if (should === undefined || !isSame(message, should)) {
      const at = this.#expected.findIndex((one) => isSame(message, one));
      const later = at < 0 ? "never sent" : `${at + 1} too early`;
      this.fail(
        new Error(
          `${describe(message)} (${later}) came instead of ${describe(should)}, as number ${this.#received} of ${this.title}`,
        ),
      );
    }
    this.#changed();
  }

  fail(error: Error): void {
    this.#fault ??= error;
    this.#changed();
  }

  /** Waits until at most so many have still to come back. */
  async upTo(most: number): Promise<void> {
    while (this.#fault === undefined && this.#expected.length > most) {
      const change = new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
      await within(change, `an echo of ${describe(this.#expected[0])}`, patienceMs);
    }
    if (this.#fault !== undefined) throw this.#fault;
  }
}

export type EchoConnection = Connection<Inbox>;

/** Any way to be set up, whatever the server is. */
function anyCompression(random: Random): boolean | CompressionOptions {
  switch (random.below(4)) {
    case 0:
      return false;
    case 1:
      return true;
    case 2:
      return { mode: "shared", thresholdBytes: 0, windowBits: 9 + random.below(7) };
    default:
      return { mode: "dedicated", thresholdBytes: 0, windowBits: 9 + random.below(7) };
  }
}

/** @param way how the server compresses, and how it is reached */
export async function openEcho(
  { servers, random }: Stage,
  way: Parameters<typeof toServer>[1] = [random.pick(modes), random.pick(roads)],
): Promise<EchoConnection> {
  const [url, options] = toServer(servers, way, "/echo");
  const ws = await connect<Inbox>(url, {
    ...options,
    compression: anyCompression(random),
    maxQueuedBytes: 64 * 1024 * 1024,
    data: new Inbox(),
    message: ({ data }, message) => data.receive(message),
    error: (error, failed) => failed?.data.fail(error as Error),
    close: ({ data }, code) => data.fail(new Error(`closed with ${code} before all had come back`)),
  });
  ws.data.title = `a conversation by ${way.join(" and ")}, "${ws.extensions}"`;
  return ws;
}

/** Sends one message, in one of the ways there are. */
function sendOne(ws: EchoConnection, { random, tally }: Stage): void {
  const content = contentOf(anySlice(random));
  ws.data.expect(content);
  tally.messages++;
  tally.bytes += content.length;
  // Half a text can't end within a character of two units.
  if (Buffer.isBuffer(content) && random.chance(0.1)) {
    const middle = random.below(content.length + 1);
    ws.send(content.subarray(0, middle), { fin: false });
    ws.send(content.subarray(middle));
  } else ws.send(content, { compress: !random.chance(0.1) });
  if (random.chance(0.05)) ws.ping("still there?");
}

/** Sends messages, a few of them in flight, and waits until all are back. */
export async function converse(ws: EchoConnection, stage: Stage, count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    sendOne(ws, stage);
    await ws.data.upTo(mostInFlight - 1);
  }
  await ws.data.upTo(0);
}

async function assertClosed(closing: Promise<Closed>, code: number): Promise<void> {
  const closed = await within(closing, "the end of a connection", patienceMs);
  if (closed.code === code && closed.wasClean) return;
  throw new Error(`closed with ${closed.code} (clean: ${closed.wasClean}), not with ${code}`);
}

/** Some echoes, and one of the ends there are. */
export async function echo(stage: Stage): Promise<void> {
  const { random } = stage;
  const ws = await openEcho(stage);
  try {
    await converse(ws, stage, random.below(20));
    switch (random.below(4)) {
      case 0:
        ws.send(leaveWord);
        return await assertClosed(ws.closed, 4000);
      case 1:
        // With messages and their echoes on the way.
        for (let i = random.below(mostInFlight); i > 0; i--) sendOne(ws, stage);
        if (random.chance(0.5)) ws.pause();
        return ws.terminate();
      default:
        ws.close(1000, "done");
        return await assertClosed(ws.closed, 1000);
    }
  } finally {
    ws.terminate();
  }
}

/** Sends much, does not read for a while, and then gets everything all the same. */
export async function readSlowly(stage: Stage): Promise<void> {
  const { random } = stage;
  const ws = await openEcho(stage);
  try {
    ws.pause();
    for (let i = 0; i < 20; i++) sendOne(ws, stage);
    await new Promise((resolve) => {
      setTimeout(resolve, random.below(200));
    });
    ws.resume();
    await ws.data.upTo(0);
    ws.close(1000);
    await assertClosed(ws.closed, 1000);
  } finally {
    ws.terminate();
  }
}
