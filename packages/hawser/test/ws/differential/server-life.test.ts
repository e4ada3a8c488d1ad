// A server's `clients` and its end: `close()` in every kind of server, with and without clients, once and
// again, and `handleUpgrade` in `noServer` mode.

import { EventEmitter } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { Duplex } from "node:stream";
import { turn } from "../../support/deferred.ts";
import { closeFrame } from "../../support/frame.ts";
import { requestText, sampleKey } from "../../support/http-head.ts";
import { differential, type Play, script } from "./runner.ts";
import { portOf } from "./stage.ts";
import { watch, watchServer } from "./watch.ts";
import { writeHead } from "./wire.ts";

/** A noServer server whose http server hands all upgrades to it. */
async function withoutServer(
  { stage, log }: Play,
  options: object = {},
): Promise<{ server: ReturnType<Play["stage"]["makeServer"]>; port: number }> {
  const server = stage.makeServer({ noServer: true, ...options });
  watchServer(log, server);
  const http = createServer();
  http.on("upgrade", (request, socket, head) => {
    log.attempt("handleUpgrade", () =>
      server.handleUpgrade(request, socket, head, (ws, given) => {
        log.note("callback", given === request, ws.readyState, server.clients?.size);
        server.emit("connection", ws, request);
      }),
    );
    log.note("after handleUpgrade");
  });
  return { server, port: await stage.listen(http) };
}

/** A request as `handleUpgrade` gets it, and the two ends of a stream. */
function upgradeOnStream(): { request: IncomingMessage; socket: Duplex; written: Buffer[] } {
  const written: Buffer[] = [];
  const socket = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _, done) => {
      written.push(chunk);
      done();
    },
  });
  const headers = {
    upgrade: "websocket",
    connection: "Upgrade",
    "sec-websocket-key": sampleKey,
    "sec-websocket-version": "13",
  };
  const request = { method: "GET", url: "/", headers, socket } as unknown as IncomingMessage;
  return { request, socket, written };
}

