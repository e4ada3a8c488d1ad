// One encoding of a publication per kind of connection: plain, each shared way of compressing, and the
// message itself for those that keep a window.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { afterEach, describe, it } from "node:test";
import { type CompressionOptions, type Connection, connect } from "../../dist/index.js";
import { compressionFor } from "../../dist/node/compression.js";
import {
  Publication,
  type PublishOptions,
  type Recipient,
  type SharedEncoders,
} from "../../dist/node/publication.js";
import {
  type AgreedExtension,
  chooseExtension,
  type Extension,
  type Message,
  parseExtensions,
} from "../../dist/protocol/index.js";
import { deferred, within } from "../support/deferred.ts";
import { inflated, inflatedText } from "../support/compressed.ts";
import { type Frame, opcodes, parseFrame } from "../support/frame.ts";
import type { RawPeer } from "../support/raw-peer.ts";
import { fill, slowReader } from "../support/slow-reader.ts";
import { Stage } from "../support/stage.ts";

const stage = new Stage();
afterEach(() => stage.end());

const json = JSON.stringify(Array.from({ length: 100 }, (_, id) => ({ id, name: `name ${id}` })));
const large = json.repeat(20);

class Recorder implements Recipient {
  readonly agreed: AgreedExtension | undefined;
  readonly extension: Extension | undefined;
  readonly frames: (Uint8Array | Promise<Uint8Array>)[] = [];
  readonly keys: (string | undefined)[] = [];
  readonly bytes: number[] = [];
  readonly messages: Message[] = [];

  /** @param offer what its client offered, "" for nothing */
  constructor(offer: string, compression: boolean | CompressionOptions = true) {
    const offers = parseExtensions(offer) ?? [];
    this.agreed = chooseExtension(compressionFor(compression, Infinity), offers);
    this.extension = this.agreed?.open();
  }

  sendFrames(
    frames: Uint8Array | Promise<Uint8Array>,
    key: string | undefined,
    bytes: number,
  ): boolean {
    this.frames.push(frames);
    this.keys.push(key);
    this.bytes.push(bytes);
    return true;
  }

  sendMessage(message: Message, key: string | undefined): boolean {
    this.messages.push(message);
    this.keys.push(key);
    return true;
  }

  /** The only frame. */
  async frame(): Promise<Frame> {
    assert.equal(this.frames.length, 1);
    const bytes = Buffer.from(await (this.frames[0] as Promise<Uint8Array>));
    const parsed = parseFrame(bytes);
    assert.equal(parsed?.size, bytes.length);
    return parsed.frame;
  }
}

function publish(
  recipients: readonly Recorder[],
  message: Message,
  options: PublishOptions = {},
  encoders: SharedEncoders = new Map(),
): void {
  const publication = new Publication(encoders, message, options);
  for (const recipient of recipients) publication.sendTo(recipient);
}

const offer = "permessage-deflate";
const narrow = "permessage-deflate; server_max_window_bits=10";
const dedicated = { mode: "dedicated" } as const;

describe("publication: one encoding per kind", () => {
  it("plain, and one of each shared way; the same bytes go to all of a kind", async () => {
    const plain = [new Recorder(""), new Recorder("")];
    const shared = [new Recorder(offer), new Recorder(offer), new Recorder(offer)];
    const shortWindow = [new Recorder(narrow), new Recorder(narrow)];
    const [a, b] = plain as [Recorder, Recorder];
    const [c, d, e] = shared as [Recorder, Recorder, Recorder];
    const [f, g] = shortWindow as [Recorder, Recorder];
    publish([a, c, f, b, d, g, e], json);
    assert.equal(a.frames[0], b.frames[0]);
    assert.equal(c.frames[0], d.frames[0]);
    assert.equal(c.frames[0], e.frames[0]);
    assert.equal(f.frames[0], g.frames[0]);
    assert.notEqual(c.frames[0], f.frames[0]);
    assert.deepEqual(await a.frame().then(({ rsv, payload }) => [rsv, payload.toString()]), [
      0,
      json,
    ]);
    for (const one of [c, f]) {
      const sent = await one.frame();
      assert.deepEqual([sent.rsv, sent.opcode, sent.isMasked], [4, opcodes.text, false]);
      assert.equal(inflatedText(sent), json);
      assert.ok(sent.payload.length < json.length / 4);
    }
  });

  it("a window of 8 bits, within which nothing is compressed, gets it plain", async () => {
    const one = new Recorder("permessage-deflate; server_max_window_bits=8");
    publish([one], json);
    assert.equal((await one.frame()).rsv, 0);
  });

  it("connections with takeover get the message, and compress it themselves", () => {
    const [one, other] = [new Recorder(offer, dedicated), new Recorder(offer, dedicated)];
    publish([one, other], json);
    assert.deepEqual([one.messages, other.messages, one.frames], [[json], [json], []]);
  });

  it("bytes are their owner's again at once: with takeover all get one copy of them", () => {
    const bytes = Buffer.alloc(100_000, "x");
    const [one, other] = [new Recorder(offer, dedicated), new Recorder(offer, dedicated)];
    publish([one, other], bytes);
    bytes.fill(0);
    assert.ok(Buffer.alloc(100_000, "x").equals(one.messages[0] as Buffer));
    assert.equal(one.messages[0], other.messages[0]);
  });

  it("a client that asks a dedicated server for no takeover shares what others share", async () => {
    const ask = "permessage-deflate; server_no_context_takeover";
    const [one, other] = [new Recorder(ask, dedicated), new Recorder(ask, dedicated)];
    publish([one, other], json);
    assert.equal(one.frames[0], other.frames[0]);
    assert.equal(inflatedText(await one.frame()), json);
  });

  it("compress: false is plain for all", () => {
    const all = [
      new Recorder(""),
      new Recorder(offer),
      new Recorder(narrow),
      new Recorder(offer, dedicated),
    ];
    publish(all, json, { compress: false });
    for (const one of all) {
      assert.equal(one.frames[0], all[0]?.frames[0]);
      assert.equal(one.messages.length, 0);
    }
    const [frames] = (all[0] as Recorder).frames;
    assert.equal((frames as Uint8Array)[0], 0x81);
  });

  it("below the threshold it is plain", async () => {
    const one = new Recorder(offer);
    publish([one], "short");
    assert.deepEqual(await one.frame().then(({ rsv, payload }) => [rsv, payload.toString()]), [
      0,
      "short",
    ]);
  });

  it("the key goes along to every kind", () => {
    const all = [new Recorder(""), new Recorder(offer), new Recorder(offer, dedicated)];
    publish(all, json, { key: "k" });
    assert.deepEqual(
      all.map(({ keys }) => keys),
      [["k"], ["k"], ["k"]],
    );
  });

  it("says how many bytes are queued: of the frame, or of the content while that is encoded", async () => {
    const one = new Recorder(offer);
    publish([one], json);
    assert.equal(one.bytes[0], (one.frames[0] as Uint8Array).length);
    const other = new Recorder(offer);
    publish([other], "é".repeat(20_000));
    assert.ok(other.frames[0] instanceof Promise);
    assert.equal(other.bytes[0], 40_000);
    await other.frame();
    const third = new Recorder(offer);
    publish([third], Buffer.alloc(30_000));
    assert.equal(third.bytes[0], 30_000);
    await third.frame();
  });

  it("large ones are encoded off the event loop: one promise for all, one after the other", async () => {
    const encoders: SharedEncoders = new Map();
    const [one, other, third] = [new Recorder(offer), new Recorder(offer), new Recorder(offer)];
    publish([one, other], large, {}, encoders);
    publish([third], json, {}, encoders);
    assert.ok(one.frames[0] instanceof Promise);
    assert.equal(one.frames[0], other.frames[0]);
    assert.ok(third.frames[0] instanceof Promise, "behind the large one");
    const settled: string[] = [];
    await Promise.all([
      third.frame().then((frame) => settled.push(inflatedText(frame))),
      one.frame().then((frame) => settled.push(inflatedText(frame))),
    ]);
    assert.deepEqual(settled, [large, json]);
    assert.equal(encoders.size, 1);
  });
});

