// Messages between two ends that agreed on permessage-deflate: order, limits and ends while zlib's
// threads have some of them. Contents of over 16 KiB are compressed there, and those that become more
// than 64 KiB inflated.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { after, afterEach, before, describe, it } from "node:test";
import {
  type CompressionOptions,
  type Connection,
  connect,
  type Server,
} from "../../dist/index.js";
import { makeCertificate } from "../support/certificate.ts";
import {
  compressedFrame,
  Context,
  deflated,
  fragments,
  inflatedText,
} from "../support/compressed.ts";
import { deferred, turn, within } from "../support/deferred.ts";
import { closeFrame, type Frame, frame, opcodes } from "../support/frame.ts";
import { rejectionOf } from "../support/rejection.ts";
import { Stage, type StageOptions } from "../support/stage.ts";

const KiB = 1024;
const MiB = 1024 * KiB;
const stage = new Stage();
const { log } = stage;
afterEach(() => stage.end());

const fields = { "Sec-WebSocket-Extensions": "permessage-deflate" };
const kinds: readonly [string, CompressionOptions][] = [
  ["shared", { mode: "shared" }],
  ["dedicated", { mode: "dedicated" }],
  ["dedicated, 15 bits", { mode: "dedicated", windowBits: 15, level: 6 }],
];

/** Text of that many bytes that compresses to a sixth or so. */
function text(length: number, first = 0): string {
  let all = "";
  for (let i = first; all.length < length; i++)
    all += `{"id":${i},"price":${(i * 7919) % 10_007}},`;
  return all.slice(0, length);
}

/** The two ends of a connection of this library's own. */
async function ends(
  options: StageOptions,
): Promise<{ server: Server; ws: Connection; client: Connection }> {
  const opened = deferred<Connection>();
  const server = await stage.serve({
    maxQueuedBytes: 256 * MiB,
    ...options,
    open: (ws) => opened.resolve(ws),
  });
  const client = await stage.connect(server, {
    compression: options.compression as CompressionOptions,
    maxQueuedBytes: 256 * MiB,
    tls: { rejectUnauthorized: false },
    message: (_, message) => log.add("client", message),
    close: (_, code) => log.add("client close", code),
  });
  return { server, ws: await opened.promise, client };
}

describe("Connection.extensions", () => {
  for (const [title, ofServer, ofClient, agreed] of [
    ["nothing when only the server would", true, false, ""],
    ["nothing when only the client would", false, true, ""],
    [
      "what the header said, on both ends",
      true,
      true,
      "server_no_context_takeover; client_no_context_takeover",
    ],
    [
      "the larger saving of the two",
      { mode: "dedicated" },
      true,
      "server_no_context_takeover; client_no_context_takeover; server_max_window_bits=12; client_max_window_bits=12",
    ],
    [
      "dedicated",
      { mode: "dedicated" },
      { mode: "dedicated" },
      "server_max_window_bits=12; client_max_window_bits=12",
    ],
  ] as [string, boolean | CompressionOptions, boolean | CompressionOptions, string][]) {
    it(title, async () => {
      const { ws, peer, server } = await stage.pair({ compression: ofServer });
      const client = await stage.connect(server, { compression: ofClient });
      const other = [...server.connections].find((one) => one !== ws) as Connection;
      const expected = agreed === "" ? "" : `permessage-deflate; ${agreed}`;
      assert.deepEqual([client.extensions, other.extensions], [expected, expected]);
      assert.equal(ws.extensions, "", "nothing was offered");
      peer.destroy();
    });
  }
});

describe("compress: false", () => {
  for (const [title, compression] of kinds) {
    it(`sends one message plain, and the next compressed as if it had not been: ${title}`, async () => {
      const { ws, peer } = await stage.pair({ compression }, fields);
      const context = new Context();
      for (const compress of [true, false, true, false, true]) {
        ws.send(text(2_000), { compress });
        const sent = await peer.readFrame();
        assert.equal(sent.rsv, compress ? 4 : 0);
        const content = compress ? await context.inflate(sent.payload) : sent.payload;
        assert.equal(content.toString(), text(2_000));
      }
      context.close();
    });
  }

  it("binary messages arrive as Buffers of their own, whether small or large, compressed or not", async () => {
    const { ws } = await ends({ compression: true });
    const sizes = [0, 10, 2_000, 20 * KiB, 100 * KiB];
    for (const size of sizes) ws.send(Buffer.alloc(size, 1));
    await log.waitFor("client", sizes.length);
    for (const [i, [message]] of log.all("client").entries()) {
      assert.ok(Buffer.isBuffer(message));
      assert.ok(message.equals(Buffer.alloc(sizes[i] as number, 1)));
    }
  });

  it("any kind of bytes can be sent compressed", async () => {
    const { ws } = await ends({ compression: true });
    const shared = new SharedArrayBuffer(100 * KiB);
    const floats = new Float64Array(1_000).fill(0.5);
    for (const bytes of [
      shared,
      new Uint8Array(shared, 0, 3_000),
      floats,
      floats.buffer,
      new DataView(floats.buffer, 8),
    ]) {
      ws.send(bytes);
    }
    await log.waitFor("client", 5);
    assert.deepEqual(
      log.all("client").map(([message]) => (message as Buffer).length),
      [100 * KiB, 3_000, 8_000, 8_000, 7_992],
    );
  });
});

