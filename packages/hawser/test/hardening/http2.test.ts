// What a client can do wrong over HTTP/2: each ends its own stream, or its own session, and a well-behaved
// client beside it keeps its answers.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { constants, createSecureServer } from "node:http2";
import { type AddressInfo, connect as connectSocket } from "node:net";
import { after, afterEach, before, describe, it } from "node:test";
import { connect as connectTls } from "node:tls";
import type { Server } from "../../dist/index.js";
import { makeCertificate } from "../support/certificate.ts";
import { turn, within } from "../support/deferred.ts";
import { frame, opcodes } from "../support/frame.ts";
import {
  connectHeaders,
  fieldBlock,
  flags,
  frameTypes,
  Http2BytePeer,
  http2Frame,
  preface,
} from "../support/http2-frames.ts";
import { Http2Peer } from "../support/http2-peer.ts";
import { eventually, settledMemory } from "../support/memory.ts";
import type { RawPeer } from "../support/raw-peer.ts";
import { Stage } from "../support/stage.ts";

const tls = makeCertificate();
const stage = new Stage();
const { log } = stage;
const maxStreams = 100;
let server: Server;
let session: Http2Peer;
let beside: RawPeer;
const peers: { destroy(): void }[] = [];

before(async () => {
  server = await stage.serve({
    tls,
    http2: { maxStreams },
    upgrade: ({ headers }) => ({ data: headers["x-name"] }),
    message: (ws, message) => ws.send(message),
    close: (ws, code) => log.add(`close ${String(ws.data)}`, code),
    error: (error) => log.add("error", error),
  });
  session = await Http2Peer.connect(server.url);
  ({ peer: beside } = await session.open());
});
afterEach(async () => {
  for (const peer of peers.splice(0)) peer.destroy();
  beside.send("beside");
  assert.equal(await beside.readText(), "beside");
  const complaint = (): string | undefined =>
    server.stats().connections === 1 ? undefined : `${server.stats().connections} connections`;
  await eventually(complaint, 5_000);
  log.clear();
});
after(async () => {
  session.destroy();
  await stage.end();
});

async function bytePeer(): Promise<Http2BytePeer> {
  const peer = await Http2BytePeer.connect((server.address() as AddressInfo).port);
  peers.push(peer);
  return peer;
}

async function another(): Promise<Http2Peer> {
  const peer = await Http2Peer.connect(server.url);
  peers.push(peer);
  return peer;
}

/** The code of the RST_STREAM, or the status, that answers the stream. */
async function resetCode(peer: Http2BytePeer, stream: number): Promise<number> {
  return (await peer.frame(frameTypes.rstStream, stream)).payload.readUInt32BE(0);
}

