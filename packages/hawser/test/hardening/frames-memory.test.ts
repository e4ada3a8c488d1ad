// Frames that are in order and would cost memory without end: what they hold is measured while they
// hold it, and stays within a bound that does not depend on how many there are.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { afterEach, describe, it } from "node:test";
import type { Connection, ServerOptions } from "../../dist/index.js";
import { deferred, turn, within } from "../support/deferred.ts";
import { frame, type FrameOptions, opcodes } from "../support/frame.ts";
import { eventually, settledMemory } from "../support/memory.ts";
import type { RawPeer } from "../support/raw-peer.ts";
import { Target } from "../support/target.ts";

const MiB = 1024 * 1024;
const { binary, continuation, ping, pong, text } = opcodes;
const started: FrameOptions = { fin: false };

let target: Target;
async function start(options: ServerOptions): Promise<void> {
  target = await Target.start(options);
}
afterEach(async () => {
  await target.check();
  await target.close();
});

/** Writes the same bytes again and again, as fast as the socket takes them. */
async function writeMany(peer: RawPeer, bytes: Buffer, times: number): Promise<void> {
  for (let i = 0; i < times && peer.ending === undefined; i++) {
    peer.write(bytes);
    if (peer.socket.writableLength < MiB) continue;
    const drained = deferred();
    peer.socket.once("drain", drained.resolve).once("close", drained.resolve);
    await within(drained.promise, "the server to read on");
    peer.socket.removeListener("close", drained.resolve);
  }
}

function repeat(bytes: Buffer, times: number): Buffer {
  return Buffer.concat(Array.from({ length: times }, () => bytes));
}

/** Everything before it was read once its Pong comes: control frames may stand between fragments. */
async function wasRead(peer: RawPeer): Promise<void> {
  peer.write(frame(ping, "read so far"));
  const { opcode, payload } = await peer.readFrame("the Pong");
  assert.deepEqual([opcode, payload.toString()], [pong, "read so far"]);
}

describe("§10.4 a declared length, then silence", () => {
  for (const [title, declared] of [
    ["2^63 - 1", (1n << 63n) - 1n],
    ["1 GiB", 1n << 30n],
  ] as const) {
    it(`${title}: 1009 at the header, before a byte of payload, memory + < 1 MiB`, async () => {
      await start({});
      const peers = await Promise.all(Array.from({ length: 20 }, () => target.open()));
      const before = await settledMemory();
      for (const peer of peers) peer.write(frame(binary, "", { declared }));
      for (const peer of peers) assert.equal((await peer.readClose()).code, 1009);
      assert.ok((await settledMemory()) - before < MiB);
    });
  }

  it("1 GiB where that is allowed: the header alone costs nothing, memory + < 1 MiB", async () => {
    await start({ maxMessageBytes: 2 ** 31 });
    const peers = await Promise.all(Array.from({ length: 20 }, () => target.open()));
    const before = await settledMemory();
    for (const peer of peers) {
      peer.write(Buffer.concat([frame(binary, "", { declared: 1 << 30 }), Buffer.from("start")]));
    }
    await target.askBeside();
    assert.ok((await settledMemory()) - before < MiB);
  });
});

describe("§5.4 fragments without end", () => {
  const fragments = repeat(frame(continuation, "x", started), 16 * 1024 - 1);

  it("16k one-byte fragments, never FIN: 1008 at the 8,193rd", async () => {
    await start({});
    const peer = await target.open();
    peer.write(Buffer.concat([frame(text, "x", started), fragments]));
    assert.equal((await peer.readClose()).code, 1008);
    const [error] = await target.log.waitFor("error");
    assert.equal((error as { actual: number }).actual, 8_193);
  });

  it("16k one-byte fragments, never FIN, one byte a write: 1008 as well", async () => {
    await start({ maxFragments: 1_000 });
    const peer = await target.open();
    const written = peer.writeByteByByte(Buffer.concat([frame(text, "x", started), fragments]));
    assert.equal((await peer.readClose()).code, 1008);
    const [error] = await target.log.waitFor("error");
    assert.equal((error as { actual: number }).actual, 1_001);
    await written;
  });

  it("16k one-byte fragments where that many are allowed: at most 2x the payload is retained", async () => {
    await start({ maxFragments: 20_000 });
    const count = 50;
    const peers = await Promise.all(Array.from({ length: count }, () => target.open()));
    for (const peer of peers) await wasRead(peer);
    const before = await settledMemory();
    for (const peer of peers) {
      peer.write(frame(text, "x", started));
      peer.write(fragments);
      await wasRead(peer);
    }
    const retained = (await settledMemory()) - before;
    const payload = count * 16 * 1024;
    assert.ok(retained < 2 * payload + MiB, `${retained} bytes for ${payload}`);
  });

  it("1M empty fragments, never FIN: 1008", async () => {
    await start({});
    const peer = await target.open();
    peer.write(frame(text, "", started));
    await writeMany(peer, repeat(frame(continuation, "", started), 1_000), 1_000);
    assert.equal((await peer.readClose()).code, 1008);
  });

  it("1M empty fragments where that many are allowed: nothing is retained", async () => {
    await start({ maxFragments: 2_000_000 });
    const peer = await target.open();
    const many = repeat(frame(continuation, "", started), 10_000);
    peer.write(frame(text, "", started));
    await wasRead(peer);
    const before = await settledMemory();
    await writeMany(peer, many, 100);
    await wasRead(peer);
    const retained = (await settledMemory()) - before;
    assert.ok(retained < MiB, `${retained} bytes`);
    peer.write(frame(continuation, "end"));
    assert.equal(await peer.readText(), "end");
  });

  it("fragments up to maxMessageBytes and then one byte more: 1009", async () => {
    await start({ maxMessageBytes: 100_000 });
    const peer = await target.open();
    peer.write(frame(binary, Buffer.alloc(50_000), started));
    peer.write(frame(continuation, Buffer.alloc(50_000), started));
    await wasRead(peer);
    peer.write(frame(continuation, "x", started));
    assert.equal((await peer.readClose()).code, 1009);
  });
});

