// The contract: opening handshakes.

import assert from "node:assert/strict";
import { it } from "node:test";
import type { HandshakeError } from "../../dist/index.js";
import { rejectionOf } from "../support/rejection.ts";
import { nextOf, type Scene } from "./scene.ts";

export function handshakes(scene: Scene): void {
  const { log, transport } = scene;

  it("the `upgrade` hook sees the request, and its data reaches the handlers", async () => {
    const running = await scene.start({
      upgrade: ({ url, headers, protocols, httpVersion, isSecure }) => {
        log.add("upgrade", url, headers["x-name"], protocols, httpVersion, isSecure);
        return { data: "mine", protocol: "b" };
      },
      open: (ws) => log.add("open", ws.data, ws.protocol),
    });
    const ws = await scene.connect(running, { protocols: ["a", "b"], headers: { "X-Name": "x" } });
    assert.equal(ws.protocol, "b");
    const { httpVersion, isSecure } = transport;
    assert.deepEqual(log.entries, [
      { name: "upgrade", values: ["/", "x", ["a", "b"], httpVersion, isSecure] },
      { name: "open", values: ["mine", "b"] },
    ]);
  });

  it("a refusal has its status, header fields and body", async () => {
    const running = await scene.start({
      upgrade: async () => new Response("sign in", { status: 401, headers: { "x-why": "you" } }),
    });
    const error = await rejectionOf<HandshakeError>(scene.connect(running), "HAWSER_REFUSED");
    assert.deepEqual([error.status, error.body], [401, "sign in"]);
    assert.deepEqual(error.headers.get("x-why"), ["you"]);
  });

  it("§10.2 a page of another origin is refused", async () => {
    const running = await scene.start();
    const headers = { Origin: "https://evil.example" };
    const error = await rejectionOf<HandshakeError>(scene.connect(running, { headers }));
    assert.equal(error.status, 403);
  });

  it("what is sent in `open` is there, whenever the client begins to read", async () => {
    const { ours } = await scene.pair({
      open: (ws) => {
        for (let i = 0; i < 100; i++) ws.send(`${i}`);
      },
    });
    await new Promise((resolve) => setImmediate(resolve));
    for (let i = 0; i < 100; i++) assert.equal(await nextOf(ours), `${i}`);
  });

  it("many connections at once, each with its own messages", async () => {
    const running = await scene.start({
      message: (ws, message) => ws.send(`${String(ws.data)} ${String(message)}`),
      upgrade: ({ headers }) => ({ data: headers["x-name"] }),
    });
    const names = Array.from({ length: 120 }, (_, i) => `client ${i}`);
    await Promise.all(
      names.map(async (name) => {
        const ws = await scene.connect(running, { headers: { "X-Name": name } });
        ws.send("hello");
        assert.equal(await nextOf(ws), `${name} hello`);
      }),
    );
    assert.equal(running.server.stats().connections, names.length);
  });
}