describe("HTTP/2: malformed and unknown handshakes", () => {
  it("RFC 9220 §3: an unknown :protocol is a 501", async () => {
    const { status, body } = await session.response({ ":protocol": "connect-udp" });
    assert.equal(status, 501);
    assert.match(body, /websocket/);
  });

  for (const field of ["upgrade", "connection"]) {
    it(`RFC 9113 §8.2.2: ${field} is a stream error, PROTOCOL_ERROR`, async () => {
      const peer = await bytePeer();
      peer.write(connectHeaders(1, [[field, "upgrade"]]), connectHeaders(3));
      assert.equal(await resetCode(peer, 1), constants.NGHTTP2_PROTOCOL_ERROR);
      // Its session goes on.
      await peer.frame(frameTypes.headers, 3);
    });
  }

  it("RFC 9113 §8.3.1: Host and :authority that differ are a stream error, PROTOCOL_ERROR", async () => {
    const peer = await bytePeer();
    peer.write(connectHeaders(1, [["host", "elsewhere"]]));
    assert.equal(await resetCode(peer, 1), constants.NGHTTP2_PROTOCOL_ERROR);
  });

  it("RFC 8441 §4: without :path it is a stream error, PROTOCOL_ERROR", async () => {
    const peer = await bytePeer();
    const fields: [string, string][] = [
      [":method", "CONNECT"],
      [":protocol", "websocket"],
      [":scheme", "https"],
      [":authority", "localhost"],
    ];
    peer.write(http2Frame(frameTypes.headers, flags.endHeaders, 1, fieldBlock(fields)));
    assert.equal(await resetCode(peer, 1), constants.NGHTTP2_PROTOCOL_ERROR);
  });

  it("RFC 8441 §3: an extended CONNECT without the setting is reset", async () => {
    const http = createSecureServer(tls);
    http.listen(0, "127.0.0.1");
    await once(http, "listening");
    // Sessions that are there before the server is attached have settings without it.
    const peer = await Http2BytePeer.connect((http.address() as AddressInfo).port);
    peers.push(peer);
    await peer.frame(frameTypes.settings);
    const detach = server.attach(http);
    peer.write(connectHeaders(1));
    assert.equal(await resetCode(peer, 1), constants.NGHTTP2_PROTOCOL_ERROR);
    detach();
    peer.destroy();
    http.close();
  });

  for (const [status, title, fields] of [
    [403, "another origin", { origin: "https://evil.example" }],
    [426, "no version", { "sec-websocket-version": undefined }],
    [414, "a URL over 8 KiB", { ":path": `/${"a".repeat(8 * 1024)}` }],
    [431, "fields over 16 KiB", { "x-large": "a".repeat(16 * 1024) }],
    [431, "129 fields", Object.fromEntries(Array.from({ length: 129 }, (_, i) => [`x-${i}`, "a"]))],
    [
      400,
      "an unclosed quote of 8 KB",
      { "sec-websocket-extensions": `a; b="${"c".repeat(8_000)}` },
    ],
  ] as [number, string, Record<string, string>][]) {
    it(`${status}: ${title}`, async () => {
      assert.equal((await session.response(fields)).status, status);
    });
  }

  it("a stream that ends with its handshake is a connection that ends, 1006", async () => {
    const stream = session.session.request(
      {
        ":method": "CONNECT",
        ":protocol": "websocket",
        ":path": "/",
        "sec-websocket-version": "13",
        "x-name": "short",
      },
      { endStream: true },
    );
    stream.resume();
    assert.deepEqual(await log.waitFor("close short"), [1006]);
  });

  it("a refused client that reads nothing is let go of", async () => {
    const stalled = await Http2Peer.connect(server.url, { settings: { initialWindowSize: 0 } });
    peers.push(stalled);
    const stream = stalled.ask({ ":protocol": "other" });
    if (!stream.destroyed) await within(once(stream, "close"), "the reset");
    assert.equal(stream.rstCode, constants.NGHTTP2_CANCEL);
  });
});

describe("HTTP/2: streams that break off", () => {
  const half = frame(opcodes.text, "a message that never ends").subarray(0, 12);

  it("a reset inside a frame is 1006, on that stream only", async () => {
    const { peer, stream } = await session.open({ "x-name": "reset" });
    peer.write(half);
    await turn();
    stream.close(constants.NGHTTP2_CANCEL);
    assert.deepEqual(await log.waitFor("close reset"), [1006]);
  });

  it("a reset with another code is 1006, too", async () => {
    const { stream } = await session.open({ "x-name": "broken" });
    stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    assert.deepEqual(await log.waitFor("close broken"), [1006]);
  });

  it("END_STREAM inside a frame is 1006, on that stream only", async () => {
    const { peer, stream } = await session.open({ "x-name": "ended" });
    peer.write(half);
    stream.end();
    assert.deepEqual(await log.waitFor("close ended"), [1006]);
    assert.equal(await peer.waitForEnd(), "fin");
  });

  it("a broken frame closes its stream with 1002", async () => {
    const { peer } = await session.open({ "x-name": "bad" });
    peer.write(frame(3));
    assert.equal((await peer.readClose()).code, 1002);
    peer.socket.end();
    await log.waitFor("close bad");
  });

  it("a session that is lost is 1006 for each of its connections", async () => {
    const other = await another();
    await Promise.all([other.open({ "x-name": "a" }), other.open({ "x-name": "b" })]);
    other.session.destroy();
    assert.deepEqual(await log.waitFor("close a"), [1006]);
    assert.deepEqual(await log.waitFor("close b"), [1006]);
  });
});

