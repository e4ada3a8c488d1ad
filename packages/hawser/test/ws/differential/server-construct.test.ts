// `new WebSocketServer(…)`: its options, where it listens, its address, and what it does to an HTTP server
// that it was given.

import httpModule, {
  createServer,
  type IncomingMessage,
  type Server as HttpServer,
} from "node:http";
import { join } from "node:path";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { requestText } from "../../support/http-head.ts";
import { RawPeer } from "../../support/raw-peer.ts";
import { differential, type Script, script } from "./runner.ts";
import { shapeOf } from "./shape.ts";
import { portOf } from "./stage.ts";
import type { Loose } from "./subjects.ts";

const wrongOptions: unknown[] = [
  undefined,
  null,
  {},
  { port: undefined },
  { port: null },
  { port: 0, noServer: true },
  { noServer: false },
  { host: "127.0.0.1" },
  { path: "/x" },
  { port: -1 },
  { port: 65_536 },
  { port: "x" },
];

const defaults: Script[] = [
  {},
  { maxPayload: 7, path: "/x", autoPong: false, perMessageDeflate: true, closeTimeout: 5 },
  { clientTracking: false, backlog: 3, skipUTF8Validation: true, allowSynchronousEvents: false },
  { perMessageDeflate: { threshold: 3 }, maxFragments: 0, maxBufferedChunks: 1 },
  { unknown: 1, verifyClient: null, handleProtocols: undefined },
].map((options) =>
  script(`options are kept: ${shapeOf(options)}`, ({ stage, log }) => {
    const server = stage.makeServer({ noServer: true, ...options });
    const kept = { ...(server.options as Loose) };
    delete kept["WebSocket"];
    log.note("options", kept);
    log.note("WebSocket", server.options.WebSocket?.name);
    log.note("properties", shapeOf(server.clients), server.eventNames());
  }),
);

/** How many listeners of each kind an HTTP server has. */
function listenersOf(server: HttpServer): Loose {
  const names = ["listening", "error", "upgrade", "request", "close", "connection"];
  return Object.fromEntries(names.map((name) => [name, server.listenerCount(name)]));
}

