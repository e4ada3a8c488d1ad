// A peer that resets its connection in the middle of a message: what had come of it is never
// delivered, there is exactly one close, 1006, and the memory that it held is free again.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { after, afterEach, before, describe, it } from "node:test";
import {
  connect,
  type Connection,
  ConnectionClosedError,
  type Server,
  serve,
  type HawserError,
} from "../../dist/index.js";
import { Baseline } from "../support/baseline.ts";
import { deferred, turn, within } from "../support/deferred.ts";
import { EventLog } from "../support/event-log.ts";
import { closeFrame, frame, type FrameOptions, opcodes } from "../support/frame.ts";
import { eventually, memoryInUse } from "../support/memory.ts";
import { RawPeer } from "../support/raw-peer.ts";
import { accepting, RawServer } from "../support/raw-server.ts";

const MiB = 1024 * 1024;
const large = 8 * MiB;
const limits = { maxMessageBytes: 4 * large, maxFragments: 10_000 };

interface Row {
  readonly title: string;
  /** What comes of the message before the reset; `masked` as the peer's role demands. */
  bytes(masked: FrameOptions): Buffer;
  /** Bytes of it that have to be held meanwhile: else the test would show nothing. */
  readonly heldBytes?: number;
}

const { binary, continuation, ping, text } = opcodes;
const rows: readonly Row[] = [
  {
    title: "behind half a frame header",
    bytes: (masked) => frame(binary, Buffer.alloc(300), masked).subarray(0, 3),
  },
  {
    title: "behind half of a frame",
    bytes: (masked) => frame(binary, Buffer.alloc(large), { ...masked, declared: 2 * large }),
    heldBytes: large,
  },
  {
    title: "behind half of a text that ends in half a character",
    bytes: (masked) => frame(text, "half a \u00fc".slice(0, -1), { ...masked, declared: 100 }),
  },
  {
    title: "behind a first fragment",
    bytes: (masked) => frame(binary, Buffer.alloc(large), { ...masked, fin: false }),
    heldBytes: large,
  },
  {
    title: "in the middle of a second fragment",
    bytes: (masked) =>
      Buffer.concat([
        frame(text, "a".repeat(large / 2), { ...masked, fin: false }),
        frame(continuation, "b".repeat(large / 2), { ...masked, fin: false, declared: large }),
      ]),
    heldBytes: large,
  },
  {
    title: "behind 5,000 small fragments",
    bytes: (masked) =>
      Buffer.concat([
        frame(binary, "", { ...masked, fin: false }),
        ...Array.from({ length: 5_000 }, () =>
          frame(continuation, Buffer.alloc(200), { ...masked, fin: false }),
        ),
      ]),
    heldBytes: 5_000 * 200,
  },
  {
    title: "in the middle of a ping between two fragments",
    bytes: (masked) =>
      Buffer.concat([
        frame(text, "first", { ...masked, fin: false }),
        frame(ping, "1234567890", masked).subarray(0, 8),
      ]),
  },
  {
    title: "in the middle of a Close frame",
    bytes: (masked) => closeFrame(1000, "goodbye", masked).subarray(0, 8),
  },
];

const log = new EventLog();
const handlers = {
  message: (_ws: Connection, message: string | Buffer): void => log.add("message", message),
  ping: (): void => log.add("ping"),
  close: (_ws: Connection, code: number): void => log.add("close", code),
  error: (error: unknown): void => log.add("error", (error as HawserError).code),
};

/** A connection under test, and its peer, which breaks it. */
interface Pair {
  readonly ws: Connection;
  readonly peer: RawPeer;
}

let server: Server;
let raw: RawServer;
let accepted = deferred<Connection>();
const baseline = new Baseline();

before(async () => {
  raw = await RawServer.listen(accepting());
  server = await serve({
    hostname: "127.0.0.1",
    ...limits,
    ...handlers,
    open: (ws) => accepted.resolve(ws),
  });
  // Once around first: what is made only once belongs to the base.
  for (const open of [openToServer, openFromClient]) {
    const { peer } = await open();
    peer.reset();
    await log.waitFor("close");
    log.clear();
  }
  raw.peers.length = 0;
  baseline.reset();
});
after(async () => {
  await raw.close();
  await server.close({ timeoutMs: 1_000 });
});
afterEach(async () => {
  raw.peers.length = 0;
  log.clear();
  try {
    await baseline.check();
  } finally {
    // One test's leftovers are not the next one's.
    baseline.reset();
  }
});