describe("HTTP/2: floods", () => {
  it("rapid reset (CVE-2023-44487): the session ends with ENHANCE_YOUR_CALM", async () => {
    const peer = await bytePeer();
    const base = await settledMemory();
    const cancel = "\0\0\0\x08";
    for (let stream = 1; stream < 4_000 && !peer.isEnded; stream += 2) {
      peer.write(connectHeaders(stream), http2Frame(frameTypes.rstStream, 0, stream, cancel));
      if (stream % 100 === 1) await turn();
    }
    const goaway = await peer.frame(frameTypes.goaway);
    assert.equal(goaway.payload.readUInt32BE(4), constants.NGHTTP2_ENHANCE_YOUR_CALM);
    await peer.ended();
    assert.ok(server.stats().opened < 2_000, `${server.stats().opened} were opened`);
    await eventually(
      () => (server.stats().connections === 1 ? undefined : "connections are left"),
      5_000,
    );
    assert.ok((await settledMemory()) - base < 8 * 1024 * 1024);
  });

  for (const [name, flood] of [
    ["SETTINGS", http2Frame(frameTypes.settings, 0, 0)],
    ["PING", http2Frame(frameTypes.ping, 0, 0, "12345678")],
  ] as const) {
    it(`a flood of ${name} from a peer that does not read holds bounded memory, or ends the session`, async () => {
      const peer = await bytePeer();
      await peer.frame(frameTypes.settings);
      const base = await settledMemory();
      peer.socket.pause();
      const many = Buffer.concat(Array.from({ length: 1_000 }, () => flood));
      let writable = true;
      peer.socket.on("drain", () => {
        writable = true;
      });
      for (let i = 0; i < 2_000 && !peer.socket.destroyed; i++) {
        if (writable) writable = peer.socket.write(many);
        await turn();
      }
      peer.socket.resume();
      assert.ok((await settledMemory()) - base < 16 * 1024 * 1024);
      peer.destroy();
    });
  }

  it("CONTINUATION without end (CVE-2024-27983) ends the session", async () => {
    const peer = await bytePeer();
    const filler = fieldBlock([["x-filler", "a".repeat(100)]]).repeat(100);
    peer.write(http2Frame(frameTypes.headers, 0, 1, fieldBlock([[":method", "CONNECT"]])));
    for (let i = 0; i < 1_000 && !peer.isEnded; i++) {
      peer.write(http2Frame(frameTypes.continuation, 0, 1, filler));
      await turn();
    }
    await peer.ended();
  });
});

describe("HTTP/2: a reset in the middle", () => {
  it("bad HPACK and a reset at once (CVE-2025-59465): nothing crashes", async () => {
    const { port } = server.address() as AddressInfo;
    // An index that is in no table, and a string longer than the frame.
    for (const block of [
      "\xff\xff\xff\xff\xff\xff",
      "\x00\x7f\xff\xff\x7f",
      "\xbf".repeat(16_000),
    ]) {
      for (const patience of [0, 1, 2]) {
        const tcp = connectSocket(port, "127.0.0.1");
        const secure = connectTls({
          socket: tcp,
          rejectUnauthorized: false,
          ALPNProtocols: ["h2"],
        });
        for (const socket of [tcp, secure]) socket.on("error", () => undefined);
        await within(once(secure, "secureConnect"), "TLS");
        secure.write(
          Buffer.concat([
            preface,
            http2Frame(frameTypes.settings, 0, 0),
            http2Frame(frameTypes.headers, flags.endHeaders, 1, block),
          ]),
        );
        for (let i = 0; i < patience; i++) await turn();
        tcp.resetAndDestroy();
      }
    }
  });
});

describe("HTTP/2: flow control", () => {
  it("RFC 9113 §5.2: a zero window on one of 100 streams, and the other 99 go on", async () => {
    const other = await another();
    const opened = await Promise.all(Array.from({ length: maxStreams }, () => other.open()));
    const [stalled, ...lively] = opened as [(typeof opened)[0], ...typeof opened];
    stalled.stream.pause();
    const large = Buffer.alloc(100 * 1024);
    for (let i = 0; i < 8; i++) stalled.stream.write(frame(opcodes.binary, large));
    for (let round = 0; round < 5; round++) {
      for (const { peer } of lively) peer.send(`round ${round}`);
      for (const { peer } of lively) assert.equal(await peer.readText(), `round ${round}`);
    }
    stalled.stream.resume();
    for (let i = 0; i < 8; i++) {
      assert.equal((await stalled.peer.readFrame()).payload.length, large.length);
    }
  });
});
