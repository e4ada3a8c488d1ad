// RFC 9110 §9.3.6: HTTP proxies that refuse, talk nonsense, talk without end, or not at all.

import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import {
  connect,
  type ConnectOptions,
  HandshakeError,
  type TransportError,
} from "../../../dist/index.js";
import { HttpTunnel } from "../../../dist/node/dial/http-proxy.js";
import { headText } from "../../support/http-head.ts";
import { TestProxy } from "../../support/proxy.ts";
import type { RawPeer } from "../../support/raw-peer.ts";
import { rejectionOf } from "../../support/rejection.ts";

let proxy: TestProxy | undefined;
afterEach(() => proxy?.close());

type Says = string | ((peer: RawPeer) => Promise<void> | void);

async function failsWith(
  code: string,
  says: Says,
  options: ConnectOptions = {},
): Promise<HandshakeError> {
  proxy = await TestProxy.raw("http", async (peer) => {
    await peer.readHeadText();
    if (typeof says === "string") peer.write(says);
    else await says(peer);
  });
  const attempt = connect("ws://server.example/", { proxy: proxy.url, ...options });
  const error = await rejectionOf<HandshakeError>(attempt, code);
  assert.ok(error instanceof HandshakeError);
  assert.equal(error.phase, "proxy CONNECT");
  assert.match(error.message, /proxy CONNECT/);
  // The client lets go of the socket, read or unread.
  await proxy.idle();
  return error;
}

const answer = (status: string, fields = {}, body = ""): string =>
  headText(`HTTP/1.1 ${status}`, { "Content-Length": String(body.length), ...fields }) + body;

describe("refusals", () => {
  for (const [status, code] of [
    ["407 Proxy Authentication Required", "HAWSER_PROXY_AUTHENTICATION"],
    ["400 Bad Request", "HAWSER_PROXY_REFUSED"],
    ["403 Forbidden", "HAWSER_PROXY_REFUSED"],
    ["405 Method Not Allowed", "HAWSER_PROXY_REFUSED"],
    ["502 Bad Gateway", "HAWSER_PROXY_REFUSED"],
    ["504 Gateway Timeout", "HAWSER_PROXY_REFUSED"],
  ] as const) {
    it(`${status}: ${code}, with status, header fields and body`, async () => {
      const error = await failsWith(code, answer(status, { "X-Why": "because" }, "not there"));
      assert.equal(error.status, Number(status.slice(0, 3)));
      assert.deepEqual(error.headers.get("x-why"), ["because"]);
      assert.equal(error.body, "not there");
      assert.ok(error.message.includes(status));
    });
  }

  it("a redirect is not followed: it is no word of the server's", async () => {
    let connections = 0;
    const says = answer("302 Found", { Location: "ws://evil.example/" });
    await failsWith(
      "HAWSER_PROXY_REFUSED",
      (peer) => {
        connections++;
        peer.write(says);
      },
      { maxRedirects: 5 },
    );
    assert.equal(connections, 1);
  });

  it("an endless body: 16 KiB of it are enough", async () => {
    const error = await failsWith("HAWSER_PROXY_REFUSED", (peer) => {
      peer.write(`HTTP/1.1 500 Oh\r\n\r\n${"x".repeat(64 * 1024)}`);
    });
    assert.equal(error.body.length, 16 * 1024);
  });

  it("a body that is cut, or late: still the refusal", async () => {
    const head = "HTTP/1.1 403 No\r\nContent-Length: 9\r\n\r\nnot";
    const cut = await failsWith("HAWSER_PROXY_REFUSED", (peer) => {
      peer.write(head);
      peer.socket.end();
    });
    assert.equal(cut.body, "not");
    await proxy?.close();
    const late = await failsWith("HAWSER_PROXY_REFUSED", head, { handshakeTimeoutMs: 150 });
    assert.equal(late.body, "not");
  });
});

describe("what comes behind the answer is not lost", () => {
  it("ws: it is read as the server's answer", async () => {
    proxy = await TestProxy.raw("http", async (peer) => {
      await peer.readHeadText();
      peer.write(`HTTP/1.1 200 OK\r\n\r\n${answer("418 Teapot", {}, "short")}`);
    });
    const attempt = connect("ws://server.example/", { proxy: proxy.url });
    const error = await rejectionOf<HandshakeError>(attempt, "HAWSER_REFUSED");
    assert.deepEqual([error.status, error.body, error.phase], [418, "short", "waiting for 101"]);
  });

  it("wss: it is read as the server's TLS", async () => {
    proxy = await TestProxy.raw("http", async (peer) => {
      await peer.readHeadText();
      peer.write("HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 400 Bad Request\r\n\r\n");
    });
    const attempt = connect("wss://server.example/", { proxy: proxy.url });
    const error = await rejectionOf<TransportError>(attempt, "HAWSER_CONNECT");
    assert.match(error.message, /server\.example:443 \(TLS\)/);
    assert.equal(error.phase, "TLS");
  });
});

