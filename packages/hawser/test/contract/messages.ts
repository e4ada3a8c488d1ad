// The contract: messages, pings, and compression.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { it } from "node:test";
import { within } from "../support/deferred.ts";
import { echo, endOf, nextOf, type Scene } from "./scene.ts";

/** Sizes around where the header grows, buffers end, and windows of HTTP/2 are full. */
const sizes = [0, 1, 125, 126, 65_535, 65_536, 300_000, 1_048_576];

export function messages(scene: Scene): void {
  const { log } = scene;

  for (const compression of [false, true]) {
    const how = compression ? ", compressed" : "";

    it(`§5.6 texts and binary messages of all sizes come back as they were${how}`, async () => {
      const { ours } = await scene.pair({ ...echo, compression }, { compression });
      assert.equal(ours.extensions.startsWith("permessage-deflate"), compression);
      for (const size of sizes) {
        const bytes = randomBytes(size);
        ours.send(bytes);
        const binary = await nextOf(ours);
        assert.ok(Buffer.isBuffer(binary) && binary.equals(bytes), `binary of ${size} bytes`);
        const text = "ä€𝄞x".repeat(size / 10);
        ours.send(text);
        assert.ok((await nextOf(ours)) === text, `text of about ${size} bytes`);
      }
    });

    it(`§5.4 a message in fragments is one message, and a ping may be between them${how}`, async () => {
      const { ours } = await scene.pair(
        { ...echo, compression, ping: (_ws, payload) => log.add("ping", String(payload)) },
        { compression },
      );
      ours.send("one, ", { fin: false });
      ours.ping("between");
      ours.send("", { fin: false });
      ours.send("two");
      assert.equal(await nextOf(ours), "one, two");
      assert.deepEqual(log.all("ping"), [["between"]]);
    });
  }

  it("§5.5.2 a ping of either end has its pong, with its payload", async () => {
    const pong = (_ws: unknown, payload: Buffer): void => log.add("pong", String(payload));
    const { ours, theirs } = await scene.pair({ pong }, { pong, message: () => undefined });
    ours.ping("of the client");
    theirs.ping("of the server");
    await log.waitFor("pong", 2);
    const payloads = log.all("pong").map(([payload]) => String(payload));
    assert.deepEqual(payloads.toSorted(), ["of the client", "of the server"]);
  });

  it("10,000 small messages arrive in order, and only once", async () => {
    const { ours } = await scene.pair(echo, { maxQueuedBytes: 16 * 1024 * 1024 });
    for (let i = 0; i < 10_000; i++) ours.send(`message ${i}`);
    for (let i = 0; i < 10_000; i++) assert.equal(await nextOf(ours), `message ${i}`);
  });

  it("a handler that takes its time gets one message after the other", async () => {
    let running = 0;
    const { ours } = await scene.pair({
      message: async (ws, message) => {
        assert.equal(++running, 1);
        await new Promise((resolve) => setImmediate(resolve));
        running--;
        ws.send(message);
      },
    });
    for (let i = 0; i < 20; i++) ours.send(`${i}`);
    for (let i = 0; i < 20; i++) assert.equal(await nextOf(ours), `${i}`);
  });

  it("a message of any length, sent and read in parts", async () => {
    const parts = 64;
    const part = randomBytes(64 * 1024);
    const running = await scene.start({}, async (ws) => {
      let bytes = 0;
      const message = await ws.message();
      for await (const chunk of message?.readable ?? []) bytes += chunk.length;
      ws.send(`${bytes}`);
    });
    const ours = await scene.connect(running);
    const writer = ours.createWriteStream().getWriter();
    for (let i = 0; i < parts; i++) await within(writer.write(part), "a write");
    await writer.close();
    assert.equal(await nextOf(ours), `${parts * part.length}`);
  });

  it("a publication reaches all subscribers", async () => {
    const running = await scene.start({ open: (ws) => ws.subscribe("all") });
    const all = await Promise.all(Array.from({ length: 10 }, () => scene.connect(running)));
    assert.equal(running.server.publish("all", "news"), 10);
    for (const ws of all) assert.equal(await nextOf(ws), "news");
  });

  it("§10.4 a message past the server's limit is 1009", async () => {
    const { ours } = await scene.pair({ maxMessageBytes: 1_000 });
    ours.send("x".repeat(1_001));
    assert.equal((await endOf(ours)).code, 1009);
  });

  it("§10.4 a message past the client's limit is 1009", async () => {
    const { theirs } = await scene.pair(
      { open: (ws) => ws.send("x".repeat(1_001)) },
      { maxMessageBytes: 1_000 },
    );
    assert.equal((await endOf(theirs)).code, 1009);
  });
}
