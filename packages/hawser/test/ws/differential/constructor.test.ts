// `new WebSocket(…)`: what it throws at once, and what it is like before anything has happened.

import { differential, type Script, script } from "./runner.ts";
import { shapeOf } from "./shape.ts";

const urls: unknown[] = [
  undefined,
  0,
  true,
  {},
  [],
  "",
  "foo",
  "/path",
  "//host",
  "bad-scheme://localhost",
  "ftp://localhost",
  "mailto:a@b",
  "ws:",
  "ws://",
  "ws:///",
  "wss://",
  "http://",
  "ws://local host",
  "ws://localhost:99999",
  "ws://[::1",
  "ws+unix:",
  "ws+unix://",
  "wss+unix:/socket",
  "ws://localhost/#fragment",
  "wss://localhost/path?query#fragment",
  "http://localhost#f",
  "ws+unix:/socket:/path#f",
  "data:text/plain,x",
  "file:///etc/passwd",
  "javascript:1",
];

const protocolLists: unknown[] = [
  null,
  "",
  " ",
  [""],
  ["foo", ""],
  ["foo", "foo"],
  "foo foo",
  "foo,bar",
  "foo;q=1",
  "foo\r\n",
  "föö",
  ["foo", "bar", "foo"],
  ["(foo)"],
  [null],
  [undefined],
  [1],
  [{}],
  ["a/b"],
  ["a\tb"],
  [Symbol.iterator],
  () => "foo",
];

const versions: unknown[] = [0, 7, 9, 12, 14, 100, -1, 13.5, "13", "8", null, Number.NaN, true];

const throwing: Script[] = [
  ...urls.map((url, i) =>
    script(`url ${i}: ${shapeOf(url)} throws`, ({ subject, log }) => {
      log.attempt("new", () => new subject.WebSocket(url as string));
    }),
  ),
  ...["ws://localhost#x", "ftp://localhost", "ws+unix:"].map((url) =>
    script(`a URL object ${url} throws`, ({ subject, log }) => {
      log.attempt("new", () => new subject.WebSocket(new URL(url)));
    }),
  ),
  ...protocolLists.map((protocols, i) =>
    script(`protocols ${i}: ${shapeOf(protocols)} throws`, ({ stage, log }) => {
      log.attempt("new", () => stage.keep(stage.make("ws://127.0.0.1:1", protocols)).url);
    }),
  ),
  ...versions.map((protocolVersion) =>
    script(`protocolVersion ${shapeOf(protocolVersion)} throws`, ({ stage, log }) => {
      log.attempt(
        "new",
        () => stage.keep(stage.make("ws://127.0.0.1:1", [], { protocolVersion })).url,
      );
    }),
  ),
];

const readBack: Script[] = [
  "ws://127.0.0.1:1",
  "ws://127.0.0.1:1/",
  "ws://127.0.0.1:1/a/../b?c=d",
  "ws://127.0.0.1:1?x",
  "WS://127.0.0.1:1/UPPER",
  "wss://127.0.0.1:1/",
  "http://127.0.0.1:1/x",
  "https://127.0.0.1:1/x",
  "ws://user:pass@127.0.0.1:1/",
  "ws+unix:/nowhere/socket:/path?q",
  "ws+unix:nowhere.sock",
  "ws+unix:/",
  "ws+unix:///",
  "ws+unix://host/socket",
  "ws://127.0.0.1:1#",
].map((url) =>
  script(`url of ${url}`, ({ stage, log }) => {
    log.attempt("url", () => stage.keep(stage.make(url)).url);
    log.attempt("URL object", () => stage.keep(stage.make(new URL(url))).url);
  }),
);

differential("constructor", [
  ...throwing,
  ...readBack,
  script("properties before anything has happened", ({ stage, log }) => {
    const ws = stage.keep(stage.make("ws://127.0.0.1:1/"));
    log.note("readyState", ws.readyState);
    log.note("binaryType", ws.binaryType);
    log.note("bufferedAmount", ws.bufferedAmount);
    log.note("extensions", ws.extensions);
    log.note("protocol", ws.protocol);
    log.note("isPaused", ws.isPaused);
    log.note("handlers", ws.onopen, ws.onmessage, ws.onclose, ws.onerror);
    log.note("constants", ws.CONNECTING, ws.OPEN, ws.CLOSING, ws.CLOSED);
  }),
  script("options as the second argument", async ({ stage, log }) => {
    const raw = await stage.rawServer(() => undefined);
    stage.client(raw.url, { headers: { "X-Second": "yes" }, handshakeTimeout: 50 });
    await log.until("ws", "close");
    log.note("request", /X-Second: yes/.test(raw.requests[0] ?? ""));
  }),
  ...[undefined, {}, []].map((second) =>
    script(`${shapeOf(second)} as the second argument`, async ({ stage, log }) => {
      const raw = await stage.rawServer((peer) => peer.destroy());
      stage.client(raw.url, second, { headers: { "X-Third": "yes" } });
      await log.until("ws", "close");
      log.note(
        "request",
        raw.requests.map((request) => /X-Third: yes/.test(request)),
      );
    }),
  ),
  script("the options object and its parts are not changed", async ({ stage, log }) => {
    const options = {
      headers: { a: "b" },
      perMessageDeflate: { threshold: 1 },
      handshakeTimeout: 1_000,
    };
    const raw = await stage.rawServer((peer) => peer.destroy());
    stage.client(raw.url, ["x"], options);
    await log.until("ws", "close");
    log.note("options", options);
  }),
  script("a subclass", ({ subject, stage, log }) => {
    class Child extends subject.WebSocket {
      readonly extra = 1;
    }
    const ws = stage.keep(new Child("ws://127.0.0.1:1/"));
    log.note("is", ws instanceof Child, ws instanceof subject.WebSocket, ws.constructor.name);
    log.note("static", Child.OPEN);
  }),
  script("a relative URL has no base", ({ subject, log }) => {
    log.attempt("new", () => new subject.WebSocket("./socket"));
  }),
  script("readyState can't be set", ({ stage, log }) => {
    const ws = stage.keep(stage.make("ws://127.0.0.1:1/")) as unknown as Record<string, unknown>;
    for (const name of ["readyState", "url", "protocol", "bufferedAmount", "isPaused", "OPEN"]) {
      log.attempt(name, () => {
        ws[name] = 7;
      });
    }
  }),
]);