describe("what is no answer to CONNECT", () => {
  for (const [title, says, code] of [
    ["garbage", "220 ready\r\n\r\n", "HAWSER_PROXY_MALFORMED"],
    ["HTTP/2.0", "HTTP/2.0 200 OK\r\n\r\n", "HAWSER_PROXY_MALFORMED"],
    ["an empty line", "\r\n\r\n", "HAWSER_PROXY_MALFORMED"],
    ["a status of two digits", "HTTP/1.1 20 OK\r\n\r\n", "HAWSER_PROXY_MALFORMED"],
    ["a field without a colon", "HTTP/1.1 200 OK\r\nnone\r\n\r\n", "HAWSER_PROXY_MALFORMED"],
    ["101", "HTTP/1.1 101 Switching Protocols\r\n\r\n", "HAWSER_PROXY_MALFORMED"],
    ["endless fields", `HTTP/1.1 200 OK\r\n${"A: b\r\n".repeat(3000)}`, "HAWSER_PROXY_TOO_LARGE"],
    ["129 fields", `HTTP/1.1 200 OK\r\n${"A: b\r\n".repeat(129)}\r\n`, "HAWSER_PROXY_TOO_LARGE"],
    ["an endless line", "x".repeat(17 * 1024), "HAWSER_PROXY_TOO_LARGE"],
  ] as const) {
    it(`${title}: ${code}`, () => failsWith(code, says).then(() => undefined));
  }

  it("the end before the answer: HAWSER_PROXY_CUT", async () => {
    await failsWith("HAWSER_PROXY_CUT", (peer) => void peer.socket.end("HTTP/1.1 200 O"));
  });

  it("a reset before the answer: HAWSER_PROXY_CUT, with the cause", async () => {
    const error = await failsWith("HAWSER_PROXY_CUT", (peer) => peer.reset());
    assert.match(String(error.cause), /ECONNRESET/);
  });

  it("a signal ends it, and the socket with it", async () => {
    const abort = new AbortController();
    const reason = new Error("enough");
    proxy = await TestProxy.raw("http", async (peer) => {
      await peer.readHeadText();
      abort.abort(reason);
    });
    const attempt = connect("ws://a.example/", { proxy: proxy.url, signal: abort.signal });
    assert.equal(await rejectionOf(attempt), reason);
    await proxy.idle();
  });

  it("silence: HAWSER_HANDSHAKE_TIMEOUT names the phase", async () => {
    const error = await failsWith("HAWSER_HANDSHAKE_TIMEOUT", () => undefined, {
      handshakeTimeoutMs: 60,
    });
    assert.match(error.message, /the time was up at: proxy CONNECT/);
  });

  it("interim responses without end: the time is up all the same", async () => {
    await failsWith(
      "HAWSER_HANDSHAKE_TIMEOUT",
      async (peer) => {
        while (peer.ending === undefined) {
          await peer.writeByteByByte("HTTP/1.1 102 Wait\r\n\r\n");
        }
      },
      { handshakeTimeoutMs: 100 },
    );
  });
});

describe("the dialogue, without a socket", () => {
  const server = { host: "fd00::1", port: 8080, isSecure: false, isProxy: false };
  const hop = { host: "p", port: 1, isSecure: false, isProxy: true };

  it("asks with an authority as target and as Host", () => {
    const { opening } = new HttpTunnel(server, hop, [["A", "b"]]);
    const expected = "CONNECT [fd00::1]:8080 HTTP/1.1\r\nHost: [fd00::1]:8080\r\nA: b\r\n\r\n";
    assert.equal(Buffer.from(opening).toString(), expected);
  });

  for (const head of [
    "HTTP/1.1 200 OK\r\n\r\n",
    "HTTP/1.0 200 Connection established\r\n\r\n",
    "HTTP/1.1 204 Yes\r\nContent-Length: 5\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Hints\r\nA: b\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
  ]) {
    it(`${JSON.stringify(head)} opens the tunnel, and what is behind it is the server's`, () => {
      const bytes = Buffer.from(`${head}server`);
      const whole = new HttpTunnel(server, hop, []).receive(bytes);
      assert.equal(Buffer.from(whole as Uint8Array).toString(), "server");
      const tunnel = new HttpTunnel(server, hop, []);
      for (let i = 0; i < head.length; i++) {
        const rest = tunnel.receive(bytes.subarray(i, i + 1));
        assert.equal(rest?.length, i === head.length - 1 ? 0 : undefined);
      }
    });
  }
});