async function openToServer(): Promise<Pair> {
  accepted = deferred();
  const { port } = server.address() as { port: number };
  const peer = await RawPeer.open({ port, host: "127.0.0.1" });
  return { peer, ws: await accepted.promise };
}

async function openFromClient(): Promise<Pair> {
  const ws = await connect(raw.url, { ...limits, ...handlers });
  return { ws, peer: raw.peers.at(-1) as RawPeer };
}

/** Sends the bytes and waits until they were received. */
async function bring({ ws, peer }: Pair, bytes: Buffer): Promise<void> {
  const due = ws.stats.bytesReceived + bytes.length;
  peer.write(bytes);
  await eventually(() => {
    const missing = due - ws.stats.bytesReceived;
    return missing > 0 ? `${missing} bytes have not come` : undefined;
  }, 10_000);
}

/** Resets, waits for the close, and lets anything that might follow come. */
async function reset({ peer }: Pair): Promise<void> {
  peer.reset();
  await log.waitFor("close");
  await turn();
  await turn();
}

const sides = [
  { role: "server", open: () => openToServer(), masked: { masked: true } },
  { role: "client", open: () => openFromClient(), masked: { masked: false } },
] as const;

for (const { role, open, masked } of sides) {
  describe(`fault: reset in the middle of a message, seen by a ${role}`, () => {
    for (const { title, bytes, heldBytes = 0 } of rows) {
      it(`${title}: nothing delivered, one close, 1006, memory free`, async () => {
        const pair = await open();
        const baseBytes = memoryInUse();
        await bring(pair, bytes(masked));
        if (heldBytes > 0)
          assert.ok(memoryInUse() - baseBytes > heldBytes * 0.9, "is held meanwhile");
        await reset(pair);
        assert.deepEqual(log.entries, [
          { name: "error", values: ["HAWSER_TRANSPORT"] },
          { name: "close", values: [1006] },
        ]);
        assert.equal(pair.ws.state, "closed");
      });
    }

    it("whole messages that came before it are delivered, in order, and the partial one is not", async () => {
      const pair = await open();
      const bytes = Buffer.concat([
        frame(text, "one", masked),
        frame(text, "two", masked),
        frame(text, "thr", { ...masked, fin: false }),
      ]);
      await bring(pair, bytes);
      await reset(pair);
      assert.deepEqual(log.all("message"), [["one"], ["two"]]);
      assert.deepEqual(log.all("close"), [[1006]]);
    });
  });
}

describe("fault: reset in the middle of a message, while the receiver is busy", () => {
  it("close waits for the handler that is at work, and for the whole messages behind it", async () => {
    const busy = deferred();
    const slow = await serve({
      hostname: "127.0.0.1",
      ...handlers,
      async message(_ws, message) {
        log.add("message", message);
        if (message === "one") await busy.promise;
      },
    });
    const peer = await RawPeer.open({
      port: (slow.address() as { port: number }).port,
      host: "127.0.0.1",
    });
    const half = frame(text, "half of it", { declared: 1_000 });
    peer.write(Buffer.concat([frame(text, "one"), frame(text, "two"), half]));
    await log.waitFor("message");
    peer.reset();
    await log.waitFor("error");
    assert.deepEqual(log.names, ["message", "error"], "the handler is still at work");
    busy.resolve();
    await log.waitFor("close");
    assert.deepEqual(log.names, ["message", "error", "message", "close"]);
    await slow.close();
  });

  it("a loop over the messages gets the whole one and then throws 1006", async () => {
    const ended = deferred<unknown>();
    const looping = await serve({ hostname: "127.0.0.1" }, async (ws) => {
      try {
        for await (const message of ws) log.add("message", message);
        ended.reject(new Error("the loop has ended as if nothing were wrong"));
      } catch (error) {
        ended.resolve(error);
      }
    });
    const peer = await RawPeer.open({
      port: (looping.address() as { port: number }).port,
      host: "127.0.0.1",
    });
    peer.write(Buffer.concat([frame(text, "one"), frame(text, "half", { declared: 1_000 })]));
    await log.waitFor("message");
    peer.reset();
    const error = await within(ended.promise, "the end of the loop");
    assert.ok(error instanceof ConnectionClosedError);
    assert.equal(error.closeCode, 1006);
    assert.equal(error.wasClean, false);
    assert.deepEqual(log.all("message"), [["one"]]);
    await looping.close();
  });
});
