// Answers to the client's handshake: what makes it open, what makes it fail, and with which error.

import type { IncomingMessage } from "node:http";
import { closeFrame, frame } from "../../support/frame.ts";
import { acceptanceText, type Fields, headText } from "../../support/http-head.ts";
import { accepting, type RawAnswer } from "../../support/raw-server.ts";
import { differential, type Play, type Script, script } from "./runner.ts";
import type { Loose } from "./subjects.ts";

/** Connects, writes down how it went, and closes when it opened. */
async function connect(
  { stage, log }: Play,
  answer: RawAnswer,
  protocols: string[] = [],
  options: Loose = {},
): Promise<void> {
  const raw = await stage.rawServer(answer);
  const ws = stage.client(raw.url, protocols, options);
  ws.on("open", () => {
    log.note("opened", ws.protocol, ws.extensions);
    ws.terminate();
  });
  await log.until("ws", "close");
  log.note("closed", ws.protocol, ws.extensions, ws.readyState);
  await raw.peers[0]?.waitForEnd();
  log.note("end", raw.peers[0]?.ending);
}

function answers(title: string, fields: Fields, protocols?: string[], options?: Loose): Script {
  return script(title, (play) => connect(play, accepting(fields), protocols, options));
}

const extensions = "Sec-WebSocket-Extensions";
const subprotocol = "Sec-WebSocket-Protocol";
const accept = "Sec-WebSocket-Accept";

const badFields: [string, Fields][] = [
  ["no Upgrade field", { Upgrade: undefined }],
  ["another Upgrade", { Upgrade: "foobarbaz" }],
  ["an empty Upgrade", { Upgrade: "" }],
  ["Upgrade in upper case", { Upgrade: "WEBSOCKET" }],
  ["two Upgrade fields", { Upgrade: ["websocket", "websocket"] }],
  ["two protocols in Upgrade", { Upgrade: "websocket, foo" }],
  ["no Connection field", { Connection: undefined }],
  ["another Connection", { Connection: "keep-alive" }],
  ["Connection in upper case with others", { Connection: "KEEP-ALIVE, UPGRADE" }],
  ["no accept", { [accept]: undefined }],
  ["an empty accept", { [accept]: "" }],
  ["another accept", { [accept]: "CxYS6+NgJSBG74mdgLvGscRvpns=" }],
  ["two accepts", { [accept]: ["a", "b"] }],
  ["more fields", { "X-Other": "1", "Set-Cookie": ["a=b", "c=d"], Date: "x" }],
];

const extensionAnswers: [string, string | string[]][] = [
  ["permessage-deflate", "permessage-deflate"],
  ["in upper case", "PERMESSAGE-DEFLATE"],
  ["with client_max_window_bits", "permessage-deflate; client_max_window_bits=10"],
  ["with client_max_window_bits 8", "permessage-deflate; client_max_window_bits=8"],
  ["with client_max_window_bits without a value", "permessage-deflate; client_max_window_bits"],
  ["with client_max_window_bits 7", "permessage-deflate; client_max_window_bits=7"],
  ["with client_max_window_bits 16", "permessage-deflate; client_max_window_bits=16"],
  ["with client_max_window_bits quoted", 'permessage-deflate; client_max_window_bits="12"'],
  ["with server_max_window_bits", "permessage-deflate; server_max_window_bits=9"],
  ["with server_max_window_bits 7", "permessage-deflate; server_max_window_bits=7"],
  ["with server_max_window_bits without a value", "permessage-deflate; server_max_window_bits"],
  ["with server_no_context_takeover", "permessage-deflate; server_no_context_takeover"],
  ["with client_no_context_takeover", "permessage-deflate; client_no_context_takeover"],
  [
    "with a value for server_no_context_takeover",
    "permessage-deflate; server_no_context_takeover=1",
  ],
  ["with an unknown parameter", "permessage-deflate; foo"],
  ["with __proto__ as a parameter", "permessage-deflate; __proto__=1"],
  [
    "with a parameter twice",
    "permessage-deflate; client_max_window_bits=9; client_max_window_bits=9",
  ],
  ["twice", "permessage-deflate, permessage-deflate"],
  ["in two fields", ["permessage-deflate", "permessage-deflate"]],
  ["another extension", "foo"],
  ["another extension beside it", "permessage-deflate, foo"],
  ["an empty header", ""],
  ["malformed: an unclosed quote", 'permessage-deflate; client_max_window_bits="10'],
  ["malformed: a semicolon at the end", "permessage-deflate;"],
  ["malformed: a comma first", ",permessage-deflate"],
  ["malformed: an equals sign alone", "permessage-deflate; =10"],
];

