// WebSocketStream: the constructor, `opened`, and giving up.

import {
  check,
  equal,
  type Expectation,
  isSettled,
  rejects,
  throws,
  turn,
  within,
} from "./expectation.ts";

export const streamOpen: readonly Expectation[] = [
  {
    title: "the interface: attributes and operation, enumerable",
    run: ({ WebSocketStream }) => {
      for (const name of ["url", "opened", "closed"]) {
        const { get, set, enumerable } = Object.getOwnPropertyDescriptor(
          WebSocketStream.prototype,
          name,
        ) as PropertyDescriptor;
        equal([get !== undefined, set === undefined, enumerable], [true, true, true], name);
      }
      const { enumerable } = Object.getOwnPropertyDescriptor(
        WebSocketStream.prototype,
        "close",
      ) as PropertyDescriptor;
      equal([enumerable, WebSocketStream.prototype.close.length], [true, 0]);
      equal([WebSocketStream.length, WebSocketStream.name], [1, "WebSocketStream"]);
      equal(Reflect.get(WebSocketStream.prototype, Symbol.toStringTag), "WebSocketStream");
    },
  },
  {
    title: "on other objects url and close throw a TypeError, the promises reject with one",
    run: async ({ WebSocketStream }) => {
      throws("TypeError", () => Reflect.get(WebSocketStream.prototype, "url", {}));
      throws("TypeError", () => WebSocketStream.prototype.close.call({} as never));
      for (const name of ["opened", "closed"]) {
        await rejects(
          "TypeError",
          Reflect.get(WebSocketStream.prototype, name, {}) as Promise<unknown>,
        );
      }
    },
  },
  {
    title: "needs new and a URL; the URL is that of a WebSocket",
    run: ({ WebSocketStream }) => {
      throws("TypeError", () => new (WebSocketStream as unknown as new () => object)());
      throws("TypeError", () => (WebSocketStream as unknown as (url: string) => object)("ws://x/"));
      for (const url of ["ftp://x/", "ws://x/#", "ws://x:65536/", "about:blank"]) {
        throws("SyntaxError", () => new WebSocketStream(url), url);
      }
    },
  },
  {
    title: "protocols: a sequence of tokens that differ",
    run: ({ WebSocketStream, server }) => {
      const make = (options: unknown): unknown =>
        new WebSocketStream(`${server}/echo`, options as object);
      for (const protocols of [["a", "a"], [""], ["a b"]])
        throws("SyntaxError", () => make({ protocols }), JSON.stringify(protocols));
      for (const protocols of ["a", null, 3, {}])
        throws("TypeError", () => make({ protocols }), JSON.stringify(protocols));
    },
  },
  {
    title: "options: a dictionary, and a signal that is one",
    run: ({ WebSocketStream, server }) => {
      const make = (options: unknown): unknown =>
        new WebSocketStream(`${server}/echo`, options as object);
      for (const options of [3, "x", true]) throws("TypeError", () => make(options));
      for (const signal of [null, {}, 3]) throws("TypeError", () => make({ signal }));
    },
  },
  {
    title: "opened: readable, writable, protocol and extensions",
    run: async ({ WebSocketStream, server }) => {
      const url = `${server.replace("ws:", "http:")}/protocol?choose=b`;
      const wss = new WebSocketStream(url, { protocols: ["a", "b"] });
      equal(wss.url, `${server}/protocol?choose=b`);
      check(wss.opened === wss.opened && wss.closed === wss.closed, "the same promises");
      const info = await within(wss.opened, "opened");
      equal(Object.keys(info), ["extensions", "protocol", "readable", "writable"]);
      equal([info.protocol, info.extensions], ["b", ""]);
      check(info.readable instanceof ReadableStream, "a ReadableStream");
      check(info.writable instanceof WritableStream, "a WritableStream");
      wss.close();
      await within(wss.closed, "closed");
    },
  },
  {
    title: "no connection: opened rejects without a close code, closed with 1006",
    run: async ({ WebSocketStream, WebSocketError, server }) => {
      for (const url of [`${server}/refuse`, `${server}/protocol?choose=x`, "ws://127.0.0.1:2/"]) {
        const wss = new WebSocketStream(url);
        const opened = await rejects("WebSocketError", wss.opened);
        check(opened instanceof WebSocketError, "a WebSocketError");
        equal([opened.closeCode, opened.reason], [null, ""]);
        const closed = await rejects("WebSocketError", wss.closed);
        equal([closed.closeCode, closed.reason], [1006, ""]);
      }
    },
  },
  {
    title: "close() while connecting: as if there was no connection",
    run: async ({ WebSocketStream, server }) => {
      for (const info of [undefined, { closeCode: 3000, reason: "x" }]) {
        const wss = new WebSocketStream(`${server}/never`);
        wss.close(info);
        wss.close();
        equal((await rejects("WebSocketError", wss.opened)).closeCode, null);
        equal((await rejects("WebSocketError", wss.closed)).closeCode, 1006);
      }
    },
  },
  {
    title: "signal: aborted before, nothing is connected; both reject with AbortError",
    run: async ({ WebSocketStream, server }) => {
      const wss = new WebSocketStream(`${server}/echo`, { signal: AbortSignal.abort() });
      await rejects("AbortError", wss.opened);
      await rejects("AbortError", wss.closed);
    },
  },
  {
    title: "signal: aborted before, the URL is there all the same",
    deviations: { Chromium: "its url is empty then" },
    run: ({ WebSocketStream, server }) => {
      const wss = new WebSocketStream(`${server}/echo`, { signal: AbortSignal.abort() });
      equal(wss.url, `${server}/echo`);
    },
  },
  {
    title: "signal: aborted while connecting, both reject with AbortError",
    run: async ({ WebSocketStream, server }) => {
      const controller = new AbortController();
      const wss = new WebSocketStream(`${server}/never`, { signal: controller.signal });
      await turn();
      controller.abort();
      await rejects("AbortError", wss.opened);
      await rejects("AbortError", wss.closed);
    },
  },
  {
    title: "signal: both reject with its reason",
    deviations: { Chromium: "it rejects with an AbortError of its own" },
    run: async ({ WebSocketStream, server }) => {
      const controller = new AbortController();
      const wss = new WebSocketStream(`${server}/never`, { signal: controller.signal });
      controller.abort(new RangeError("why"));
      await rejects("RangeError", wss.opened);
      await rejects("RangeError", wss.closed);
    },
  },
  {
    title: "signal: of no effect once opened",
    run: async ({ WebSocketStream, server }) => {
      const controller = new AbortController();
      const wss = new WebSocketStream(`${server}/echo`, { signal: controller.signal });
      const { readable, writable } = await within(wss.opened, "opened");
      controller.abort();
      const [reader, writer] = [readable.getReader(), writable.getWriter()];
      await writer.write("still");
      equal(await within(reader.read(), "a message"), { value: "still", done: false });
      equal(await isSettled(wss.closed), false);
      wss.close();
      await within(wss.closed, "closed");
    },
  },
];
