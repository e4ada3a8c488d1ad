// The opening handshake that a client sends: the request line, its fields in their order, and what each
// option changes in it.

import http, { Agent, type ClientRequest } from "node:http";
import https from "node:https";
import net, { connect } from "node:net";
import tls from "node:tls";
import { differential, type Play, type Script, script } from "./runner.ts";
import { shapeOf } from "./shape.ts";
import type { Loose } from "./subjects.ts";
import { writeHead } from "./wire.ts";

/** Sends the request, writes it down, and refuses. */
async function ask(
  { stage, log }: Play,
  protocols: unknown,
  options: Loose = {},
  rewrite: (url: string) => string = (url) => url,
): Promise<void> {
  const raw = await stage.rawServer((peer, head) => {
    writeHead(log, head);
    peer.destroy();
  });
  stage.client(rewrite(raw.url), protocols, options);
  await log.until("ws", "close");
}

function withOptions(title: string, options: () => Loose): Script {
  return script(title, (play) => ask(play, [], options()));
}

const offers: unknown[] = [
  true,
  false,
  undefined,
  {},
  { threshold: 0 },
  { clientMaxWindowBits: true },
  { clientMaxWindowBits: false },
  { clientMaxWindowBits: 8 },
  { clientMaxWindowBits: 9 },
  { clientMaxWindowBits: 15 },
  { serverMaxWindowBits: 8 },
  { serverMaxWindowBits: 12 },
  { serverMaxWindowBits: 15 },
  { serverMaxWindowBits: true },
  { clientNoContextTakeover: true },
  { clientNoContextTakeover: false },
  { serverNoContextTakeover: true },
  { serverNoContextTakeover: false },
  {
    serverNoContextTakeover: true,
    clientNoContextTakeover: true,
    serverMaxWindowBits: 10,
    clientMaxWindowBits: 11,
  },
  { clientMaxWindowBits: 11, serverMaxWindowBits: 10, threshold: 5, concurrencyLimit: 2 },
];

const urls: [string, (url: string) => string][] = [
  ["no path", (url) => url.slice(0, -1)],
  ["a path and a query", (url) => `${url}a/b?c=d&e`],
  ["only a query", (url) => `${url.slice(0, -1)}?c=d`],
  ["an empty query", (url) => `${url}?`],
  ["characters that are escaped", (url) => `${url}ä b/"<>`],
  ["escapes", (url) => `${url}%20%2F`],
  ["dots", (url) => `${url}a/./b/../c`],
  ["localhost", (url) => url.replace("127.0.0.1", "localhost")],
  ["an upper-case scheme", (url) => url.replace("ws", "WS")],
  ["http", (url) => url.replace("ws", "http")],
  ["user and password", (url) => url.replace("//", "//user:secret@")],
  ["a user alone", (url) => url.replace("//", "//user@")],
  ["an empty user", (url) => url.replace("//", "//:secret@")],
  ["escaped user and password", (url) => url.replace("//", "//us%40er:p%3Ass%20w@")],
  ["user and password with a bad escape", (url) => url.replace("//", "//us%zzer:p%@")],
  ["user and password beyond Latin-1", (url) => url.replace("//", "//%F0%9F%98%80:%C3%A4@")],
];

