// What ends a handshake before it is done: `close`, `terminate`, time-outs, connections that fail or break,
// each at several moments.

import type { ClientRequest } from "node:http";
import { createServer } from "node:net";
import { connect as connectTls } from "node:tls";
import { deferred } from "../../support/deferred.ts";
import { headText } from "../../support/http-head.ts";
import { differential, type Script, script } from "./runner.ts";
import type { Loose, WebSocket } from "./subjects.ts";

const leaving: [string, (ws: WebSocket) => void][] = [
  ["close()", (ws) => ws.close()],
  ["close(1000)", (ws) => ws.close(1000)],
  ["close(3000, reason)", (ws) => ws.close(3000, "because")],
  ["close(0)", (ws) => ws.close(0)],
  ["close with a long reason", (ws) => ws.close(1000, "x".repeat(200))],
  ["terminate()", (ws) => ws.terminate()],
  [
    "close() twice",
    (ws) => {
      ws.close();
      ws.close();
    },
  ],
  [
    "terminate() twice",
    (ws) => {
      ws.terminate();
      ws.terminate();
    },
  ],
  [
    "close() and terminate()",
    (ws) => {
      ws.close();
      ws.terminate();
    },
  ],
  [
    "terminate() and close()",
    (ws) => {
      ws.terminate();
      ws.close();
    },
  ],
];

const atOnce: Script[] = leaving.map(([title, leave]) =>
  script(`${title} at once`, async ({ stage, log }) => {
    const port = await stage.deadPort();
    const ws = stage.client(`ws://127.0.0.1:${port}/`);
    log.attempt("leave", () => leave(ws));
    log.note("state", ws.readyState);
    process.nextTick(() => log.note("next tick", ws.readyState));
    await log.until("ws", "close");
    log.note("state", ws.readyState);
  }),
);

const whileWaiting: Script[] = leaving.map(([title, leave]) =>
  script(`${title} while the response is awaited`, async ({ stage, log }) => {
    const asked = deferred();
    const raw = await stage.rawServer(() => asked.resolve());
    const ws = stage.client(raw.url);
    await asked.promise;
    log.attempt("leave", () => leave(ws));
    log.note("state", ws.readyState);
    await log.until("ws", "close");
    log.note("state", ws.readyState);
    log.note("peer", await raw.peers[0]?.waitForEnd());
  }),
);

