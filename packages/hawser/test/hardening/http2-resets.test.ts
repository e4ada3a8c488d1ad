// WebSockets over HTTP/2 that are opened and reset again and again: their session ends, and the server goes on. The
// server is a process of its own, because what hurt it was a loop that no timer of the same process would interrupt.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { connect, type ConnectOptions, type HandshakeError } from "../../dist/index.js";
import { Child } from "../faults/child.ts";
import { makeCertificate } from "../support/certificate.ts";
import { within } from "../support/deferred.ts";

const program = new URL("../faults/peer-program.js", import.meta.url);
const certificate = makeCertificate();
const tls = { ca: certificate.cert };
const maxStreams = 20;
let child: Child;
let url: string;

before(async () => {
  child = await Child.start(program);
  child.order("serve", "127.0.0.1", { tls: certificate, http2: { maxStreams } });
  const [port] = await child.log.waitFor("listening");
  url = `wss://127.0.0.1:${String(port)}`;
});
after(() => child.end());

/** Opens, resets at once, and so on until the server has had enough. */
async function resetOften(options: ConnectOptions): Promise<HandshakeError | undefined> {
  for (let i = 0; i < 25; i++) {
    try {
      const ws = await connect(url, { tls, http: 2, ...options });
      ws.terminate();
      await ws.closed;
    } catch (error) {
      return error as HandshakeError;
    }
  }
  return undefined;
}

describe("HTTP/2: WebSockets that are reset as soon as they are open", () => {
  it("end their session, and the server has time for others", { timeout: 30_000 }, async () => {
    const all = Array.from({ length: 2 * maxStreams }, () =>
      resetOften({ handshakeTimeoutMs: 5_000 }),
    );
    const codes = (await Promise.all(all)).map((error) => error?.code);
    assert.ok(codes.includes("HAWSER_RESPONSE_CUT"), codes.join(" "));
    assert.ok(!codes.includes("HAWSER_HANDSHAKE_TIMEOUT"));
    const beside = await within(connect(url, { tls, handshakeTimeoutMs: 5_000 }), "an answer");
    beside.close();
    assert.equal((await within(beside.closed, "the end")).wasClean, true);
  });
});
