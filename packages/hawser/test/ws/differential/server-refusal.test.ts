// Requests that a server refuses, with every byte of the refusal; and `wsClientError`, which replaces it.

import { createServer } from "node:http";
import type { Socket } from "node:net";
import { type Fields, requestText } from "../../support/http-head.ts";
import type { RawPeer } from "../../support/raw-peer.ts";
import { differential, type Play, type Script, script } from "./runner.ts";
import type { Loose } from "./subjects.ts";
import { writeHead } from "./wire.ts";

/** Sends a request to a server with such options, and writes what comes back until the end. */
async function ask({ stage, log }: Play, text: string, options: Loose = {}): Promise<void> {
  const server = await stage.server(options);
  const peer = await stage.dial(server);
  peer.write(text);
  const [head = "", ...body] = (await answerTo(peer)).split("\r\n\r\n");
  writeHead(log, head, "wire", sampleKeyIn(text));
  log.add("wire", "body", body.join("\r\n\r\n"));
}

/** The head of a 101, a response that keeps the connection, or all that comes until the end. */
async function answerTo(peer: RawPeer): Promise<string> {
  let head: string;
  try {
    head = await peer.readHeadText();
  } catch {
    return (await peer.readToEnd()).toString();
  }
  if (/^HTTP\/1.1 101/.test(head)) return head;
  const length = Number(/Content-Length: (\d+)/.exec(head)?.[1]);
  const isLast = /Connection: close/.test(head);
  const body = isLast ? (await peer.readToEnd()).toString() : await peer.readBytes(length);
  return `${head}\r\n\r\n${body}`;
}

function sampleKeyIn(text: string): string | undefined {
  return /^Sec-WebSocket-Key: (.*)\r$/m.exec(text)?.[1];
}

function refuses(title: string, fields: Fields, options: Loose = {}, startLine?: string): Script {
  return script(title, (play) => ask(play, requestText(fields, startLine), options));
}

const key = "Sec-WebSocket-Key";
const version = "Sec-WebSocket-Version";
const subprotocol = "Sec-WebSocket-Protocol";
const extensions = "Sec-WebSocket-Extensions";

const requests: [string, Fields][] = [
  ["as it should be", {}],
  ["no Upgrade", { Upgrade: undefined }],
  ["another Upgrade", { Upgrade: "foo" }],
  ["Upgrade in upper case", { Upgrade: "WebSocket" }],
  ["two words in Upgrade", { Upgrade: "websocket, foo" }],
  ["two Upgrade fields", { Upgrade: ["websocket", "websocket"] }],
  ["no Connection", { Connection: undefined }],
  ["Connection with more words", { Connection: "keep-alive, Upgrade" }],
  ["no key", { [key]: undefined }],
  ["an empty key", { [key]: "" }],
  ["a short key", { [key]: "P5l8BJcZwRc=" }],
  ["a long key", { [key]: "dGhlIHNhbXBsZSBub25jZQ==A" }],
  ["a key without padding", { [key]: "dGhlIHNhbXBsZSBub25jZQ" }],
  ["a key with wrong padding", { [key]: "dGhlIHNhbXBsZSBub25jZQ=A" }],
  ["a key of other letters", { [key]: "dGhlIHNhbXBsZSBub25jZ!==" }],
  ["a key with trailing bits", { [key]: "dGhlIHNhbXBsZSBub25jZR==" }],
  ["two keys", { [key]: ["dGhlIHNhbXBsZSBub25jZQ==", "dGhlIHNhbXBsZSBub25jZQ=="] }],
  ["no version", { [version]: undefined }],
  ["an empty version", { [version]: "" }],
  ["version 7", { [version]: "7" }],
  ["version 8", { [version]: "8" }],
  ["version 12", { [version]: "12" }],
  ["version 14", { [version]: "14" }],
  ["version 013", { [version]: "013" }],
  ["version 13 with something behind it", { [version]: "13abc" }],
  ["version 13.0", { [version]: "13.0" }],
  ["two versions", { [version]: ["13", "13"] }],
  ["versions in a list", { [version]: "13, 8" }],
  ["an empty subprotocol", { [subprotocol]: "" }],
  ["a subprotocol", { [subprotocol]: "foo" }],
  ["subprotocols", { [subprotocol]: "foo,bar , baz" }],
  ["subprotocols in two fields", { [subprotocol]: ["foo", "bar"] }],
  ["a subprotocol twice", { [subprotocol]: "foo, foo" }],
  ["a comma at the end of subprotocols", { [subprotocol]: "foo," }],
  ["a comma first in subprotocols", { [subprotocol]: ",foo" }],
  ["two words as a subprotocol", { [subprotocol]: "foo bar" }],
  ["a subprotocol with a slash", { [subprotocol]: "a/b" }],
  ["subprotocols of prototypes", { [subprotocol]: "constructor, __proto__" }],
  ["extensions though compression is off", { [extensions]: "permessage-deflate" }],
  ["malformed extensions though compression is off", { [extensions]: "a;;;" }],
  ["an Origin", { Origin: "https://example.com" }],
  ["no Host", { Host: undefined }],
];