differential("the client's handshake that comes to nothing", [
  ...atOnce,
  ...whileWaiting,
  script("nobody listens", async ({ stage, log }) => {
    stage.client(`ws://127.0.0.1:${await stage.deadPort()}/`);
    await log.until("ws", "close");
  }),
  script("a name that does not exist", async ({ stage, log }) => {
    const lookup = (_: string, __: unknown, done: (error: Error) => void): void => {
      done(Object.assign(new Error("no such name"), { code: "ENOTFOUND" }));
    };
    stage.client("ws://nowhere.invalid/", [], { lookup });
    await log.until("ws", "close");
  }),
  script("a unix socket that does not exist", async ({ stage, log }) => {
    stage.client("ws+unix:/nowhere/hawser-differential-socket:/path");
    await log.until("ws", "close");
  }),
  ...["fin", "reset"].map((how) =>
    script(`the server ends with ${how} instead of answering`, async ({ stage, log }) => {
      const raw = await stage.rawServer((peer) => {
        if (how === "fin") peer.socket.end();
        else peer.reset();
      });
      stage.client(raw.url);
      await log.until("ws", "close");
    }),
  ),
  script("handshakeTimeout while the response is awaited", async ({ stage, log }) => {
    const raw = await stage.rawServer(() => undefined);
    stage.client(raw.url, [], { handshakeTimeout: 30 });
    await log.until("ws", "close");
    log.note("peer", await raw.peers[0]?.waitForEnd());
  }),
  script("handshakeTimeout as the old option timeout", async ({ stage, log }) => {
    const raw = await stage.rawServer((peer) => {
      setTimeout(() => peer.socket.end(), 60);
    });
    stage.client(raw.url, [], { timeout: 20 });
    await log.until("ws", "close");
  }),
  script("handshakeTimeout while the head is incomplete", async ({ stage, log }) => {
    const raw = await stage.rawServer((peer) => peer.write("HTTP/1.1 101 Switching"));
    stage.client(raw.url, [], { handshakeTimeout: 30 });
    await log.until("ws", "close");
  }),
  script("handshakeTimeout starts again with each redirect", async ({ stage, log }) => {
    const raw = await stage.rawServer((peer, request) => {
      const answer = headText("HTTP/1.1 302 Found", { Location: "/x", "Content-Length": "0" });
      if (!/GET \/x/.test(request)) peer.write(answer);
    });
    stage.client(raw.url, [], { handshakeTimeout: 30, followRedirects: true });
    await log.until("ws", "close");
    log.note("requests", raw.requests.length);
  }),
  script("handshakeTimeout after the response has begun to be unexpected", async (play) => {
    const { stage, log } = play;
    const head = headText("HTTP/1.1 401 No", { "Content-Length": "10" });
    const raw = await stage.rawServer((peer) => peer.write(head));
    const ws = stage.client(raw.url, [], { handshakeTimeout: 30 });
    ws.on("unexpected-response", () => log.note("unexpected-response"));
    await log.until("ws", "close");
  }),
  script("handshakeTimeout of a TLS handshake", async ({ stage, log }) => {
    const silent = createServer((socket) => stage.atEnd(() => void socket.destroy()));
    const port = await stage.listen(silent);
    stage.client(`wss://127.0.0.1:${port}/`, [], { handshakeTimeout: 30 });
    await log.until("ws", "close");
  }),
  script("wss to a server that does not speak TLS", async ({ stage, log }) => {
    const plain = createServer((socket) => socket.end("hello, this is not TLS at all\r\n"));
    const port = await stage.listen(plain);
    const ws = stage.keep(stage.make(`wss://127.0.0.1:${port}/`));
    ws.on("error", (error: Error & { code?: string }) => log.add("ws", "error", error.code));
    ws.on("close", (...values: unknown[]) => log.add("ws", "close", ...values));
    await log.until("ws", "close");
  }),
  script("createConnection that throws", async ({ stage, log }) => {
    const createConnection = (): never => {
      throw new Error("no connection");
    };
    log.attempt(
      "new",
      () => stage.keep(stage.make("ws://localhost/", [], { createConnection })).url,
    );
  }),
  script("createConnection of a wss URL gets options", async ({ stage, log }) => {
    const port = await stage.deadPort();
    const createConnection = (how: Loose): unknown => {
      log.note("create", how["host"], how["servername"], typeof how["path"], how["timeout"]);
      return connectTls({ port, host: "127.0.0.1" });
    };
    stage.client("wss://name.invalid/x", [], { createConnection });
    await log.until("ws", "close");
  }),
  script("finishRequest that never ends the request, then terminate()", async ({ stage, log }) => {
    const raw = await stage.rawServer(() => undefined);
    let request: ClientRequest | undefined;
    const finishRequest = (one: ClientRequest): void => {
      request = one;
    };
    const ws = stage.client(raw.url, [], { finishRequest });
    ws.terminate();
    await log.until("ws", "close");
    log.note("request", request?.destroyed);
  }),
  script("finishRequest that destroys the request with an error", async ({ stage, log }) => {
    const finishRequest = (request: ClientRequest): void => {
      request.destroy(new Error("not today"));
    };
    stage.client("ws://127.0.0.1:1/", [], { finishRequest });
    await log.until("ws", "close");
  }),
  script("the request of a connecting WebSocket can be aborted", async ({ stage, log }) => {
    const raw = await stage.rawServer(() => undefined);
    const ws = stage.client(raw.url);
    const { _req: request } = ws as unknown as { _req: ClientRequest };
    request.destroy();
    await log.until("ws", "close");
  }),
  script("an error without a listener ends the process", async ({ stage, log }) => {
    stage.catchUncaught();
    const ws = stage.make(`ws://127.0.0.1:${await stage.deadPort()}/`);
    ws.on("close", () => log.add("uncaught", "close"));
    await log.until("uncaught", "uncaught");
  }),
  script("pause() and resume() while connecting do nothing", async ({ stage, log }) => {
    const ws = stage.client(`ws://127.0.0.1:${await stage.deadPort()}/`);
    log.attempt("pause", () => ws.pause());
    log.note("paused", ws.isPaused);
    log.attempt("resume", () => ws.resume());
    await log.until("ws", "close");
    log.attempt("pause", () => ws.pause());
    log.note("paused", ws.isPaused);
  }),
  script("calls while connecting", async ({ stage, log }) => {
    const ws = stage.client(`ws://127.0.0.1:${await stage.deadPort()}/`);
    log.attempt("send", () => ws.send("x"));
    log.attempt("send with a callback", () => ws.send("x", () => log.note("called")));
    log.attempt("ping", () => ws.ping());
    log.attempt("pong", () => ws.pong());
    log.attempt("ping with a callback", () => ws.ping("x", true, () => log.note("called")));
    log.attempt("pong with a callback", () => ws.pong(() => log.note("called")));
    await log.until("ws", "close");
  }),
]);