describe("order", () => {
  const certificate = makeCertificate();
  const noise = randomBytes(80 * KiB);
  const contents = [
    text(10),
    text(2_000),
    text(100 * KiB),
    "",
    text(17 * KiB),
    noise,
    text(1_023),
    Buffer.alloc(300 * KiB),
    noise.subarray(0, 5_000),
    "é€😀".repeat(9_000),
  ];
  const count = 1_000;

  for (const transport of ["TCP", "TLS"] as const) {
    for (const [title, compression] of kinds) {
      it(`1,000 messages of mixed sizes in both directions at once: ${title}, ${transport}`, async () => {
        const options: StageOptions = {
          compression,
          message: (_, message) => log.add("server", message),
          ...(transport === "TLS" && { tls: certificate }),
        };
        const { ws, client } = await ends(options);
        const marked = (i: number): string | Buffer => {
          const content = contents[i % contents.length] as string | Buffer;
          return typeof content === "string"
            ? `${i} ${content}`
            : Buffer.concat([Buffer.from(`${i} `), content]);
        };
        for (let i = 0; i < count; i++) {
          const how = { compress: i % 13 !== 0 };
          ws.send(marked(i), how);
          client.send(marked(i), how);
          if (i % 7 === 0) ws.ping(String(i));
          if (i % 100 === 0) await turn();
        }
        await Promise.all([
          log.waitFor("server", count, 60_000),
          log.waitFor("client", count, 60_000),
        ]);
        for (const end of ["server", "client"]) {
          for (const [i, [message]] of log.all(end).entries()) {
            assert.deepEqual(message, marked(i), `${end}, message ${i}`);
          }
        }
      });
    }
  }

  it("§5.4 fragments are compressed as the first is, in order with what else is", async () => {
    const { ws, peer } = await stage.pair({ compression: true, maxQueuedBytes: 64 * MiB }, fields);
    ws.send(text(100 * KiB));
    ws.send(text(2_000), { fin: false });
    ws.send(text(100 * KiB));
    ws.send(text(3_000));
    const frames = [];
    for (let i = 0; i < 4; i++) frames.push(await peer.readFrame());
    assert.deepEqual(
      frames.map(({ opcode, fin, rsv }) => [opcode, fin, rsv]),
      [
        [opcodes.text, true, 4],
        [opcodes.text, false, 4],
        [opcodes.continuation, true, 0],
        [opcodes.text, true, 4],
      ],
    );
    const context = new Context();
    const [, first, second] = frames as [Frame, Frame, Frame];
    const message = await context.inflate(Buffer.concat([first.payload, second.payload]));
    assert.equal(message.toString(), text(2_000) + text(100 * KiB));
    context.close();
  });

  for (const size of [1, 7, 1_000, 100_000]) {
    it(`§6.2 compressed fragments of ${size} bytes come as one message`, async () => {
      const { peer } = await stage.pair(
        {
          compression: true,
          maxFragments: 100_000,
          message: (_, message) => log.add("message", message),
        },
        fields,
      );
      const content = text(200 * KiB);
      peer.write(fragments(opcodes.text, deflated(content), size));
      peer.write(compressedFrame("behind"));
      await log.waitFor("message", 2);
      assert.deepEqual(log.all("message"), [[content], ["behind"]]);
    });
  }

  it("control frames between compressed fragments are answered at once", async () => {
    const { peer } = await stage.pair(
      { compression: true, message: (ws, message) => void ws.send(message) },
      fields,
    );
    const payload = deflated(text(2_000));
    peer.write(frame(opcodes.text, payload.subarray(0, 9), { fin: false, rsv: 4 }));
    peer.write(frame(opcodes.ping, "between"));
    assert.equal((await peer.readFrame()).opcode, opcodes.pong);
    peer.write(frame(opcodes.continuation, payload.subarray(9)));
    assert.equal(inflatedText(await peer.readFrame()), text(2_000));
  });
});

