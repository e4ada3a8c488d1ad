// Reading the head of an HTTP message: whole, in pieces, and when it does not come.

import assert from "node:assert/strict";
import { PassThrough } from "node:stream";
import { describe, it } from "node:test";
import { WireFault } from "../../../dist/conform/wire/frame-reader.js";
import { hasToken, readHead } from "../../../dist/conform/wire/http-head.js";

const text = "GET /a HTTP/1.1\r\nHost: x\r\nX-A: 1\r\nx-a:2\r\n\r\n";

describe("readHead", () => {
  it("reads a head octet by octet, joins fields, and keeps what comes behind", async () => {
    const socket = new PassThrough();
    const head = readHead(socket, 1_000);
    for (const octet of text) socket.write(octet);
    socket.write("behind");
    const { firstLine, fields, rest } = await head;
    assert.equal(firstLine, "GET /a HTTP/1.1");
    assert.deepEqual(Object.fromEntries(fields), { host: "x", "x-a": "1, 2" });
    const later = (socket.read() as Buffer | null)?.toString() ?? "";
    assert.equal(rest.toString() + later, "behind");
  });

  const faults: [title: string, act: (socket: PassThrough) => void, message: RegExp][] = [
    ["the end", (socket) => socket.end("GET / HT"), /cut off after 8 octets: the peer has ended/],
    ["an error", (socket) => socket.destroy(new Error("reset")), /cut off after 0 octets: reset/],
    ["too much", (socket) => socket.write(Buffer.alloc(70_000, "a")), /no end of the HTTP head/],
    ["silence", () => undefined, /no opening handshake in 50 ms/],
  ];
  for (const [title, act, message] of faults) {
    it(`gives up at ${title}`, async () => {
      const socket = new PassThrough();
      const head = readHead(socket, 50);
      act(socket);
      await assert.rejects(
        head,
        (error) => error instanceof WireFault && message.test(error.message),
      );
    });
  }

  it("finds tokens whatever their case", () => {
    assert.ok(hasToken("keep-alive, Upgrade", "upgrade"));
    assert.ok(!hasToken("upgraded", "upgrade") && !hasToken(undefined, "upgrade"));
  });
});