differential("the client's request", [
  script("without options", (play) => ask(play, undefined)),
  ...offers.map((perMessageDeflate) =>
    withOptions(`perMessageDeflate: ${shapeOf(perMessageDeflate)}`, () => ({ perMessageDeflate })),
  ),
  ...urls.map(([title, rewrite]) =>
    script(`url with ${title}`, (play) => ask(play, undefined, {}, rewrite)),
  ),
  ...(["foo", ["foo"], ["foo", "bar", "a-b.c_d!#$%&'*+^`|~1"], [], undefined] as const).map(
    (protocols) => script(`protocols ${shapeOf(protocols)}`, (play) => ask(play, protocols)),
  ),
  withOptions("protocolVersion 8", () => ({ protocolVersion: 8 })),
  withOptions("protocolVersion 13", () => ({ protocolVersion: 13 })),
  withOptions("origin", () => ({ origin: "https://example.com" })),
  withOptions("origin with version 8", () => ({
    origin: "https://example.com",
    protocolVersion: 8,
  })),
  withOptions("an empty origin", () => ({ origin: "" })),
  withOptions("headers", () => ({ headers: { Cookie: "a=b", "X-Many": ["1", "2"] } })),
  withOptions("headers that are the handshake's own", () => ({
    headers: {
      Connection: "close",
      Upgrade: "other",
      "Sec-WebSocket-Key": "mine",
      "Sec-WebSocket-Version": "7",
      "Sec-WebSocket-Extensions": "other",
      "Sec-WebSocket-Protocol": "mine",
    },
  })),
  withOptions("headers that are the handshake's own, in lower case", () => ({
    headers: { upgrade: "other", "sec-websocket-key": "mine", "sec-websocket-version": "7" },
  })),
  withOptions("the header Host", () => ({ headers: { Host: "example.com" } })),
  withOptions("the header host in lower case", () => ({ headers: { host: "example.com" } })),
  withOptions("the header Origin beside the option", () => ({
    headers: { Origin: "https://header.example" },
    origin: "https://option.example",
  })),
  withOptions("the header Authorization", () => ({ headers: { Authorization: "Bearer x" } })),
  withOptions("auth", () => ({ auth: "user:secret" })),
  script("auth beside user and password in the URL", (play) =>
    ask(play, [], { auth: "other:x" }, (url) => url.replace("//", "//user:secret@")),
  ),
  script("the header Authorization beside the URL's", (play) =>
    ask(play, [], { headers: { authorization: "Bearer x" } }, (url) =>
      url.replace("//", "//user:secret@"),
    ),
  ),
  withOptions("setHost: false", () => ({ setHost: false })),
  withOptions("path, host, hostname, port, method and protocol are the URL's", () => ({
    path: "/other",
    host: "other.example",
    hostname: "other.example",
    port: 1,
    method: "POST",
    protocol: "https:",
    socketPath: "/nowhere",
  })),
  withOptions("defaultPort", () => ({ defaultPort: 81 })),
  withOptions("timeout of the request", () => ({ timeout: 5_000 })),
  withOptions("protocols as an option", () => ({ protocols: ["foo", "bar"] })),
  script("protocols as an option beside the argument", (play) =>
    ask(play, ["argument"], { protocols: ["option"] }),
  ),
  script("protocols in options that are the second argument", async ({ stage, log }) => {
    const raw = await stage.rawServer((peer, head) => {
      writeHead(log, head);
      peer.destroy();
    });
    stage.client(raw.url, { protocols: ["a", "b"] });
    await log.until("ws", "close");
  }),
  script("a bad header throws at once", async ({ stage, log }) => {
    for (const headers of [{ "a b": "c" }, { a: "b\r\nc: d" }, { a: undefined }]) {
      log.attempt("new", () => stage.keep(stage.make("ws://127.0.0.1:1/", [], { headers })).url);
    }
  }),
  script("agent: it is asked at once, with these options", async ({ stage, log }) => {
    const agent = new Agent() as Agent & { addRequest(request: ClientRequest, how: Loose): void };
    agent.addRequest = (_, how) => {
      log.note("asked", how["host"], how["port"], how["path"], how["method"], how["timeout"]);
      log.note("port", how["defaultPort"], typeof how["createConnection"]);
    };
    const ws = stage.make("ws://127.0.0.1:1/path", [], { agent });
    stage.keep(ws);
    log.note("after");
  }),
  script("agent of a wss URL, asked at once", ({ stage, log }) => {
    const agent = new Agent() as Agent & { addRequest(request: ClientRequest, how: Loose): void };
    Object.assign(agent, { protocol: "https:" });
    agent.addRequest = (_, how) =>
      log.note("asked", how["defaultPort"], how["port"], how["servername"]);
    stage.keep(stage.make("wss://example.invalid", [], { agent }));
  }),
  script("createConnection is called with these options", async ({ stage, log }) => {
    const raw = await stage.rawServer((peer) => peer.destroy());
    const createConnection = (how: Loose): unknown => {
      log.note("create", how["host"], typeof how["port"], how["path"], how["timeout"]);
      return connect(raw.port, "127.0.0.1");
    };
    stage.client("ws://127.0.0.1:1/x", [], { createConnection });
    log.note("after");
    await log.until("ws", "close");
    log.note("requests", raw.requests.length);
  }),
  script("finishRequest: the request goes when it is ended", async (play) => {
    const finishRequest = (request: ClientRequest, ws: unknown): void => {
      play.log.note("finish", request.constructor.name, (ws as object).constructor.name);
      play.log.note("ended", request.writableEnded, request.getHeader("upgrade"));
      request.setHeader("X-Late", "yes");
      request.end();
    };
    await ask(play, [], { finishRequest });
  }),
  script("finishRequest is called after the constructor's end or before", ({ stage, log }) => {
    const finishRequest = (): void => log.note("finish");
    stage.keep(stage.make("ws://127.0.0.1:1/", [], { finishRequest }));
    log.note("constructed");
  }),
  script("lookup and family pass", async ({ stage, log }) => {
    const raw = await stage.rawServer((peer, head) => {
      writeHead(log, head);
      peer.destroy();
    });
    const lookup = (name: string, _: unknown, done: (...values: unknown[]) => void): void => {
      log.note("lookup", name);
      done(null, [{ address: "127.0.0.1", family: 4 }]);
    };
    stage.client(`ws://example.invalid:${raw.port}/`, [], { lookup });
    await log.until("ws", "close");
  }),
  script("localAddress passes", async ({ stage, log }) => {
    const raw = await stage.rawServer((peer) => {
      log.note("from", peer.socket.remoteAddress);
      peer.destroy();
    });
    stage.client(raw.url, [], { localAddress: "127.0.0.2" });
    await log.until("ws", "close");
  }),
  ...(
    [
      [http, "request", "ws:"],
      [net, "connect", "ws:"],
      [https, "request", "wss:"],
      [tls, "connect", "wss:"],
    ] as unknown as [Loose, string, string][]
  ).map(([module, name, scheme]) =>
    script(`${name}() of the module is what is called, ${scheme}`, async ({ stage, log }) => {
      const raw = await stage.rawServer((peer) => peer.destroy());
      const original = module[name] as (...values: unknown[]) => unknown;
      stage.atEnd(() => void (module[name] = original));
      module[name] = (...values: unknown[]) => {
        const { host, servername } = values[0] as Loose;
        log.note("called", host, servername);
        return original(...values);
      };
      stage.keep(stage.make(`${scheme}//127.0.0.1:${raw.port}`, [], { servername: "" }));
      module[name] = original;
      log.note("constructed");
    }),
  ),
  script("every option that the agent gets", ({ stage, log }) => {
    const agent = new Agent() as Agent & { addRequest(request: ClientRequest, how: Loose): void };
    agent.addRequest = (_, how) => log.note("options", Object.keys(how).toSorted());
    stage.keep(stage.make("ws://example.invalid", [], { agent }));
  }),
  script("the key is new in each request", async ({ stage, log }) => {
    const raw = await stage.rawServer((peer) => peer.destroy());
    stage.client(raw.url);
    stage.client(raw.url);
    await log.until("ws", "close", 2);
    const keys = raw.requests.map((text) => /Key: (.*)/.exec(text)?.[1]);
    log.note("differ", keys[0] !== keys[1], keys[0]?.length);
  }),
]);
