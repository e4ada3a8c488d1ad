// The handler `wire`: every byte behind the opening handshake, as it is on the wire, in both roles and over
// every transport.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { afterEach, describe, it } from "node:test";
import type { ConnectOptions, WireDirection } from "../../dist/index.js";
import { closeFrame, frame, opcodes } from "../support/frame.ts";
import { Stage, type StageOptions } from "../support/stage.ts";
import { makeCertificate } from "../support/certificate.ts";

const localhost = makeCertificate();
const stage = new Stage();
afterEach(() => stage.end());

/** Both directions, put together from their pieces. */
class Log {
  readonly #pieces: Record<WireDirection, Buffer[]> = { in: [], out: [] };

  readonly wire = (_ws: unknown, direction: WireDirection, bytes: Uint8Array): void => {
    this.#pieces[direction].push(Buffer.from(bytes));
  };

  get in(): string {
    return Buffer.concat(this.#pieces.in).toString("hex");
  }

  get out(): string {
    return Buffer.concat(this.#pieces.out).toString("hex");
  }
}

describe("the handler wire", () => {
  it("§5.3 sees a client's frames masked, as a raw client sends them, and the answers", async () => {
    const log = new Log();
    const { ws, peer } = await stage.pair({
      wire: log.wire,
      message: (one, message) => void one.send(message),
    });
    const hello = frame(opcodes.text, "Hello");
    peer.write(hello);
    assert.equal(await peer.readText(), "Hello");
    peer.write(closeFrame());
    await peer.finish();
    await ws.closed;
    assert.equal(log.in, Buffer.concat([hello, closeFrame()]).toString("hex"));
    assert.equal(log.out, "810548656c6c6f8800");
  });

  const tls = { ca: localhost.cert };
  const roads: [title: string, server: StageOptions, client: ConnectOptions][] = [
    ["TCP", {}, {}],
    ["TLS", { tls: localhost, hostname: "localhost" }, { tls }],
    ["permessage-deflate", { compression: { thresholdBytes: 0 } }, { compression: true }],
    ["HTTP/2", { tls: localhost, hostname: "localhost", http2: true }, { tls, http: 2 }],
  ];
  for (const [title, serverOptions, clientOptions] of roads) {
    it(`shows both ends the same bytes over ${title}`, async () => {
      const [ofServer, ofClient] = [new Log(), new Log()];
      const server = await stage.serve({
        ...serverOptions,
        wire: ofServer.wire,
        open: (ws) => void ws.send("early"),
        message: (ws, message) => void ws.send(message),
      });
      const ws = await stage.connect(server, { ...clientOptions, wire: ofClient.wire });
      ws.send("a".repeat(100_000));
      for await (const message of ws) if (message.length > 5) ws.close(1000);
      await ws.closed;
      assert.equal(ofClient.in, ofServer.out);
      assert.equal(ofClient.out, ofServer.in);
      assert.ok(ofClient.in.endsWith("880203e8"));
      assert.equal(ofServer.in.startsWith(title === "permessage-deflate" ? "c1" : "81ff"), true);
    });
  }

  it("that throws closes its connection with 1011, as any handler", async () => {
    const errors: unknown[] = [];
    const wire = (): never => {
      throw new Error("no");
    };
    const { ws, peer } = await stage.pair({ wire, error: (error) => void errors.push(error) });
    peer.send("Hello");
    assert.equal((await peer.readClose()).code, 1011);
    peer.destroy();
    await ws.closed;
    assert.match(String(errors[0]), /no/);
  });
});
