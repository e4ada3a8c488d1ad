// What a WebSocket and a WebSocketStream publish on the diagnostics channels: what a connection of `connect`
// does.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { afterEach, describe, it } from "node:test";
import {
  ProtocolError,
  type WatchedConnection,
  WebSocket,
  WebSocketStream,
} from "../../dist/index.js";
import { EventLog } from "../support/event-log.ts";
import { closeFrame, frame, opcodes } from "../support/frame.ts";
import { acceptanceText } from "../support/http-head.ts";
import { RawServer } from "../support/raw-server.ts";

interface Published {
  readonly connection: WatchedConnection;
  readonly message?: string | Uint8Array;
  readonly code?: number;
  readonly reason?: string;
  readonly wasClean?: boolean;
  readonly error?: unknown;
}

const names = ["open", "message", "close", "error"].map((name) => `hawser:${name}`);
const seen: [channel: string, Published][] = [];
const listener = (data: unknown, name: string | symbol): void => {
  seen.push([String(name), data as Published]);
};

let server: RawServer | undefined;
afterEach(async () => {
  for (const name of names) unsubscribe(name, listener);
  seen.length = 0;
  await server?.close();
});

/** A server that writes these frames, and the channels are listened to. */
async function watch(...frames: Buffer[]): Promise<string> {
  server = await RawServer.listen(async (peer, request) => {
    const head = acceptanceText(request, { "Sec-WebSocket-Protocol": "chat" });
    peer.write(Buffer.concat([Buffer.from(head, "latin1"), ...frames]));
    await peer.readClose();
    peer.socket.end();
  });
  for (const name of names) subscribe(name, listener);
  return server.url;
}

const plain = { masked: false } as const;

describe("diagnostics channels", () => {
  it("tell of the opening, the messages and the end of a WebSocket, before its listeners", async () => {
    const url = await watch(
      frame(opcodes.text, "Hello", plain),
      frame(opcodes.binary, "bytes", plain),
      closeFrame(4000, "why", plain),
    );
    const log = new EventLog();
    const ws = new WebSocket(url, "chat");
    for (const type of ["open", "message", "close"]) {
      ws.addEventListener(type, () => log.add(type, seen.length));
    }
    assert.equal(seen.length, 0);
    assert.deepEqual(await log.waitFor("close"), [4]);
    assert.deepEqual(log.all("message").flat(), [2, 3]);
    assert.deepEqual(
      seen.map(([name, { message, code, reason, wasClean }]) => [
        name,
        typeof message === "string" ? message : message?.length,
        code,
        reason,
        wasClean,
      ]),
      [
        ["hawser:open", undefined, undefined, undefined, undefined],
        ["hawser:message", "Hello", undefined, undefined, undefined],
        ["hawser:message", 5, undefined, undefined, undefined],
        ["hawser:close", undefined, 4000, "why", true],
      ],
    );
    const [connection, ...others] = new Set(seen.map(([, one]) => one.connection));
    assert.deepEqual(others, []);
    assert.equal(connection?.webSocket, ws);
    assert.match(connection.id, /^[0-9a-f]{12}-[0-9a-z]+$/);
    assert.deepEqual([connection.protocol, connection.extensions], ["chat", ""]);
    assert.deepEqual([connection.state, connection.bufferedBytes], ["closed", 0]);
    assert.equal(connection.stats.messagesReceived, 2);
  });

  it("tell of a WebSocketStream, and of what fails", async () => {
    const url = await watch(frame(3, "", plain));
    let state: string | undefined;
    let address: string | undefined;
    const onOpen = (data: unknown): void => {
      ({ state, remoteAddress: address } = (data as Published).connection);
    };
    subscribe("hawser:open", onOpen);
    const wss = new WebSocketStream(url, { protocols: ["chat"] });
    await assert.rejects(wss.closed);
    unsubscribe("hawser:open", onOpen);
    assert.deepEqual([state, address], ["open", "127.0.0.1"]);
    assert.deepEqual(
      seen.map(([name]) => name),
      ["hawser:open", "hawser:error", "hawser:close"],
    );
    assert.ok(seen[1]?.[1].error instanceof ProtocolError);
    assert.equal(seen[2]?.[1].code, 1006);
    for (const [, { connection }] of seen) assert.equal(connection.webSocket, wss);
  });

  it("tell of a Blob that can't be read", async () => {
    const ws = new WebSocket(await watch(), "chat");
    const log = new EventLog();
    for (const type of ["open", "close"]) ws.addEventListener(type, () => log.add(type));
    await log.waitFor("open");
    class Unreadable extends Blob {
      override arrayBuffer(): Promise<ArrayBuffer> {
        return Promise.reject(new RangeError("gone"));
      }
    }
    ws.send(new Unreadable(["x"]));
    await log.waitFor("close");
    const [error] = seen.filter(([name]) => name === "hawser:error");
    assert.ok(error?.[1].error instanceof RangeError);
  });
});