describe("handlers and loops", () => {
  it("an async handler gets compressed messages one after the other", async () => {
    let running = 0;
    const { client } = await ends({
      compression: true,
      async message(_, message) {
        assert.equal(++running, 1);
        await turn();
        running--;
        log.add("server", (message as string).length);
      },
    });
    const sizes = [200 * KiB, 10, 70 * KiB, 2_000, 1, 150 * KiB];
    for (const size of sizes) client.send(text(size));
    await log.waitFor("server", sizes.length);
    assert.deepEqual(
      log.all("server"),
      sizes.map((size) => [size]),
    );
  });

  it("a loop gets them, and its end", async () => {
    const sizes = [10, 200 * KiB, 2_000, 90 * KiB];
    const server = await stage.serve({ compression: true }, async (ws) => {
      for await (const message of ws) log.add("server", (message as string).length);
      log.add("end");
    });
    const client = await stage.connect(server, { compression: true, message: () => undefined });
    for (const size of sizes) client.send(text(size));
    client.close();
    await log.waitFor("end");
    assert.deepEqual(
      log.all("server"),
      sizes.map((size) => [size]),
    );
  });

  it("pause() while a message is inflated in a thread: it waits for resume()", async () => {
    const { ws, peer } = await stage.pair(
      {
        compression: true,
        message: (one, message) => log.add("message", one.isPaused, message.length),
      },
      fields,
    );
    peer.write(compressedFrame(text(900 * KiB)));
    while (ws.stats.bytesReceived === 0) await turn();
    ws.pause();
    peer.send("behind");
    // What is inflated meanwhile is not told.
    for (let i = 0; i < 200; i++) await turn();
    assert.deepEqual(log.names, []);
    ws.resume();
    await log.waitFor("message", 2);
    assert.deepEqual(log.all("message"), [
      [false, 900 * KiB],
      [false, 6],
    ]);
  });

  it("reading stops while a message is inflated: what the peer sends behind it stays with the peer", async () => {
    const options = { compression: true, maxMessageBytes: 64 * MiB };
    const { ws, peer } = await stage.pair(
      { ...options, message: (_, message) => log.add("message", message.length) },
      fields,
    );
    peer.write(compressedFrame(Buffer.alloc(64 * MiB)));
    const junk = frame(opcodes.binary, Buffer.alloc(16 * MiB));
    peer.write(junk);
    let most = 0;
    while (log.count("message") === 0) {
      most = Math.max(most, ws.stats.bytesReceived);
      await turn();
    }
    assert.ok(most < (16 * MiB) / 2, `${most} bytes were read meanwhile`);
    await log.waitFor("message", 2);
    assert.deepEqual(log.all("message"), [[64 * MiB], [16 * MiB]]);
  });
});

describe("close() while messages are being compressed", () => {
  const sizes = [200 * KiB, 10, 500 * KiB, 2_000, 100 * KiB];

  for (const [title, compression] of kinds) {
    it(`all that was sent arrives before the Close frame: ${title}`, async () => {
      const { ws, client } = await ends({ compression });
      for (const size of sizes) ws.send(text(size));
      ws.close(4000, "done");
      assert.equal(ws.send("late"), false);
      assert.equal(ws.state, "closing");
      assert.deepEqual(await client.closed, {
        code: 4000,
        reason: "done",
        wasClean: true,
        error: undefined,
      });
      assert.deepEqual(
        log.all("client").map(([message]) => (message as string).length),
        sizes,
      );
      assert.equal((await ws.closed).wasClean, true);
    });
  }

  for (const endsAtOnce of [false, true]) {
    const how = endsAtOnce ? "with the end of the peer's side behind it" : "";
    it(`§5.5.1 and so it does when the peer's Close frame comes meanwhile ${how}`, async () => {
      const { ws, peer } = await stage.pair({ compression: true }, fields);
      for (const size of sizes) ws.send(text(size));
      if (endsAtOnce) peer.socket.end(closeFrame(4001));
      else peer.write(closeFrame(4001));
      for (const size of sizes) assert.equal(inflatedText(await peer.readFrame()), text(size));
      assert.equal((await peer.readClose()).code, 4001);
      assert.equal(await peer.waitForEnd(), "fin");
      if (!endsAtOnce) peer.socket.end();
      const closed = { code: 4001, reason: "", wasClean: true, error: undefined };
      assert.deepEqual(await ws.closed, closed);
    });
  }

  it("the function of a connection may return: what it sent arrives first", async () => {
    const server = await stage.serve({ compression: true, maxQueuedBytes: 64 * MiB }, (ws) => {
      for (const size of sizes) ws.send(text(size));
    });
    const client = await stage.connect(server, {
      compression: true,
      message: (_, m) => log.add("client", m.length),
    });
    assert.equal((await client.closed).code, 1000);
    assert.deepEqual(
      log.all("client"),
      sizes.map((size) => [size]),
    );
  });

  it("server.close() waits for what is being compressed on all connections", async () => {
    const count = 20;
    const server = await stage.serve({ compression: true, maxQueuedBytes: 64 * MiB });
    const clients = await Promise.all(
      Array.from({ length: count }, () =>
        stage.connect(server, {
          compression: true,
          message: (_, m) => log.add("client", m.length),
        }),
      ),
    );
    for (const ws of server.connections) for (const size of sizes) ws.send(text(size));
    await server.close();
    for (const client of clients) {
      assert.deepEqual(await client.closed, {
        code: 1001,
        reason: "",
        wasClean: true,
        error: undefined,
      });
    }
    assert.equal(log.count("client"), count * sizes.length);
  });
});

