// Requests that a server accepts, or that the program's own code decides about: `path`, `shouldHandle`,
// `verifyClient`, `handleProtocols`, the event `headers`, and the 101 itself.

import { createServer, type IncomingMessage } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { connect as connectTls } from "node:tls";
import { makeCertificate } from "../../support/certificate.ts";
import { frame } from "../../support/frame.ts";
import { type Fields, requestText, sampleKey } from "../../support/http-head.ts";
import { RawPeer } from "../../support/raw-peer.ts";
import { differential, type Play, type Script, script } from "./runner.ts";
import { shapeOf } from "./shape.ts";
import type { Loose } from "./subjects.ts";
import { writeHead } from "./wire.ts";

/** Opens a raw peer on a server with such options; writes the head that answers, and any body. */
async function ask(
  { stage, log }: Play,
  options: Loose,
  fields: Fields = {},
  url = "/",
): Promise<void> {
  const server = await stage.server(options);
  const peer = await stage.dial(server);
  peer.write(requestText(fields, `GET ${url} HTTP/1.1`));
  const head = await peer.readHeadText();
  writeHead(log, head, "wire", sampleKey);
  if (/ 101 /.test(head)) await log.until("server", "connection");
  else log.add("wire", "body", (await peer.readToEnd()).toString());
}

type Verify = (...values: unknown[]) => unknown;
type Done = (ok: boolean, ...rest: unknown[]) => void;

const verdicts: [string, Verify][] = [
  ["true", () => true],
  ["false", () => false],
  ["1", () => 1],
  ["undefined", () => undefined],
  ["a promise of false", async () => false],
];

const answers: [string, unknown[]][] = [
  ["true", [true]],
  ["1", [1]],
  ["nothing", []],
  ["false", [false]],
  ["false, 404", [false, 404]],
  ["false, 404, text", [false, 404, "nowhere"]],
  ["false, 401 and fields", [false, 401, "who?", { "X-Why": "so", Retry: 3 }]],
  [
    "false and fields of the refusal",
    [false, 401, undefined, { "Content-Type": "x/y", Connection: "z" }],
  ],
  ["false, 418", [false, 418]],
  ["false, text beyond ASCII", [false, 400, "nö"]],
  ["false, an empty text", [false, 400, ""]],
];

const chosen: [string, (offered: Set<string>, request: IncomingMessage) => unknown][] = [
  ["the first", (offered) => [...offered][0]],
  ["the last", (offered) => [...offered].pop()],
  ["another", () => "other"],
  ["false", () => false],
  ["undefined", () => undefined],
  ["null", () => null],
  ["an empty one", () => ""],
];

const paths: [string, string][] = [
  ["/foo", "/foo"],
  ["/foo", "/foo?a=b"],
  ["/foo", "/bar"],
  ["/foo", "/foo/"],
  ["/foo", "/FOO"],
  ["/foo", "/foo/bar"],
  ["/", "/"],
  ["/", "/?x"],
  ["", "/any"],
  ["foo", "/foo"],
  ["/foo?a=b", "/foo?a=b"],
  ["/foo", "http://host/foo"],
];

/** The verifyClient of arity 2 that answers so. */
function answering(values: unknown[]): Verify {
  return (...given: unknown[]) => (given[1] as Done)(...(values as [boolean]));
}

const verifyScripts: Script[] = [
  ...verdicts.map(([title, verdict]) =>
    script(`verifyClient gives ${title}`, (play) =>
      ask(play, { verifyClient: (info: unknown) => verdict(info) }),
    ),
  ),
  ...answers.map(([title, values]) =>
    script(`verifyClient calls back with ${title}`, (play) =>
      ask(play, {
        verifyClient: (info: unknown, done: Done) => answering(values)(info, done),
      }),
    ),
  ),
];

