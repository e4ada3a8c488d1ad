// WebSockets over HTTP/2 that are opened and reset again and again: their session ends, and the server goes on. The
// server is a process of its own, because what hurt it was a loop that no timer of the same process would interrupt.

import assert from "node:assert/strict";
import { constants } from "node:http2";
import { after, before, describe, it } from "node:test";
import { connect, type HandshakeError } from "../../dist/index.js";
import { Child } from "../faults/child.ts";
import { makeCertificate } from "../support/certificate.ts";
import { within } from "../support/deferred.ts";
import { connectFields, Http2Peer } from "../support/http2-peer.ts";

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

/** Opens, resets at once, and so on until the server has had enough; whether it has. */
async function resetOften({ session }: Http2Peer): Promise<boolean> {
  for (let i = 0; i < 200 && !session.closed && !session.destroyed; i++) {
    const stream = session.request(connectFields, { endStream: false });
    stream.on("error", () => undefined);
    stream.once("response", () => stream.close(constants.NGHTTP2_CANCEL));
    const closed = new Promise((resolve) => stream.once("close", resolve));
    await within(closed, "the end of a stream", 5_000);
  }
  return session.closed || session.destroyed;
}

async function servesOthers(): Promise<void> {
  const beside = await connect(url, { tls, handshakeTimeoutMs: 5_000 });
  beside.close();
  assert.equal((await within(beside.closed, "the end")).wasClean, true);
}

describe("HTTP/2: WebSockets that are reset as soon as they are open", { timeout: 30_000 }, () => {
  it("end their session, and the server has time for others", async () => {
    const peer = await Http2Peer.connect(url);
    const all = Array.from({ length: maxStreams }, () => resetOften(peer));
    assert.deepEqual(new Set(await Promise.all(all)), new Set([true]));
    await servesOthers();
  });

  it("the same with END_STREAM before the reset, and on one session after the other", async () => {
    const codes = new Set<string>();
    const terminateOften = async (): Promise<void> => {
      for (let i = 0; i < 10; i++) {
        try {
          const ws = await connect(url, { tls, http: 2, handshakeTimeoutMs: 5_000 });
          ws.terminate();
          await ws.closed;
        } catch (error) {
          codes.add((error as HandshakeError).code);
        }
      }
    };
    await Promise.all(Array.from({ length: 2 * maxStreams }, terminateOften));
    assert.ok(!codes.has("HAWSER_HANDSHAKE_TIMEOUT"));
    await servesOthers();
  });
});
