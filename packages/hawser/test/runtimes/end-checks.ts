// How connections end, in every runtime, and what holds a sender back.

import { Buffer } from "node:buffer";
import { connect, type ServerOptions } from "../../dist/index.js";
import { frame } from "../support/frame.ts";
import { type Check, Later, same } from "./check.ts";
import { closedOf, echo, withPair, withServer } from "./scene.ts";
import { Wire } from "./wire.ts";

export const ends: readonly Check[] = [
  {
    name: "close: code and reason reach the other end, from either",
    run: async () => {
      const seen = new Later<unknown>();
      await withPair({ close: (_ws, code, reason) => seen.resolve([code, reason]) }, async (ws) => {
        ws.close(4001, "für dich");
        same(await seen.promise, [4001, "für dich"]);
        same(await closedOf(ws), [4001, "", true]);
      });
      await withPair({ open: (ws) => ws.close(4002, "genug") }, async (ws) =>
        same(await closedOf(ws), [4002, "genug", true]),
      );
    },
  },
  {
    name: "close: a connection that is cut is 1006 at both ends",
    run: async () => {
      const seen = new Later<number>();
      await withPair({ close: (_ws, code) => seen.resolve(code) }, async (ws, server) => {
        const wire = new Wire(server);
        wire.shake();
        await wire.read(/\r\n\r\n/);
        wire.socket.destroy();
        same(await seen.promise, 1006);
        for (const one of server.connections) one.terminate();
        same((await ws.closed).code, 1006);
      });
    },
  },
  {
    name: "close: a server that drains says 1001",
    run: () =>
      withPair({}, async (ws, server) => {
        const done = server.close({ reason: "deploy" });
        same(await closedOf(ws), [1001, "deploy", true]);
        await done;
      }),
  },
  {
    name: "heartbeat: a peer that says nothing is found",
    run: async () => {
      const seen = new Later<number>();
      const options = { pingIntervalMs: 100, pongTimeoutMs: 100 };
      await withServer({ ...options, close: (_ws, code) => seen.resolve(code) }, async (server) => {
        const wire = new Wire(server);
        wire.shake();
        await wire.readBytes(Buffer.from("8900", "hex"));
        same(await seen.promise, 1006);
        await wire.end();
      });
    },
  },
  {
    name: "limits: a message that is too big is 1009, a faulty frame 1002",
    run: () =>
      withServer({ ...echo, maxMessageBytes: 1_000 }, async (server) => {
        const ws = await connect(server.url);
        ws.send("x".repeat(1_001));
        same((await ws.closed).code, 1009);
        const wire = new Wire(server);
        wire.shake({}, frame(3, "?"));
        await wire.readBytes(Buffer.from("03ea", "hex"));
        await wire.end();
      }),
  },
  {
    name: "backpressure: a slow reader stops its sender, and nothing is lost",
    run: async () => {
      const sent = new Later<number>();
      const options: ServerOptions = {
        async open(ws) {
          let stops = 0;
          for (let i = 0; i < 400; i++) {
            if (ws.send(Buffer.alloc(32_768, i & 0xff))) continue;
            stops++;
            await ws.drained();
          }
          sent.resolve(stops);
        },
      };
      await withPair(options, async (ws) => {
        let count = 0;
        ws.pause();
        await new Promise((resolve) => void setTimeout(resolve, 200));
        ws.resume();
        for await (const message of ws) {
          same([message.length, message[0]], [32_768, count & 0xff]);
          if (++count === 400) break;
        }
        if ((await sent.promise) === 0) throw new Error("send never said that it is enough");
      });
    },
  },
];