differential("the server's constructor", [
  ...wrongOptions.map((options, i) =>
    script(`wrong options ${i}: ${shapeOf(options)}`, ({ subject, stage, log }) => {
      log.attempt("new", () => {
        const server = new subject.WebSocketServer(options as object);
        stage.atEnd(() => server.close());
      });
    }),
  ),
  script("createServer() of the module is what is called", ({ stage, log }) => {
    const original = httpModule.createServer;
    stage.atEnd(() => void (httpModule.createServer = original));
    httpModule.createServer = (...values: unknown[]) => {
      log.note("called", values.length);
      return original(...(values as []));
    };
    stage.makeServer({ port: 0, host: "127.0.0.1" });
    httpModule.createServer = original;
    log.note("constructed");
  }),
  script("port and server together", ({ stage, log }) => {
    const http = createServer();
    log.attempt("new", () => stage.makeServer({ port: 0, server: http }));
    log.attempt("new", () => stage.makeServer({ noServer: true, server: http }));
    log.note("untouched", listenersOf(http));
  }),
  ...defaults,
  script("the options object is not the one given", ({ stage, log }) => {
    const options = { noServer: true };
    const server = stage.makeServer(options);
    log.note("same", (server.options as unknown) === options, options);
  }),
  script("the callback is a listener of listening", async ({ stage, log }) => {
    const callback = (...values: unknown[]): void => log.add("server", "callback", ...values);
    const server = stage.makeServer({ port: 0, host: "127.0.0.1" }, callback);
    log.add("server", "constructed", server.listenerCount("listening"));
    server.on("listening", () => log.add("server", "listening"));
    await log.until("server", "listening");
  }),
  script("the callback with server is not called", async ({ stage, log }) => {
    const http = createServer();
    const server = stage.makeServer({ server: http }, () => log.note("callback"));
    server.on("listening", () => log.add("server", "listening"));
    await stage.listen(http);
    await log.until("server", "listening");
  }),
  script("the callback with noServer is not called", ({ stage, log }) => {
    stage.makeServer({ noServer: true }, () => log.note("callback"));
  }),
  script("address with a port", async ({ stage, log }) => {
    const server = await stage.server();
    const address = server.address() as unknown as Loose;
    log.note("address", address["address"], address["family"], typeof address["port"]);
    server.close();
    log.note("closed", server.address());
    await log.until("server", "close");
    log.note("closed", server.address());
  }),
  script("address before it listens", ({ stage, log }) => {
    const address = stage.makeServer({ port: 0 }).address() as unknown as Loose;
    log.note("address", address["address"], address["family"]);
  }),
  script("address with noServer", ({ stage, log }) => {
    const server = stage.makeServer({ noServer: true });
    log.attempt("address", () => server.address());
  }),
  script("address of a server that was given, a unix socket", async ({ stage, log }) => {
    const folder = mkdtempSync(join(tmpdir(), "hawser-differential-"));
    stage.atEnd(() => rmSync(folder, { recursive: true }));
    const http = createServer();
    const server = stage.makeServer({ server: http });
    stage.atEnd(() => void http.close());
    http.listen(join(folder, "socket"), () => log.note("listening"));
    await log.until("script", "listening");
    log.note("address", server.address());
  }),
  script("a port that is taken", async ({ stage, log }) => {
    const first = await stage.server();
    const second = stage.makeServer({ port: portOf(first), host: "127.0.0.1" });
    second.on("error", (error) => log.add("second", "error", error));
    second.on("close", () => log.add("second", "close"));
    await log.until("second", "error");
  }),
  script("a port that is taken, without a listener", async ({ stage, log }) => {
    const first = await stage.server();
    stage.catchUncaught();
    const server = new stage.subject.WebSocketServer({ port: portOf(first), host: "127.0.0.1" });
    await log.until("uncaught", "uncaught");
    log.note("address", server.address());
  }),
  script("a server that was given gets these listeners and loses them", async ({ stage, log }) => {
    const http = createServer(() => undefined);
    const before = listenersOf(http);
    const server = stage.makeServer({ server: http });
    log.note("listeners", before, listenersOf(http));
    await stage.listen(http);
    server.close(() => log.note("callback", listenersOf(http), http.listening));
    log.note("closing", listenersOf(http));
    await log.until("script", "callback");
    log.note("listening", http.listening);
  }),
  script("errors and listening of a server that was given come through", async ({ stage, log }) => {
    const http = createServer();
    const server = stage.makeServer({ server: http });
    for (const name of ["listening", "error", "close"] as const) {
      server.on(name, (...values: unknown[]) => log.add("server", name, ...values));
    }
    await stage.listen(http);
    http.emit("error", new Error("something"));
    http.close();
    await log.until("server", "error");
  }),
  script("a server that already listens", async ({ stage, log }) => {
    const http = createServer();
    const port = await stage.listen(http);
    const server = stage.makeServer({ server: http });
    server.on("connection", (_, request) => log.note("connection", request.url));
    stage.client(`ws://127.0.0.1:${port}/path`);
    await log.until("ws", "open");
  }),
  script("requests without upgrade go to the server that was given", async ({ stage, log }) => {
    const http = createServer((request, response) => {
      log.note("request", request.method, request.url);
      response.setHeader("Date", "none").end("hello");
    });
    stage.makeServer({ server: http });
    const peer = await stage.dial(await stage.listen(http));
    peer.write("GET /plain HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    log.note("answer", (await peer.readToEnd()).toString());
  }),
  script("two servers on one HTTP server: upgrade by path", async ({ stage, log }) => {
    const http = createServer();
    const first = stage.makeServer({ noServer: true });
    const second = stage.makeServer({ noServer: true });
    http.on("upgrade", (request: IncomingMessage, socket, head) => {
      const server = request.url === "/a" ? first : second;
      server.handleUpgrade(request, socket, head, (ws) => {
        stage.keep(ws).send(request.url === "/a" ? "first" : "second");
      });
    });
    const port = await stage.listen(http);
    stage.client(`ws://127.0.0.1:${port}/a`);
    await log.until("ws", "message");
    stage.client(`ws://127.0.0.1:${port}/b`);
    await log.until("ws", "message", 2);
  }),
  script("two servers on one HTTP server both answer: the second one throws", async (play) => {
    const { stage, log } = play;
    const http = createServer();
    stage.makeServer({ server: http });
    stage.makeServer({ server: http });
    stage.catchUncaught();
    const peer = await RawPeer.connect({ port: await stage.listen(http), host: "127.0.0.1" });
    stage.atEnd(() => peer.destroy());
    peer.write(requestText());
    await log.until("uncaught", "uncaught");
  }),
  script("host and backlog are listened with", async ({ stage, log }) => {
    const server = await stage.server({ host: "127.0.0.2", backlog: 1 });
    const address = server.address() as unknown as Loose;
    log.note("address", address["address"]);
  }),
  script("a subclass of the server", async ({ subject, stage, log }) => {
    class Child extends subject.WebSocketServer {
      override shouldHandle(request: IncomingMessage): boolean {
        log.note("asked", request.url);
        return request.url === "/mine";
      }
    }
    const server = new Child({ port: 0, host: "127.0.0.1" });
    stage.atEnd(() => server.close());
    server.on("listening", () => log.note("listening", server instanceof subject.WebSocketServer));
    await log.until("script", "listening");
    stage.client(`ws://127.0.0.1:${portOf(server)}/mine`);
    await log.until("ws", "open");
    stage.client(`ws://127.0.0.1:${portOf(server)}/other`);
    await log.until("ws", "close");
  }),
]);