describe("publication: over sockets", () => {
  const fields = { "Sec-WebSocket-Extensions": offer };

  for (const mode of ["shared", "dedicated"] as const) {
    it(`${mode}: large publications keep their order with other sends`, async () => {
      const { ws, server } = await stage.pair({
        compression: { mode },
        maxQueuedBytes: 64 * 1024 * 1024,
        open: (one) => one.subscribe("all"),
      });
      const received: string[] = [];
      const done = deferred();
      const count = 120;
      const client = await connect(server.url, {
        compression: { mode },
        message(_, message) {
          received.push((message as string).split(" ")[0] as string);
          if (received.length === count) done.resolve();
        },
      });
      const connection = [...server.connections].find((one) => one !== ws) as Connection;
      const expected: string[] = [];
      for (let i = 0; i < count; i++) {
        const message = `${i} ${[large, "x", json][i % 3]}`;
        expected.push(String(i));
        if (i % 4 === 0) connection.send(message);
        else if (i % 4 === 1) server.publish("all", message, { compress: false });
        else server.publish("all", message);
      }
      await within(done.promise, "all messages");
      assert.deepEqual(received, expected);
      client.terminate();
    });
  }

  it("the same bytes reach all that share the way, and the message all others", async () => {
    const server = await stage.serve({ compression: true, open: (one) => one.subscribe("all") });
    const peers: RawPeer[] = [];
    for (const extensions of [offer, offer, narrow, undefined]) {
      peers.push(await stage.open(server, { "Sec-WebSocket-Extensions": extensions }));
    }
    assert.equal(server.publish("all", large), 4);
    const frames = await Promise.all(peers.map((peer) => peer.readFrame()));
    assert.deepEqual(
      frames.map(({ rsv }) => rsv),
      [4, 4, 4, 0],
    );
    assert.ok(frames[0]?.payload.equals(frames[1]?.payload as Buffer));
    for (const frame of frames) assert.equal(inflatedText(frame), large);
  });

  for (const [mode, size, content] of [
    ["shared", "small", json],
    ["shared", "large", large],
    ["dedicated", "small", json],
    ["dedicated", "large", large],
  ] as const) {
    it(`overflow "latest", ${mode}, ${size}: of a key only the newest waits, and the connection stays open`, async () => {
      const { ws, peer } = await slowReader(
        stage,
        {
          compression: { mode },
          overflow: "latest",
          maxQueuedBytes: 256 * 1024,
          open: (one) => one.subscribe("prices"),
        },
        fields,
      );
      const server = stage.servers[0];
      fill(ws);
      // No socket takes them: each replaces the one before.
      for (let i = 0; i < 1_000; i++) {
        server?.publish("prices", Buffer.from(`${i} ${content}`), { key: "price" });
      }
      assert.equal(ws.state, "open");
      assert.ok((server?.stats().messagesDropped ?? 0) > 900);
      ws.send("last");
      peer.socket.resume();
      const prices: string[] = [];
      for (;;) {
        const { opcode, rsv, payload } = await peer.readFrame();
        if (opcode === opcodes.binary) {
          prices.push((rsv === 4 ? inflated(payload) : payload).toString().split(" ")[0] as string);
        } else if (payload.toString() === "last") break;
      }
      assert.equal(prices.at(-1), "999");
      assert.ok(prices.length <= 2, prices.join());
    });
  }
});
