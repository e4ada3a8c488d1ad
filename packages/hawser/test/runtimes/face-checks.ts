// The faces of a connection, in every runtime, and what else is on the same port.

import type { Buffer } from "node:buffer";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { connect, serve, Server, WebSocket, WebSocketStream } from "../../dist/index.js";
import { WebSocket as WsWebSocket, WebSocketServer } from "../../dist/ws/index.js";
import { type Check, Later, same } from "./check.ts";
import { echo, echoes, withPair, withServer } from "./scene.ts";

export const faces: readonly Check[] = [
  {
    name: "fetch: plain requests on the same port",
    run: () =>
      withPair({ ...echo, fetch: () => new Response("a page") }, async (ws, server) => {
        const response = await fetch(server.url.replace("ws", "http"));
        same(await response.text(), "a page");
        await echoes(ws, [2]);
      }),
  },
  {
    name: "attach: beside the runtime's own node:http",
    run: async () => {
      const http = createServer((_request, response) => response.end("theirs"));
      await new Promise<void>((resolve) => void http.listen(0, "127.0.0.1", resolve));
      const server = new Server(echo);
      server.attach(http);
      try {
        const ws = await connect(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`);
        await echoes(ws, [2, 70_000]);
        ws.terminate();
      } finally {
        await server.close({ timeoutMs: 300 });
        http.close();
      }
    },
  },
  {
    name: "WebSocket of the web",
    run: () =>
      withServer(echo, async (server) => {
        const [echoed, closed] = [new Later<unknown>(), new Later<unknown>()];
        const ws = new WebSocket(server.url);
        ws.addEventListener("open", () => ws.send("hello"));
        ws.addEventListener("message", ({ data }) => {
          echoed.resolve(data);
          ws.close(4000);
        });
        ws.addEventListener("close", ({ code }) => closed.resolve(code));
        same([await echoed.promise, await closed.promise], ["hello", 4000]);
      }),
  },
  {
    name: "WebSocket of the web: its events are trusted",
    run: () =>
      withServer({}, async (server) => {
        const opened = new Later<boolean>();
        const ws = new WebSocket(server.url);
        ws.addEventListener("open", ({ isTrusted }) => opened.resolve(isTrusted));
        same(await opened.promise, true);
        ws.close();
      }),
  },
  {
    name: "WebSocketStream",
    run: () =>
      withServer(echo, async (server) => {
        const stream = new WebSocketStream(server.url);
        const { readable, writable } = await stream.opened;
        const writer = writable.getWriter();
        await writer.write("hello");
        same((await readable.getReader().read()).value, "hello");
        stream.close({ closeCode: 4000, reason: "done" });
        same((await stream.closed).closeCode, 4000);
      }),
  },
  {
    name: "diagnostics channels",
    run: () =>
      withServer(echo, async (server) => {
        const opened = new Later<string>();
        const take = (): void => opened.resolve("open");
        subscribe("hawser:open", take);
        const ws = await connect(server.url);
        same(await opened.promise, "open");
        unsubscribe("hawser:open", take);
        ws.terminate();
      }),
  },
  {
    name: "a port that is taken is HAWSER_ADDRESS_IN_USE",
    run: () =>
      withServer({}, async (server) => {
        const { port } = server.address() as AddressInfo;
        const second = serve({ hostname: "127.0.0.1", port });
        const code = await second.then(String, (error: { code?: string }) => error.code);
        same(code, "HAWSER_ADDRESS_IN_USE");
      }),
  },
  {
    name: "hawser/ws: server and client",
    run: async () => {
      const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
      server.on("connection", (ws) => ws.on("message", (data) => ws.send(data)));
      await new Promise((resolve) => void server.once("listening", resolve));
      const got = new Later<string>();
      const ws = new WsWebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
      ws.on("open", () => ws.send("hello"));
      ws.on("message", (data: Buffer) => got.resolve(data.toString()));
      same(await got.promise, "hello");
      ws.terminate();
      await new Promise<unknown>((resolve) => {
        server.close(resolve);
      });
    },
  },
];