describe("ends without a closing handshake", () => {
  for (const [title, end] of [
    ["terminate()", (ws: Connection) => ws.terminate()],
    ["a reset by the peer", (_: Connection, reset: () => void) => reset()],
  ] as [string, (ws: Connection, reset: () => void) => void][]) {
    it(`${title} while messages are compressed and inflated: one close, nothing after it`, async () => {
      const { ws, peer } = await stage.pair(
        {
          compression: { mode: "dedicated" },
          maxQueuedBytes: 64 * MiB,
          message: () => log.add("message"),
          close: (_, code) => log.add("close", code),
        },
        fields,
      );
      const drained = (): Promise<void> => ws.drained();
      peer.write(compressedFrame(Buffer.alloc(1_000 * KiB)));
      while (ws.stats.bytesReceived === 0) await turn();
      for (let i = 0; i < 5; i++) ws.send(text(500 * KiB));
      const rejected = rejectionOf(drained(), "HAWSER_CONNECTION_CLOSED");
      end(ws, () => peer.reset());
      await within(rejected, "drained() to reject");
      assert.equal((await ws.closed).code, 1006);
      const { names } = log;
      if (title === "terminate()") assert.deepEqual(names, ["close"]);
      else assert.equal(names.at(-1), "close");
      for (let i = 0; i < 100; i++) await turn();
      assert.deepEqual(log.names, names);
      assert.equal(ws.bufferedBytes, 0);
      assert.equal(ws.send("late"), false);
    });
  }

  it("what was inflated when the peer had gone is delivered before close", async () => {
    const { peer } = await stage.pair(
      {
        compression: true,
        message: (_, message) => log.add("message", message.length),
        close: (_, code) => log.add("close", code),
      },
      fields,
    );
    peer.write(
      Buffer.concat([compressedFrame(Buffer.alloc(1_000 * KiB)), frame(opcodes.text, "behind")]),
    );
    peer.socket.end();
    await log.waitFor("close");
    assert.deepEqual(
      log.entries.map(({ name, values }) => [name, ...values]),
      [
        ["message", 1_000 * KiB],
        ["message", 6],
        ["close", 1006],
      ],
    );
  });
});

describe("through TLS", () => {
  let server: Server;
  const certificate = makeCertificate();
  before(async () => {
    server = await new Stage().serve({
      tls: certificate,
      compression: true,
      message: (ws, message) => void ws.send(message),
    });
  });
  after(() => server.close());

  it("an echo, small and large", async () => {
    const ws = await connect(server.url, { compression: true, tls: { ca: certificate.cert } });
    const sizes = [10, 2_000, 20 * KiB, 300 * KiB];
    for (const size of sizes) ws.send(text(size));
    const got: number[] = [];
    for await (const message of ws) {
      got.push((message as string).length);
      if (got.length === sizes.length) ws.close();
    }
    assert.deepEqual(got, sizes);
    assert.ok(ws.stats.bytesReceived < 100 * KiB);
  });
});

describe("compressed: a publication and the user's own message in fragments", () => {
  for (const mode of ["shared", "dedicated"] as const) {
    it(`RFC 6455 §5.4 the publication comes behind it, ${mode}`, async () => {
      const { server, ws } = await ends({ compression: { mode, thresholdBytes: 1 } });
      ws.subscribe("t");
      ws.send("part 1, ", { fin: false });
      server.publish("t", "published, published, published");
      ws.send("part 2");
      ws.send("after, after, after, after");
      await log.waitFor("client", 3);
      assert.deepEqual(log.all("client").flat(), [
        "part 1, part 2",
        "published, published, published",
        "after, after, after, after",
      ]);
    });
  }
});
