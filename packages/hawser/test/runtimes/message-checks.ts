// Messages, in every runtime: whole and in parts, compressed, published.

import { Buffer } from "node:buffer";
import { connect, type ServerOptions } from "../../dist/index.js";
import { frame, opcodes } from "../support/frame.ts";
import { type Check, Later, same } from "./check.ts";
import { echo, echoes, sizes, withPair, withServer } from "./scene.ts";
import { Wire } from "./wire.ts";

export const messages: readonly Check[] = [
  {
    name: "echo: text and binary of all sizes",
    run: () => withPair(echo, (ws) => echoes(ws, sizes)),
  },
  {
    name: "fragments: one message comes in one piece, with a ping within",
    run: () =>
      withServer(echo, async (server) => {
        const wire = new Wire(server);
        const parts = [
          frame(opcodes.text, "gr", { fin: false }),
          frame(opcodes.ping, "now"),
          frame(opcodes.continuation, "üße"),
        ];
        wire.shake({}, Buffer.concat(parts));
        await wire.read(/\r\n\r\n/);
        await wire.readBytes(Buffer.from("\u008a\u0003now\u0081\u0007", "latin1"));
        await wire.readBytes(Buffer.from("grüße"));
        wire.socket.destroy();
      }),
  },
  {
    name: "streams: a message is written and read in parts",
    run: () =>
      withPair(
        {
          async message(ws, message) {
            ws.send(String(message.length));
          },
        },
        async (ws) => {
          const writer = ws.createWriteStream({ binary: true }).getWriter();
          for (let i = 0; i < 4; i++) await writer.write(Buffer.alloc(50_000, i));
          await writer.close();
          const reader = ws.readable.getReader();
          same((await reader.read()).value, "200000");
        },
      ),
  },
  {
    name: "pings are answered, from either end",
    run: async () => {
      const [first, second] = [new Later<string>(), new Later<string>()];
      const server: ServerOptions = {
        open: (ws) => void ws.ping("one"),
        pong: (_ws, data) => first.resolve(data.toString()),
      };
      await withPair(
        server,
        async (ws) => {
          ws.ping("two");
          same([await first.promise, await second.promise], ["one", "two"]);
        },
        { pong: (_ws, data) => second.resolve(data.toString()) },
      );
    },
  },
  ...[true, { mode: "dedicated" } as const].map((compression) => ({
    name: `compression: ${compression === true ? "shared" : "dedicated"}`,
    run: () =>
      withPair(
        { ...echo, compression },
        async (ws) => {
          if (ws.extensions === "") throw new Error("nothing was agreed on");
          await echoes(ws, [...sizes, 4_000, 4_000]);
        },
        { compression },
      ),
  })),
  {
    name: "topics: a publication reaches all subscribers",
    run: () =>
      withServer({ open: (ws) => ws.subscribe("news") }, async (server) => {
        const all = await Promise.all([1, 2, 3].map(() => connect(server.url)));
        const got = all.map((ws) => ws[Symbol.asyncIterator]().next());
        while (server.subscribers("news") < 3)
          await new Promise((resolve) => void setTimeout(resolve, 5));
        same(server.publish("news", "extra"), 3);
        same(
          (await Promise.all(got)).map(({ value }) => value as string),
          ["extra", "extra", "extra"],
        );
        for (const ws of all) ws.terminate();
      }),
  },
];
