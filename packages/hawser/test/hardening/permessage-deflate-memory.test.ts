// What compression costs in memory, seen from outside: the peak while a bomb is inflated, thousands of
// connections in the shared mode, and the budget of those that keep their windows.

import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { Child } from "../faults/child.ts";
import { bomb, compressedFrame, fragments } from "../support/compressed.ts";
import { frame, opcodes } from "../support/frame.ts";
import { RawPeer } from "../support/raw-peer.ts";
import { accepting, RawServer } from "../support/raw-server.ts";

const KiB = 1024;
const MiB = 1024 * KiB;
const program = new URL("./inflating-program.js", import.meta.url);
const offered = { "Sec-WebSocket-Extensions": "permessage-deflate" };

interface Memory {
  readonly buffers: number;
  readonly rss: number;
}

let child: Child | undefined;
let raw: RawServer | undefined;
const peers: RawPeer[] = [];
afterEach(async () => {
  for (const peer of peers.splice(0)) peer.destroy();
  await raw?.close();
  await child?.end();
  raw = undefined;
});

async function serveAs(options: object): Promise<number> {
  child = await Child.start(program);
  child.order("serve", options);
  const [port] = await child.log.waitFor("listening");
  return port as number;
}

async function open(port: number, fields = offered): Promise<RawPeer> {
  const peer = await RawPeer.open({ port, host: "127.0.0.1" }, fields);
  peers.push(peer);
  return peer;
}

/** What the program tells when it is asked. */
async function ask<Answer>(
  order: string,
  answer: string = order,
  ...values: unknown[]
): Promise<Answer> {
  const { log } = child as Child;
  const count = log.count(answer) + 1;
  child?.order(order, ...values);
  return (await log.waitFor(answer, count, 30_000))[0] as Answer;
}

/** What else may have been made meanwhile. */
const slackBytes = 128 * KiB;
const gigabyte = bomb(1024);

/** The raw end of a connection of an endpoint in a process of its own, with its default limits. */
async function victimOf(role: "server" | "client", mode: string): Promise<RawPeer> {
  if (role === "server") return open(await serveAs({ compression: { mode } }));
  const answer =
    mode === "shared" ? "permessage-deflate; server_no_context_takeover" : "permessage-deflate";
  child = await Child.start(program);
  raw = await RawServer.listen(accepting({ "Sec-WebSocket-Extensions": answer }));
  child.order("connect", raw.url, { compression: { mode } });
  await child.log.waitFor("open");
  return raw.peers[0] as RawPeer;
}

describe("§8 a bomb of 1 MB that is 1 GB, at the default limit: 1009", () => {
  for (const role of ["server", "client"] as const) {
    const isServer = role === "server";
    const maxMessageBytes = isServer ? MiB : 64 * MiB;
    for (const mode of ["shared", "dedicated"] as const) {
      for (const [title, bytes] of [
        ["in one frame", frame(opcodes.binary, gigabyte, { rsv: 4, masked: isServer })],
        [
          "in fragments of 200 bytes",
          fragments(opcodes.binary, gigabyte, 200, { masked: isServer }),
        ],
      ] as const) {
        it(`${role}, ${mode}, ${title}: at most the payload, the limit and 64 KiB are held`, async (t) => {
          const peer = await victimOf(role, mode);
          // What is made once is made before.
          peer.write(compressedFrame("x".repeat(500_000), { masked: isServer }));
          await peer.readFrame();
          const before = await ask<Memory>("watch", "watching", isServer);
          peer.write(bytes);
          assert.equal((await peer.readClose()).code, 1009);
          peer.socket.end();
          await child?.log.waitFor("close");
          const peak = await ask<Memory>("unwatch", "peak");
          assert.deepEqual(child?.log.all("error"), [["HAWSER_MESSAGE_TOO_BIG"]]);
          const buffers = peak.buffers - before.buffers;
          // Fragments are put together in memory that doubles, and copied once, before anything else.
          const { length } = gigabyte;
          const whole = length + maxMessageBytes + 64 * KiB;
          const most = title === "in one frame" ? whole : Math.max(4 * length, whole);
          const figures = `buffers ${(buffers / MiB).toFixed(2)} MiB, RSS ${((peak.rss - before.rss) / MiB).toFixed(2)} MiB`;
          t.diagnostic(`${role}, ${mode}, ${title}: ${figures}`);
          assert.ok(buffers < most + slackBytes, figures);
          assert.ok(peak.rss - before.rss < most + 8 * MiB, figures);
        });
      }
    }
  }

  it("a peer that floods 1 MiB messages of 1 KiB: one is in memory at a time, and its payloads wait outside", async (t) => {
    const peer = await victimOf("server", "shared");
    peer.socket.resume();
    const one = compressedFrame(Buffer.alloc(MiB));
    peer.write(one);
    await peer.readFrame();
    const before = await ask<Memory>("watch", "watching");
    const count = 500;
    peer.write(Buffer.alloc(count * one.length, one));
    for (let i = 0; i < count; i++) await peer.readFrame();
    const peak = await ask<Memory>("unwatch", "peak");
    const rss = peak.rss - before.rss;
    t.diagnostic(
      `flood: RSS ${(rss / MiB).toFixed(1)} MiB, buffers ${((peak.buffers - before.buffers) / MiB).toFixed(1)} MiB`,
    );
    // Contents that were handled are garbage until they are collected.
    assert.ok(rss < 96 * MiB, `${rss} bytes`);
  });
});