const subprotocolAnswers: [string, string | string[] | undefined, string[]][] = [
  ["none, though one was offered", undefined, ["foo"]],
  ["the one offered", "foo", ["foo"]],
  ["the second one offered", "bar", ["foo", "bar"]],
  ["one that was not offered", "baz", ["foo", "bar"]],
  ["one, though none was offered", "foo", []],
  ["another case", "FOO", ["foo"]],
  ["an empty one", "", ["foo"]],
  ["an empty one, though none was offered", "", []],
  ["two", "foo, bar", ["foo", "bar"]],
  ["two fields", ["foo", "bar"], ["foo", "bar"]],
  ["the prototype's name", "constructor", ["foo"]],
];

const statuses = [100, 102, 200, 201, 204, 302, 304, 400, 401, 404, 426, 500, 503];

function refusal(status: number, body = "no"): string {
  return `${headText(`HTTP/1.1 ${status} Reason`, { "Content-Length": String(body.length) })}${body}`;
}

const malformed: [string, string][] = [
  ["not HTTP", "hello\r\n\r\n"],
  ["an HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
  ["a field without a colon", "HTTP/1.1 101 Switching Protocols\r\nfoo\r\n\r\n"],
  [
    "HTTP/1.0",
    "HTTP/1.0 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
  ],
  ["half a head", "HTTP/1.1 101 Switching"],
  ["nothing", ""],
];

differential("the client and the response", [
  ...badFields.map(([title, fields]) => answers(title, fields)),
  ...extensionAnswers.map(([title, value]) =>
    answers(`extensions: ${title}`, { [extensions]: value }),
  ),
  ...[
    true,
    { clientMaxWindowBits: 10 },
    { serverMaxWindowBits: 10 },
    { clientMaxWindowBits: false },
    { clientNoContextTakeover: true },
    { clientNoContextTakeover: false },
    { serverNoContextTakeover: true },
  ].flatMap((perMessageDeflate) =>
    [
      "permessage-deflate",
      "permessage-deflate; client_max_window_bits=11",
      "permessage-deflate; client_max_window_bits=9",
      "permessage-deflate; server_max_window_bits=11",
      "permessage-deflate; server_max_window_bits=9",
      "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
    ].map((answer) =>
      answers(
        `offer ${JSON.stringify(perMessageDeflate)}, answer ${answer}`,
        { [extensions]: answer },
        [],
        { perMessageDeflate },
      ),
    ),
  ),
  answers(
    "extensions though perMessageDeflate is false",
    { [extensions]: "permessage-deflate" },
    [],
    {
      perMessageDeflate: false,
    },
  ),
  answers("an empty extensions field though perMessageDeflate is false", { [extensions]: "" }, [], {
    perMessageDeflate: false,
  }),
  ...subprotocolAnswers.map(([title, value, offered]) =>
    answers(`subprotocol: ${title}`, { [subprotocol]: value }, offered),
  ),
  ...statuses.map((status) =>
    script(`status ${status}`, (play) =>
      connect(play, (peer) => {
        peer.write(refusal(status));
        if (status < 200) peer.socket.end();
      }),
    ),
  ),
  ...malformed.map(([title, text]) =>
    script(`malformed: ${title}`, (play) =>
      connect(play, (peer) => {
        peer.write(text);
        peer.socket.end();
      }),
    ),
  ),
  script("101 without Upgrade and with a body behind it", (play) =>
    connect(play, (peer, request) => {
      peer.write(acceptanceText(request, { Upgrade: undefined }));
      peer.write("body");
    }),
  ),
  script("frames in the packet of the 101", async ({ stage, log }) => {
    const first = Buffer.concat([
      frame(1, "one", { masked: false }),
      frame(9, "two", { masked: false }),
      frame(2, "three", { masked: false }),
    ]);
    const { ws } = await stage.asClient({}, { first });
    await log.until("ws", "message", 2);
    ws.terminate();
    await log.until("ws", "close");
    await log.until("wire", "end");
  }),
  script("a Close frame in the packet of the 101", async ({ stage, log }) => {
    const first = closeFrame(1001, "bye", { masked: false });
    await stage.asClient({}, { first, onFrame: (_, peer) => peer.socket.end() });
    await log.until("ws", "close");
    await log.until("wire", "end");
  }),
  script("a faulty frame in the packet of the 101", async ({ stage, log }) => {
    const first = frame(5, "", { masked: false });
    await stage.asClient({}, { first, onFrame: (_, peer) => peer.socket.end() });
    await log.until("ws", "close");
    await log.until("wire", "end");
  }),
  script("upgrade comes before open, with the response", async ({ stage, log }) => {
    const raw = await stage.rawServer(accepting({ "X-Other": "yes", "Set-Cookie": ["a", "b"] }));
    const ws = stage.client(raw.url);
    ws.on("upgrade", (response: IncomingMessage) => {
      log.note("headers", response.headers["x-other"], response.headers["set-cookie"]);
      log.note("state", ws.readyState, ws.protocol, response.constructor.name);
      log.attempt("send", () => ws.send("too early"));
    });
    await log.until("ws", "open");
  }),
  ...(["close", "terminate"] as const).map((method) =>
    script(`${method}() in upgrade`, async ({ stage, log }) => {
      const raw = await stage.rawServer(accepting());
      const ws = stage.client(raw.url);
      ws.on("upgrade", () => log.attempt(method, () => ws[method]()));
      await log.until("ws", "close");
      log.note("state", ws.readyState);
      await raw.peers[0]?.waitForEnd();
    }),
  ),
  script("an informational response comes first", (play) =>
    connect(play, (peer, request) => {
      peer.write("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n");
      peer.write(acceptanceText(request));
    }),
  ),
  script("the head comes byte by byte", (play) =>
    connect(play, (peer, request) => peer.writeByteByByte(acceptanceText(request))),
  ),
  script("unexpected-response: a listener takes over", async ({ stage, log }) => {
    const raw = await stage.rawServer((peer) => peer.write(refusal(401, "who?")));
    const ws = stage.client(raw.url);
    ws.on("unexpected-response", (request, response: IncomingMessage) => {
      log.note("event", request.constructor.name, response.statusCode, ws.readyState);
      log.note("path", request.path, response.headers["content-length"]);
      response.on("data", (chunk: Buffer) => log.note("body", chunk));
      response.on("end", () => {
        log.note("end", ws.readyState);
        ws.close();
      });
    });
    await log.until("ws", "close");
  }),
  script("unexpected-response: the listener may abort the request", async ({ stage, log }) => {
    const raw = await stage.rawServer((peer) => peer.write(refusal(403)));
    const ws = stage.client(raw.url);
    ws.on("unexpected-response", (request) => {
      request.on("close", () => log.note("closed", ws.readyState));
      request.destroy();
    });
    await log.until("script", "closed");
  }),
  script("unexpected-response: terminate in the listener", async ({ stage, log }) => {
    const raw = await stage.rawServer((peer) => peer.write(refusal(403)));
    const ws = stage.client(raw.url);
    ws.on("unexpected-response", () => ws.terminate());
    await log.until("ws", "close");
  }),
  script("unexpected-response is not emitted for a faulty 101", async ({ stage, log }) => {
    const raw = await stage.rawServer(accepting({ [accept]: "x" }));
    const ws = stage.client(raw.url);
    ws.on("unexpected-response", () => log.note("unexpected-response"));
    await log.until("ws", "close");
  }),
]);