differential("the server's life", [
  script("clients holds who is connected", async ({ stage, log }) => {
    const { server, ws, peer } = await stage.asServer();
    log.note("clients", server?.clients.size, server?.clients.has(ws));
    peer.write(closeFrame(1000));
    await log.until("wire", "close");
    peer.socket.end();
    await log.until("ws", "close");
    log.note("clients", server?.clients.size);
  }),
  script("in close's listener the client is still there or not", async ({ stage, log }) => {
    const { server, ws } = await stage.asServer();
    ws.on("close", () => log.note("in the listener", server?.clients.size));
    ws.terminate();
    await log.until("ws", "close");
  }),
  script("in connection's listener clients has it", async ({ stage, log }) => {
    const server = await stage.server();
    server.on("connection", (ws) => log.note("clients", server.clients.has(ws)));
    const peer = await stage.dial(server);
    peer.write(requestText());
    await log.until("script", "clients");
  }),
  script("clientTracking: false", async ({ stage, log }) => {
    const { server } = await stage.asServer({ clientTracking: false });
    log.note("clients", server?.clients, server !== undefined && "clients" in server);
  }),
  ...[true, false].map((clientTracking) =>
    script(`close() with a client, clientTracking ${clientTracking}`, async ({ stage, log }) => {
      const { server, ws, peer } = await stage.asServer({ clientTracking });
      server?.on("close", () => log.add("server", "close"));
      server?.close((...values) => log.add("server", "callback", ...values));
      log.note("state", ws.readyState, server?.address());
      ws.send("still here");
      await log.until("wire", "text");
      log.note("closed already", log.count("server", "close"));
      peer.write(closeFrame(1000));
      await log.until("wire", "close");
      peer.socket.end();
      await log.until("ws", "close");
      await log.until("server", "callback");
    }),
  ),
  script("close() without clients", async ({ stage, log }) => {
    const server = await stage.server();
    server.close((...values) => log.add("server", "callback", ...values));
    log.add("server", "after");
    await log.until("server", "close");
  }),
  script("close() without a callback", async ({ stage, log }) => {
    const server = await stage.server();
    log.attempt("close", () => server.close());
    await log.until("server", "close");
  }),
  script("close() twice while closing", async ({ stage, log }) => {
    const server = await stage.server();
    server.close((...values) => log.add("server", "first", ...values));
    server.close((...values) => log.add("server", "second", ...values));
    await log.until("server", "second");
    await log.until("server", "first");
    await log.until("server", "close");
  }),
  script("close() when closed", async ({ stage, log }) => {
    const server = await stage.server();
    server.close();
    await log.until("server", "close");
    server.close((...values) => log.add("server", "late", ...values));
    log.add("server", "after");
    await log.until("server", "late");
    log.attempt("close", () => server.close());
  }),
  script("close() before it listens", async ({ stage, log }) => {
    const server = stage.makeServer({ port: 0, host: "127.0.0.1" });
    watchServer(log, server);
    server.close((...values) => log.add("server", "callback", ...values));
    await log.until("server", "callback");
  }),
  script("close() of a server that failed to listen", async ({ stage, log }) => {
    const first = await stage.server();
    const second = stage.makeServer({ port: portOf(first), host: "127.0.0.1" });
    second.on("error", () => {
      second.close((...values) => log.add("second", "callback", ...values));
    });
    second.on("close", (...values) => log.add("second", "close", ...values));
    await log.until("second", "callback");
  }),
  script("close() with noServer", async ({ stage, log }) => {
    const server = stage.makeServer({ noServer: true });
    watchServer(log, server);
    server.close((...values) => log.add("server", "callback", ...values));
    log.add("server", "after");
    process.nextTick(() => log.add("server", "next tick"));
    await log.until("server", "callback");
  }),
  script("close() with noServer and a client", async (play) => {
    const { stage, log } = play;
    const { server, port } = await withoutServer(play);
    const client = stage.keep(stage.make(`ws://127.0.0.1:${port}/`));
    await log.until("server", "connection");
    server.close((...values) => log.add("server", "callback", ...values));
    await new Promise(setImmediate);
    log.add("server", "still open");
    client.close();
    await log.until("server", "callback");
    await log.until("accepted", "close");
  }),
  script("close() with a server that was given", async ({ stage, log }) => {
    const http = createServer();
    const server = stage.makeServer({ server: http });
    watchServer(log, server);
    const port = await stage.listen(http);
    stage.client(`ws://127.0.0.1:${port}/`);
    await log.until("server", "connection");
    server.close((...values) => log.add("server", "callback", ...values));
    log.note("listening", http.listening, server.address());
    for (const ws of server.clients) ws.terminate();
    await log.until("server", "callback");
    await log.until("ws", "close");
    log.note("listening", http.listening);
  }),
  script("close() in the callback of another close()", async ({ stage, log }) => {
    const server = await stage.server();
    server.close(() => {
      log.add("server", "outer");
      server.close((...values) => log.add("server", "inner", ...values));
    });
    await log.until("server", "inner");
  }),
  script("the order of the callback and the listeners of close", async ({ stage, log }) => {
    const server = stage.makeServer({ noServer: true });
    server.on("close", () => log.note("listener before"));
    server.close(() => log.note("callback"));
    server.on("close", () => log.note("listener after"));
    await log.until("script", "listener after");
  }),
  script("an upgrade while the server closes is 503", async (play) => {
    const { stage, log } = play;
    const { server, port } = await withoutServer(play);
    stage.keep(stage.make(`ws://127.0.0.1:${port}/`));
    await log.until("server", "connection");
    server.close();
    const peer = await stage.dial(port);
    peer.write(requestText());
    const [head = "", body] = (await peer.readToEnd()).toString().split("\r\n\r\n");
    writeHead(log, head);
    log.add("wire", "body", body);
  }),
  script("a server that closes does not verify", async ({ stage, log }) => {
    let release: ((ok: boolean) => void) | undefined;
    const http = createServer();
    const server = stage.makeServer({
      noServer: true,
      verifyClient: (_: unknown, done: (ok: boolean) => void) => {
        release = done;
        log.note("asked");
      },
    });
    http.on("upgrade", (request, socket, head) =>
      server.handleUpgrade(request, socket, head, () => log.note("callback")),
    );
    const peer = await stage.dial(await stage.listen(http));
    peer.write(requestText());
    await log.until("script", "asked");
    server.close();
    release?.(true);
    writeHead(log, (await peer.readToEnd()).toString());
  }),
  script("handleUpgrade calls back", async (play) => {
    const { stage, log } = play;
    const { server, port } = await withoutServer(play);
    stage.client(`ws://127.0.0.1:${port}/`);
    await log.until("server", "connection");
    await log.until("ws", "open");
    log.note("clients", server.clients.size);
  }),
  script("handleUpgrade emits nothing by itself", async ({ stage, log }) => {
    const server = stage.makeServer({ noServer: true });
    watchServer(log, server);
    const http = createServer();
    http.on("upgrade", (request, socket, head) =>
      server.handleUpgrade(request, socket, head, (ws) => watch(log, stage.keep(ws), "mine")),
    );
    stage.client(`ws://127.0.0.1:${await stage.listen(http)}/`);
    await log.until("ws", "open");
    log.note("clients", server.clients.size);
  }),
  script("handleUpgrade in server mode", async ({ stage, log }) => {
    const server = await stage.server();
    const http = createServer();
    http.on("upgrade", (request, socket, head) =>
      server.handleUpgrade(request, socket, head, (ws) => stage.keep(ws).send("hello")),
    );
    stage.client(`ws://127.0.0.1:${await stage.listen(http)}/`);
    await log.until("ws", "message");
  }),
  script("handleUpgrade twice with the same socket throws", async ({ stage, log }) => {
    const server = stage.makeServer({ noServer: true });
    const http = createServer();
    http.on("upgrade", (request, socket, head) => {
      for (const round of [1, 2]) {
        log.attempt(`round ${round}`, () =>
          server.handleUpgrade(request, socket, head, (ws) => void stage.keep(ws)),
        );
      }
    });
    stage.client(`ws://127.0.0.1:${await stage.listen(http)}/`);
    await log.until("ws", "open");
  }),
  script("handleUpgrade with a stream that is no socket", async ({ stage, log }) => {
    const server = stage.makeServer({ noServer: true });
    const { request, socket, written } = upgradeOnStream();
    server.handleUpgrade(request, socket, Buffer.alloc(0), (ws) => {
      watch(log, ws);
      log.note("state", ws.readyState);
      ws.send("hello");
    });
    await turn();
    const [head, ...frames] = written;
    writeHead(log, head?.toString() ?? "", "wire", sampleKey);
    log.add("wire", "frame", Buffer.concat(frames));
    socket.push(Buffer.from("8185000000006869212121", "hex"));
    await log.until("ws", "message");
    socket.destroy();
    await log.until("ws", "close");
  }),
  script("handleUpgrade with something that has few methods of a socket", async (play) => {
    const { stage, log } = play;
    const server = stage.makeServer({ noServer: true, clientTracking: false });
    const written: Buffer[] = [];
    const standIn = Object.assign(new EventEmitter(), {
      readable: true,
      writable: true,
      cork: () => undefined,
      uncork: () => undefined,
      write: (data: string | Buffer) => written.push(Buffer.from(data as string)) > 0,
    });
    const { request } = upgradeOnStream();
    server.handleUpgrade(request, standIn as unknown as Duplex, Buffer.alloc(0), (ws) => {
      watch(log, ws);
      ws.send("hello");
    });
    log.note("written", Buffer.concat(written.slice(1)));
    standIn.emit("data", Buffer.from("8185000000006869212121", "hex"));
    standIn.emit("data", Buffer.from("898100000000ff", "hex"));
    log.note("written", Buffer.concat(written.slice(1)));
    await log.until("ws", "ping");
  }),
  script("handleUpgrade with a stream that has ended", ({ stage, log }) => {
    const server = stage.makeServer({ noServer: true });
    for (const spoil of ["destroy", "end"] as const) {
      const { request, socket, written } = upgradeOnStream();
      socket[spoil]();
      server.handleUpgrade(request, socket, Buffer.alloc(0), () => log.note("callback"));
      log.note("written", spoil, written.length, socket.destroyed);
    }
  }),
  script("handleUpgrade with bytes behind the head", async ({ stage, log }) => {
    const server = stage.makeServer({ noServer: true });
    const { request, socket } = upgradeOnStream();
    const head = Buffer.from("818500000000686921212189", "hex");
    server.handleUpgrade(request, socket, head, (ws) => watch(log, ws));
    socket.push(Buffer.from("8000000000", "hex"));
    await log.until("ws", "ping");
    socket.destroy();
    await log.until("ws", "close");
  }),
  script("many clients", async ({ stage, log }) => {
    const server = await stage.server();
    for (const id of [1, 2, 3]) {
      stage.keep(stage.make(`ws://127.0.0.1:${portOf(server)}/${id}`));
      await log.until("server", "connection", id);
    }
    log.note("clients", server.clients.size);
    for (const ws of server.clients) ws.send("all");
    for (const ws of server.clients) ws.terminate();
    for (const track of ["accepted", "accepted2", "accepted3"]) await log.until(track, "close");
    log.note("clients", server.clients.size);
  }),
]);