/** So many connections, each of which has echoed a small and a large compressed message. */
async function openMany(port: number, count: number, messages: readonly string[]): Promise<void> {
  const bytes = messages.map((message) => compressedFrame(message));
  const started = peers.length;
  for (let i = 0; i < count; i += 100) {
    await Promise.all(Array.from({ length: Math.min(100, count - i) }, () => open(port)));
  }
  for (let i = started; i < peers.length; i += 100) {
    await Promise.all(
      peers.slice(i, i + 100).map(async (peer) => {
        for (const one of bytes) {
          peer.write(one);
          assert.equal((await peer.readFrame()).rsv, 4);
        }
      }),
    );
  }
}

function json(length: number): string {
  let text = "";
  for (let id = 0; text.length < length; id++) text += `{"id":${id},"n":${(id * 7919) % 10_007}},`;
  return text;
}

describe("memory of many connections", () => {
  it("5,000 in the shared mode that each got and sent one compressed message: at most 8 KiB more than before it", async (t) => {
    const count = 5_000;
    const port = await serveAs({ compression: true });
    await openMany(port, 100, [json(1_024), json(40_000)]);
    for (const peer of peers.splice(0)) peer.destroy();
    await openMany(port, count, []);
    const before = await ask<number>("memory");
    const one = compressedFrame(json(1_024));
    for (let i = 0; i < count; i += 100) {
      await Promise.all(
        peers.slice(i, i + 100).map(async (peer) => {
          peer.write(one);
          assert.equal((await peer.readFrame()).rsv, 4);
        }),
      );
    }
    const each = ((await ask<number>("memory")) - before) / count;
    t.diagnostic(`shared: ${(each / KiB).toFixed(2)} KiB each`);
    assert.ok(each < 8 * KiB, `${each} bytes each`);
  });

  /** What a server with that budget grows by, and how many of its connections keep their windows. */
  async function growth(
    maxCompressionMemoryBytes: number,
    count: number,
  ): Promise<{ bytes: number; dedicated: number; port: number }> {
    const port = await serveAs({
      compression: { mode: "dedicated" },
      maxCompressionMemoryBytes,
      maxQueuedBytes: 8 * MiB,
    });
    const before = await ask<number>("memory");
    await openMany(port, count, [json(2_000), json(40_000)]);
    const bytes = (await ask<number>("memory")) - before;
    const extensions = await ask<Record<string, number>>("extensions");
    const dedicated = extensions[kept] ?? 0;
    assert.equal(dedicated + (extensions[without] ?? 0), count);
    return { bytes, dedicated, port };
  }

  const without =
    "permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=12";
  const kept = "permessage-deflate; server_max_window_bits=12";

  it("1,000 dedicated connections stay within maxCompressionMemoryBytes; later ones keep no window; room comes back", async (t) => {
    const budget = 192 * MiB;
    const none = await growth(0, 1_200);
    for (const peer of peers.splice(0)) peer.destroy();
    await child?.end();
    const { bytes, dedicated, port } = await growth(budget, 1_200);
    const grown = bytes - none.bytes;
    t.diagnostic(
      `${dedicated} dedicated: ${(grown / MiB).toFixed(1)} MiB of ${budget / MiB}; without ${(none.bytes / MiB).toFixed(1)}`,
    );
    assert.equal(none.dedicated, 0);
    assert.ok(dedicated > 1_000 && dedicated < 1_200, `${dedicated}`);
    // What the same connections take without windows is not compression's; a tenth is tolerance.
    assert.ok(grown < 1.1 * budget, `${grown} bytes`);
    assert.ok(grown > 0.5 * budget, `${grown} bytes: the budget says far more than is used`);

    const { log } = child as Child;
    for (const peer of peers.splice(0, 100)) peer.destroy();
    await log.waitFor("close", 100);
    await openMany(port, 150, [json(2_000)]);
    const again = await ask<Record<string, number>>("extensions");
    assert.deepEqual(again, { [kept]: dedicated, [without]: 1_250 - dedicated });
  });
});