describe("1M empty messages: backpressure", () => {
  const count = 1_000_000;
  const many = repeat(frame(text), 10_000);

  it("all are delivered, and nothing is retained of them", async () => {
    let delivered = 0;
    const all = deferred();
    await start({
      message() {
        if (++delivered === count) all.resolve();
      },
    });
    // The log would hold a million entries.
    target.log.add = () => undefined;
    const peer = await target.open();
    const before = await settledMemory();
    await writeMany(peer, many, 100);
    await within(all.promise, "a million messages");
    const retained = (await settledMemory()) - before;
    assert.ok(retained < MiB, `${retained} bytes`);
  });

  it("behind a handler that is busy the rest is not even read", async () => {
    const busy = deferred();
    let connection: Connection | undefined;
    let delivered = 0;
    await start({
      async message(ws) {
        connection = ws;
        delivered++;
        await busy.promise;
      },
    });
    target.log.add = () => undefined;
    const peer = await target.open();
    const before = await settledMemory();
    const mostly = writeMany(peer, many, 100).catch(() => undefined);
    await eventually(() => (delivered === 1 ? undefined : "no message"), 5_000);
    for (let i = 0; i < 50; i++) await turn();
    assert.equal(delivered, 1);
    const read = (connection as Connection).stats.bytesReceived;
    assert.ok(read <= 128 * 1024, `${read} bytes were read behind a busy handler`);
    assert.ok((await settledMemory()) - before < 2 * MiB);
    peer.destroy();
    await mostly;
    busy.resolve();
  });
});

describe("§5.5.3 1M pings", () => {
  const count = 1_000_000;
  const batch = 1_000;
  const key = Buffer.alloc(4);
  const unnumbered = repeat(frame(ping, Buffer.alloc(125, "."), { key }), batch);
  /** A thousand pings of 125 bytes; each begins with its number. */
  const pings = (from: number): Buffer => {
    const all = Buffer.from(unnumbered);
    for (let i = 0; i < batch; i++) all.write(`${from + i} `, (i * all.length) / batch + 6);
    return all;
  };

  it("from a peer that doesn't read: one pending pong once output is backed up", async () => {
    let seen = 0;
    const all = deferred();
    await start({
      ping() {
        if (++seen === count) all.resolve();
      },
    });
    const peer = await target.open();
    peer.socket.pause();
    const before = await settledMemory();
    for (let i = 0; i < count; i += batch) await writeMany(peer, pings(i), 1);
    await within(all.promise, "a million pings");
    const queued = (await settledMemory()) - before;
    assert.ok(queued < MiB, `${queued} bytes are queued`);
    const [connection] = [...target.server.connections].slice(-1) as [Connection];
    assert.ok(connection.bufferedBytes < 128 * 1024);

    peer.socket.resume();
    let last = -1;
    let pongs = 0;
    while (last < count - 1) {
      const { opcode, payload } = await peer.readFrame();
      const number = Number.parseInt(payload.toString(), 10);
      assert.ok(opcode === pong && number > last, "in order");
      last = number;
      pongs++;
    }
    assert.ok(pongs < count / 2, `${pongs} pongs`);
  });

  it("from a peer that reads: every pong, in order", async () => {
    await start({});
    const peer = await target.open();
    for (let from = 0; from < 100_000; from += batch) {
      peer.write(pings(from));
      for (let i = from; i < from + batch; i++) {
        const { opcode, payload } = await peer.readFrame();
        assert.deepEqual([opcode, Number.parseInt(payload.toString(), 10)], [pong, i]);
      }
    }
  });
});
