// Proxies that refuse, lie, never end or go away: a HandshakeError within the client's time, and afterwards
// nothing is left: the client beside has its answers, descriptors and memory are back at their base.

import assert from "node:assert/strict";
import { afterEach, after, before, describe, it } from "node:test";
import { connect, HandshakeError, TransportError } from "../../dist/index.js";
import { settledMemory } from "../support/memory.ts";
import { TestProxy } from "../support/proxy.ts";
import type { RawPeer } from "../support/raw-peer.ts";
import { rejectionOf } from "../support/rejection.ts";
import { Target } from "../support/target.ts";

const attempts = 10;
const MiB = 1024 * 1024;

let target: Target;
let http: TestProxy;
let socks: TestProxy;
let act: (peer: RawPeer) => Promise<void> | void = () => undefined;

before(async () => {
  target = await Target.start();
  http = await TestProxy.raw("http", (peer) => act(peer));
  socks = await TestProxy.raw("socks5h", (peer) => act(peer));
  // Once around: what the client makes once belongs to the base.
  act = (peer) => peer.reset();
  for (const { url } of [http, socks])
    await rejectionOf(connect("wss://a.example", { proxy: url }));
  target.rebase();
});
afterEach(() => target.check());
after(async () => {
  await http.close();
  await socks.close();
  await target.close();
});

/** Several at once get the same; each ends with that code. */
async function allFail(
  proxy: TestProxy,
  code: string,
  how: typeof act,
  handshakeTimeoutMs = 5000,
): Promise<void> {
  act = how;
  const options = { proxy: proxy.url, handshakeTimeoutMs };
  const errors = await Promise.all(
    Array.from({ length: attempts }, (_, index) =>
      rejectionOf(connect(`${index % 2 ? "wss" : "ws"}://server.example`, options), code),
    ),
  );
  for (const error of errors) {
    assert.ok(error instanceof HandshakeError || error instanceof TransportError);
  }
  await proxy.idle();
}

/** Not before it was asked: else there may be no connection at all. */
const resets = async (peer: RawPeer): Promise<void> => {
  await peer.readBytes(3);
  peer.reset();
};

const pour = async (peer: RawPeer, head: string, more: string): Promise<void> => {
  peer.write(head);
  while (peer.ending === undefined) {
    if (peer.socket.write(more)) await new Promise((resolve) => setImmediate(resolve));
    else {
      await new Promise((resolve) => {
        peer.socket.once("drain", resolve).once("close", resolve);
      });
    }
  }
};

describe("HTTP proxies", () => {
  for (const [title, code, how] of [
    ["a reset for an answer", "HAWSER_PROXY_CUT", resets],
    ["a head without end", "HAWSER_PROXY_TOO_LARGE", (peer) => pour(peer, "HTTP/1.1 200", " OK")],
    [
      "a body without end",
      "HAWSER_PROXY_REFUSED",
      (peer) => pour(peer, "HTTP/1.1 500 Oh\r\n\r\n", "x".repeat(64 * 1024)),
    ],
    [
      "200 and no TLS or HTTP behind it",
      undefined,
      (peer) => peer.write("HTTP/1.1 200 O\r\n\r\nx"),
    ],
    ["bytes ≥ 0x80", "HAWSER_PROXY_MALFORMED", (peer) => peer.write("\x80\xff\r\n\r\n")],
    ["SOCKS5", "HAWSER_PROXY_CUT", (peer) => void peer.socket.end(Buffer.of(5, 0))],
  ] as const satisfies readonly (readonly [string, string | undefined, typeof act])[]) {
    it(`${title}: ${code ?? "fails in the next phase"}`, () =>
      code === undefined
        ? allFail(http, "HAWSER_HANDSHAKE_TIMEOUT", how, 200)
        : allFail(http, code, how));
  }

  it("one byte a turn and never an end: the time is up", async () => {
    const slowly = (peer: RawPeer) =>
      peer.writeByteByByte(`HTTP/1.1 200 OK\r\nA: ${"b".repeat(9e3)}`);
    await allFail(http, "HAWSER_HANDSHAKE_TIMEOUT", slowly, 100);
  });

  it("a body of 64 MiB behind a no costs less than 2 MiB", async () => {
    const base = await settledMemory();
    let poured = 0;
    await allFail(http, "HAWSER_PROXY_REFUSED", async (peer) => {
      peer.write(`HTTP/1.1 403 No\r\nContent-Length: ${64 * MiB}\r\n\r\n`);
      while (peer.ending === undefined && poured < 64 * MiB) {
        peer.write("x".repeat(64 * 1024));
        poured += 64 * 1024;
        await new Promise((resolve) => setImmediate(resolve));
      }
    });
    assert.ok((await settledMemory()) - base < 2 * MiB);
  });
});

describe("SOCKS5 proxies", () => {
  for (const [title, code, how] of [
    ["a reset for an answer", "HAWSER_PROXY_CUT", resets],
    ["HTTP", "HAWSER_PROXY_MALFORMED", (peer) => peer.write("HTTP/1.1 200 OK\r\n\r\n")],
    [
      "noise without end",
      "HAWSER_PROXY_MALFORMED",
      (peer) => pour(peer, "\x05\x00\x05\x00\x00\x09", "xx"),
    ],
    [
      "a no, and noise without end",
      "HAWSER_PROXY_REFUSED",
      (peer) => pour(peer, "\x05\x00\x05\x01", "xx"),
    ],
    [
      "half a reply, then the end",
      "HAWSER_PROXY_CUT",
      (peer) => void peer.socket.end("\x05\x00\x05", "latin1"),
    ],
  ] as const satisfies readonly (readonly [string, string, typeof act])[]) {
    it(`${title}: ${code}`, () => allFail(socks, code, how));
  }

  it("silence: the time is up", async () => {
    await allFail(socks, "HAWSER_HANDSHAKE_TIMEOUT", () => undefined, 100);
  });

  it("the longest name that it may be bound to, one byte a turn, and then silence", async () => {
    const reply = `\x05\x00\x05\x00\x00\x03\xff${"x".repeat(255)}\x00\x50`;
    const slowly = (peer: RawPeer) => peer.writeByteByByte(reply);
    await allFail(socks, "HAWSER_HANDSHAKE_TIMEOUT", slowly, 300);
  });
});