const badOffers = [
  "permessage-deflate",
  "foo",
  "foo, permessage-deflate",
  "permessage-deflate; client_max_window_bits=10",
  "permessage-deflate; client_max_window_bits=7",
  "permessage-deflate; client_max_window_bits=16",
  "permessage-deflate; client_max_window_bits=abc",
  "permessage-deflate; server_max_window_bits",
  "permessage-deflate; server_max_window_bits=8",
  "permessage-deflate; server_max_window_bits=foo",
  "permessage-deflate; server_no_context_takeover=true",
  "permessage-deflate; client_no_context_takeover; client_no_context_takeover",
  "permessage-deflate; foo=15",
  "permessage-deflate; __proto__",
  "permessage-deflate; client_max_window_bits=7, permessage-deflate",
  'permessage-deflate; server_max_window_bits="10"',
  "permessage-deflate; server_max_window_bits=10, permessage-deflate; server_no_context_takeover",
  "",
  "permessage-deflate;",
  "permessage-deflate=1",
  "permessage-deflate,",
  'permessage-deflate; a="b',
  "é",
];

const methods = ["POST", "PUT", "HEAD", "OPTIONS", "DELETE", "CONNECT", "get"];

const errors: [string, Fields, string?][] = [
  ["the method", {}, "POST / HTTP/1.1"],
  ["Upgrade", { Upgrade: "foo" }],
  ["the key", { [key]: "x" }],
  ["the version", { [version]: "1" }],
  ["the subprotocols", { [subprotocol]: "," }],
  ["the extensions", { [extensions]: "permessage-deflate; x" }],
];