const origins: [string, Fields][] = [
  ["version 13", { Origin: "https://example.com" }],
  ["version 8", { "Sec-WebSocket-Version": "8", "Sec-WebSocket-Origin": "https://o8.example" }],
  ["version 8 with Origin", { "Sec-WebSocket-Version": "8", Origin: "https://o8.example" }],
  ["none", {}],
];

differential("what the server accepts", [
  ...verifyScripts,
  ...origins.map(([title, fields]) =>
    script(`verifyClient gets the origin: ${title}`, (play) =>
      ask(
        play,
        {
          verifyClient: (info: Loose) => {
            play.log.note("info", Object.keys(info), info["origin"], info["secure"]);
            return true;
          },
        },
        fields,
      ),
    ),
  ),
  script("verifyClient gets the request", (play) =>
    ask(play, {
      verifyClient: ({ req }: { req: IncomingMessage }, done: Done) => {
        play.log.note("req", req.url, req.constructor.name, req.headers["sec-websocket-key"]);
        setImmediate(done, true);
      },
    }),
  ),
  script("verifyClient on TLS is secure", async ({ stage, log }) => {
    const https = createSecureServer(makeCertificate());
    stage.makeServer({
      server: https,
      verifyClient: ({ secure }: Loose) => {
        log.note("secure", secure);
        return true;
      },
    });
    const socket = connectTls({ port: await stage.listen(https), rejectUnauthorized: false });
    const peer = new RawPeer(socket);
    stage.atEnd(() => peer.destroy());
    peer.write(requestText());
    writeHead(log, await peer.readHeadText(), "wire", sampleKey);
  }),
  script("the client goes while verifyClient thinks", async ({ stage, log }) => {
    let answer: Done | undefined;
    const verifyClient = ({ req }: { req: IncomingMessage }, done: Done): void => {
      answer = done;
      log.note("asked");
      req.socket.on("end", () => log.note("end")).resume();
    };
    const server = await stage.server({ verifyClient });
    server.on("connection", () => log.note("connection"));
    const peer = await stage.dial(server);
    peer.write(requestText());
    await log.until("script", "asked");
    peer.socket.end();
    await log.until("script", "end");
    log.attempt("answer", () => answer?.(true));
    log.note("peer", await peer.waitForEnd(), await peer.readToEnd());
  }),
  script("frames that come while verifyClient thinks are kept", async ({ stage, log }) => {
    const verifyClient = (_: unknown, done: Done): void => void setImmediate(done, true);
    const server = await stage.server({ verifyClient });
    const peer = await stage.dial(server);
    peer.write(Buffer.concat([Buffer.from(requestText()), frame(1, "early")]));
    await log.until("accepted", "message");
  }),
  ...chosen.map(([title, choose]) =>
    script(`handleProtocols chooses ${title}`, async (play) => {
      const handleProtocols = (offered: Set<string>, request: IncomingMessage): unknown => {
        play.log.note("asked", offered, request.url);
        return choose(offered, request);
      };
      await ask(play, { handleProtocols }, { "Sec-WebSocket-Protocol": "foo, bar,baz" });
    }),
  ),
  script("handleProtocols is not asked when there is nothing to choose", (play) =>
    ask(play, { handleProtocols: () => play.log.note("asked") }),
  ),
  script("ws.protocol of the server", async ({ stage, log }) => {
    const fields = { "Sec-WebSocket-Protocol": "foo, bar" };
    const { ws } = await stage.asServer({ handleProtocols: () => "bar" }, { fields });
    log.note("protocol", ws.protocol, ws.extensions, ws.url, ws.readyState, ws.isPaused);
    log.note("more", ws.binaryType, ws.bufferedAmount);
  }),
  ...paths.map(([path, url]) =>
    script(`path ${shapeOf(path)} and request ${url}`, (play) => ask(play, { path }, {}, url)),
  ),
  ...[true, false, 1, 0, undefined].map((answer) =>
    script(`shouldHandle gives ${answer}`, async ({ stage, log }) => {
      const server = await stage.server();
      server.shouldHandle = () => answer as boolean;
      const peer = await stage.dial(server);
      peer.write(requestText());
      writeHead(log, await peer.readHeadText(), "wire", sampleKey);
    }),
  ),
  script("shouldHandle may give a promise, which is true", async ({ stage, log }) => {
    const server = await stage.server();
    server.shouldHandle = async () => false;
    const peer = await stage.dial(server);
    peer.write(requestText());
    writeHead(log, await peer.readHeadText(), "wire", sampleKey);
  }),
  script("headers: the lines, which may be changed", async ({ stage, log }) => {
    const server = await stage.server({ perMessageDeflate: true });
    server.on("headers", (lines: string[], request: IncomingMessage) => {
      log.note(
        "lines",
        lines.map((line) => line.replace(/Accept: .*/, "Accept: …")),
        request.url,
      );
      log.note("clients", server.clients.size);
      lines.push("X-Added: yes", "Set-Cookie: a=b");
      lines.splice(1, 0, "X-First: yes");
    });
    const peer = await stage.dial(server);
    peer.write(
      requestText({
        "Sec-WebSocket-Protocol": "foo",
        "Sec-WebSocket-Extensions": "permessage-deflate",
      }),
    );
    writeHead(log, await peer.readHeadText(), "wire", sampleKey);
  }),
  script("headers comes before connection", async ({ stage, log }) => {
    const server = await stage.server();
    server.on("headers", () => log.note("headers"));
    server.on("connection", () => log.note("connection"));
    const peer = await stage.dial(server);
    peer.write(requestText());
    await log.until("script", "connection");
  }),
  ...["permessage-deflate", "permessage-deflate; client_max_window_bits"].map((offer) =>
    script(`ws.extensions after ${offer}`, async ({ stage, log }) => {
      const fields = { "Sec-WebSocket-Extensions": offer };
      const { ws } = await stage.asServer({ perMessageDeflate: true }, { fields });
      log.note("extensions", ws.extensions);
    }),
  ),
  script("the option WebSocket", async ({ subject, stage, log }) => {
    class Child extends subject.WebSocket {
      constructor(...values: unknown[]) {
        super(...(values as [string]));
        log.note("constructed", values.length, values[0], values[1], typeof values[2]);
      }
      get extra(): string {
        return "extra";
      }
    }
    const { ws } = await stage.asServer({ WebSocket: Child });
    log.note("is", ws instanceof Child, (ws as Child).extra, ws.readyState);
  }),
  script("the first packet carries frames", async ({ stage, log }) => {
    const first = Buffer.concat([frame(1, "one"), frame(9, "two"), frame(2, "three")]);
    await stage.asServer({}, { first });
    await log.until("ws", "message", 2);
    await log.until("wire", "pong");
  }),
  script("the first packet carries half a frame", async ({ stage, log }) => {
    const whole = frame(1, "half");
    const { peer } = await stage.asServer({}, { first: whole.subarray(0, 5) });
    peer.write(whole.subarray(5));
    await log.until("ws", "message");
  }),
  script("send in the listener of connection", async ({ stage, log }) => {
    const { peer } = await stage.asServer(
      {},
      { prepare: (ws) => ws.send("hello"), isSilent: true },
    );
    log.note("text", await peer.readText());
  }),
  script("the request keeps its socket and its fields", async ({ stage, log }) => {
    const http = createServer();
    const server = stage.makeServer({ server: http });
    server.on("connection", (ws, request) => {
      log.note("request", request.method, request.headers.cookie, request.httpVersion);
      const { _socket: socket } = ws as unknown as Loose;
      log.note("same", socket === request.socket, request.socket.remoteAddress);
      log.note("timeout", request.socket.timeout);
    });
    const peer = await stage.dial(await stage.listen(http));
    peer.write(requestText({ Cookie: "a=b" }));
    await log.until("script", "same");
  }),
]);
