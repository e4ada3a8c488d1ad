// The channels that anybody may listen to, on a real connection.

import assert from "node:assert/strict";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { describe, it } from "node:test";
import { connect, type Connection, HandshakeError, serve } from "../../dist/index.js";

interface Published {
  readonly connection?: Connection;
  readonly message?: string;
  readonly code?: number;
  readonly wasClean?: boolean;
  readonly error?: { code?: string; message?: string };
  readonly request?: { url: string };
}

/** Writes down what is published on all channels while `during` runs. */
async function record(during: () => Promise<void>): Promise<[channel: string, Published][]> {
  const seen: [string, Published][] = [];
  const names = ["upgrade", "open", "message", "close", "error"].map((name) => `hawser:${name}`);
  const listener = (data: unknown, name: string | symbol): void => {
    seen.push([String(name), data as Published]);
  };
  for (const name of names) subscribe(name, listener);
  try {
    await during();
  } finally {
    for (const name of names) unsubscribe(name, listener);
  }
  return seen;
}

describe("diagnostics channels", () => {
  it("tell of the upgrade, opening, messages and closing of a connection, at both ends", async () => {
    const server = await serve({ port: 0, message: (ws, message) => void ws.send(message) });
    const seen = await record(async () => {
      const ws = await connect(`${server.url}/path`);
      ws.send("Hello");
      for await (const message of ws) ws.close(4000, String(message));
      await server.close();
    });
    const of = (name: string): Published[] =>
      seen.filter(([one]) => one === name).map(([, data]) => data);
    assert.deepEqual(
      of("hawser:upgrade").map(({ request, error }) => [request?.url, error]),
      [["/path", undefined]],
    );
    assert.equal(of("hawser:open").length, 2);
    assert.deepEqual(
      of("hawser:message").map(({ message }) => message),
      ["Hello", "Hello"],
    );
    assert.deepEqual(
      of("hawser:close").map(({ code, wasClean }) => [code, wasClean]),
      [
        [4000, true],
        [4000, true],
      ],
    );
    assert.equal(new Set(of("hawser:open").map(({ connection }) => connection?.id)).size, 2);
    assert.deepEqual(of("hawser:error"), []);
  });

  it("tell of refusals, and of errors that have no hook", async () => {
    const server = await serve({
      port: 0,
      upgrade: ({ url }) => (url === "/no" ? new Response("no", { status: 403 }) : {}),
      message: () => {
        throw new Error("broken handler");
      },
      error: () => undefined,
    });
    const seen = await record(async () => {
      await assert.rejects(connect(`${server.url}/no`), HandshakeError);
      const ws = await connect(server.url);
      ws.send("Hello");
      assert.equal((await ws.closed).code, 1011);
      await server.close();
    });
    const refused = seen.find(
      ([name, { error }]) => name === "hawser:upgrade" && error !== undefined,
    );
    assert.equal(refused?.[1].error?.code, "HAWSER_REFUSED_BY_UPGRADE");
    const failed = seen.find(([name]) => name === "hawser:error");
    assert.equal(failed?.[1].error?.message, "broken handler");
  });

  it("publish nothing once nobody listens", async () => {
    const seen = await record(() => Promise.resolve());
    const server = await serve({ port: 0 });
    const ws = await connect(server.url);
    ws.close();
    await ws.closed;
    await server.close();
    assert.deepEqual(seen, []);
  });
});