differential("what the server answers", [
  ...requests.map(([title, fields]) => refuses(title, fields)),
  ...badOffers.map((offer) =>
    refuses(`offer ${offer}`, { [extensions]: offer }, { perMessageDeflate: true }),
  ),
  ...methods.map((method) => refuses(`method ${method}`, {}, {}, `${method} / HTTP/1.1`)),
  refuses("HTTP/1.0", {}, {}, "GET / HTTP/1.0"),
  refuses("a method and a bad key: which comes first", { [key]: "x" }, {}, "POST / HTTP/1.1"),
  refuses("a bad key and a bad version", { [key]: "x", [version]: "1" }),
  refuses("a bad version and a bad subprotocol", { [version]: "1", [subprotocol]: "," }),
  refuses("a method and a bad Upgrade", { Upgrade: "x" }, {}, "POST / HTTP/1.1"),
  refuses("a bad Upgrade and a bad key", { Upgrade: "x", [key]: "x" }),
  refuses(
    "a path that is not handled, and a bad subprotocol",
    { [subprotocol]: "," },
    { path: "/x" },
  ),
  refuses("a path that is not handled, and a bad version", { [version]: "1" }, { path: "/x" }),
  refuses(
    "a bad subprotocol and bad extensions",
    { [subprotocol]: ",", [extensions]: ";" },
    { perMessageDeflate: true },
  ),
  refuses(
    "bad extensions, and verifyClient says no",
    { [extensions]: ";" },
    { perMessageDeflate: true, verifyClient: () => false },
  ),
  refuses(
    "a bad subprotocol, and verifyClient says no",
    { [subprotocol]: "," },
    { verifyClient: () => false },
  ),
  refuses("a path that is not handled, and a bad key", { [key]: "x" }, { path: "/x" }),
  script("plain GET", (play) =>
    ask(play, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
  ),
  script("plain POST with a body", (play) =>
    ask(play, "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi"),
  ),
  script("plain GET that would keep the connection", async ({ stage, log }) => {
    const peer = await stage.dial(await stage.server());
    peer.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    const response = await peer.readResponse();
    log.note("answer", response.startLine, response.body, [...response.headers.keys()]);
  }),
  ...errors.map(([title, fields, startLine]) =>
    script(`wsClientError for ${title}`, async ({ stage, log }) => {
      const server = await stage.server({ perMessageDeflate: true });
      server.on("wsClientError", (error, socket, request) => {
        log.note("event", error, socket.constructor.name, request.url, request.headers.host);
        socket.end("HTTP/1.1 400 Mine\r\n\r\n");
      });
      const peer = await stage.dial(server);
      peer.write(requestText(fields, startLine));
      log.note("answer", (await peer.readToEnd()).toString());
    }),
  ),
  script("wsClientError: nothing is sent when the listener sends nothing", async (play) => {
    const { stage, log } = play;
    const server = await stage.server();
    server.on("wsClientError", (_, socket) => {
      log.note("event", socket.destroyed, socket.listenerCount("error"));
      socket.destroy();
    });
    const peer = await stage.dial(server);
    peer.write(requestText({ [key]: "x" }));
    log.note("answer", (await peer.readToEnd()).toString());
  }),
  script("wsClientError is not emitted for the path", async ({ stage, log }) => {
    const server = await stage.server({ path: "/x" });
    server.on("wsClientError", () => log.note("event"));
    const peer = await stage.dial(server);
    peer.write(requestText());
    log.note("answer", (await peer.readToEnd()).toString());
  }),
  script("wsClientError is not emitted for verifyClient", async ({ stage, log }) => {
    const server = await stage.server({ verifyClient: () => false });
    server.on("wsClientError", () => log.note("event"));
    const peer = await stage.dial(server);
    peer.write(requestText());
    log.note("answer", (await peer.readToEnd()).toString());
  }),
  script("wsClientError in noServer mode", async ({ stage, log }) => {
    const server = stage.makeServer({ noServer: true });
    server.on("wsClientError", (error, socket) => {
      log.note("event", error);
      socket.end();
    });
    const http = createServer();
    http.on("upgrade", (request, socket, head) =>
      server.handleUpgrade(request, socket, head, () => log.note("callback")),
    );
    const peer = await stage.dial(await stage.listen(http));
    peer.write(requestText({ [version]: "9" }));
    log.note("answer", (await peer.readToEnd()).toString());
  }),
  script("the socket of a refusal: an error on it does not end the process", async (play) => {
    const { stage, log } = play;
    const http = createServer();
    const server = stage.makeServer({ server: http });
    http.prependListener("upgrade", (_, socket: Socket) => {
      process.nextTick(() => log.note("listeners", socket.listenerCount("error") > 0));
    });
    server.on("error", () => log.note("error"));
    const peer = await stage.dial(await stage.listen(http));
    peer.write(requestText({ [key]: "x" }));
    log.note("answer", (await peer.readToEnd()).toString());
  }),
]);
