// WebSocketStream: every way to its end, and what the two streams and `closed` make of it.

import {
  type Api,
  ask,
  equal,
  type Expectation,
  isSettled,
  newId,
  type OpenStream,
  openStream,
  rejects,
  throws,
  within,
} from "./expectation.ts";

/** What is seen of the end: `closed`, the readable, the writable. */
async function endOf({ wss, reader, writer }: OpenStream): Promise<string[]> {
  const promises = { closed: wss.closed, readable: reader.closed, writable: writer.closed };
  const all: string[] = [];
  for (const [name, promise] of Object.entries(promises)) {
    const outcome = await within(promise as Promise<unknown>, name).then(
      (info) => `${name} ${info === undefined ? "closed" : JSON.stringify(info)}`,
      (error: { name?: string; closeCode?: number; reason?: string } | undefined) =>
        `${name} errored ${error?.name} ${error?.closeCode ?? ""} ${error?.reason ?? ""}`.trim(),
    );
    all.push(outcome);
  }
  return all;
}

/** What our Close frame was, in hexadecimal. */
async function closeFrameOf(api: Api, act: (opened: OpenStream) => unknown): Promise<string> {
  const id = newId();
  const opened = await openStream(api, `/note?id=${id}`);
  await act(opened);
  await within(
    opened.wss.closed.catch(() => undefined),
    "closed",
  );
  return (await ask(api, `/noted?id=${id}`)).replace("close ", "");
}

const lost = [
  "closed errored WebSocketError 1006",
  "readable errored WebSocketError 1006",
  "writable errored WebSocketError 1006",
];

export const streamClose: readonly Expectation[] = [
  {
    title: "close(): the readable closes, the writable errors, closed says how",
    run: async (api) => {
      const opened = await openStream(api, "/echo");
      opened.wss.close({ closeCode: 3456, reason: "why" });
      equal(await endOf(opened), [
        'closed {"closeCode":3456,"reason":""}',
        "readable closed",
        "writable errored InvalidStateError",
      ]);
      equal(await within(opened.reader.read(), "read"), { value: undefined, done: true });
      await rejects("InvalidStateError", opened.writer.write("x"));
      opened.wss.close();
    },
  },
  {
    title: "close(): without a code no payload, a reason alone with 1000",
    run: async (api) => {
      equal(await closeFrameOf(api, ({ wss }) => wss.close()), "");
      equal(await closeFrameOf(api, ({ wss }) => wss.close({})), "");
      equal(await closeFrameOf(api, ({ wss }) => wss.close({ reason: "why" })), "03e8776879");
      equal(await closeFrameOf(api, ({ wss }) => wss.close({ closeCode: 4000 })), "0fa0");
      equal(
        await closeFrameOf(api, ({ wss }) => {
          wss.close({ closeCode: 4000, reason: "ä" });
          wss.close({ closeCode: 4001 });
        }),
        "0fa0c3a4",
      );
    },
  },
  {
    title: "close(): the checks of a WebSocket, and no change of state",
    run: async (api) => {
      const opened = await openStream(api, "/echo");
      const close = (info: unknown): void => opened.wss.close(info as object);
      for (const closeCode of [0, 999, 1001, 1006, 2999, 5000, 70_000, NaN, null])
        throws("InvalidAccessError", () => close({ closeCode }), String(closeCode));
      throws("SyntaxError", () => close({ closeCode: 1000, reason: "x".repeat(124) }));
      throws("SyntaxError", () => close({ reason: "x".repeat(124) }));
      throws("TypeError", () => close(3));
      await opened.writer.write("still open");
      equal((await within(opened.reader.read(), "a chunk")).value, "still open");
      close(null);
      await within(opened.wss.closed, "closed");
    },
  },
  {
    title: "close(): what was written before is sent, what is written after is not",
    run: async (api) => {
      const id = newId();
      const { wss, writer } = await openStream(api, `/note?id=${id}`);
      const before = writer.write("before");
      wss.close({ closeCode: 1000 });
      const after = writer.write("after");
      await within(Promise.all([before, after]), "both writes");
      await within(wss.closed, "closed");
      equal(await ask(api, `/noted?id=${id}`), 'text "before", close 03e8');
    },
  },
  {
    title: "closing the writable does the closing handshake, and is done with it",
    run: async (api) => {
      const opened = await openStream(api, "/echo");
      await within(opened.writer.close(), "the writable's end");
      equal(await endOf(opened), [
        'closed {"closeCode":1005,"reason":""}',
        "readable closed",
        "writable closed",
      ]);
      equal(await closeFrameOf(api, ({ writer }) => writer.close()), "");
    },
  },
  {
    title: "closing the writable: pends until the peer answers, behind all that was written",
    run: async (api) => {
      const id = newId();
      const { wss, writer } = await openStream(api, `/deaf?id=${id}`);
      void writer.write("x");
      const closing = writer.close();
      equal(await isSettled(closing), false);
      equal(await isSettled(wss.closed), false);
      await ask(api, `/end?id=${id}`);
      await within(closing, "the writable's end");
    },
  },
  {
    title: "aborting the writable closes, with the code of a WebSocketError",
    run: async (api) => {
      const { WebSocketError } = api;
      const opened = await openStream(api, "/echo");
      const reason = new WebSocketError("", { closeCode: 3333, reason: "why" });
      await within(opened.writer.abort(reason), "abort");
      equal(await endOf(opened), [
        'closed {"closeCode":3333,"reason":""}',
        "readable closed",
        "writable errored WebSocketError 3333 why",
      ]);
      const abort =
        (why: unknown) =>
        (one: OpenStream): unknown =>
          one.writer.abort(why);
      equal(await closeFrameOf(api, abort(reason)), "0d05776879");
      equal(await closeFrameOf(api, abort(new WebSocketError("x", { reason: "y" }))), "03e879");
      equal(await closeFrameOf(api, abort(new WebSocketError("x"))), "");
      equal(await closeFrameOf(api, abort(undefined)), "");
      equal(await closeFrameOf(api, abort(new Error("x"))), "");
      equal(await closeFrameOf(api, abort({ closeCode: 3333, reason: "x" })), "");
    },
  },
  {
    title: "cancelling the readable closes, with the code of a WebSocketError",
    run: async (api) => {
      const { WebSocketError } = api;
      const opened = await openStream(api, "/echo");
      await within(opened.reader.cancel(), "cancel");
      await opened.writer.write("is dropped");
      equal(await endOf(opened), [
        'closed {"closeCode":1005,"reason":""}',
        "readable closed",
        "writable errored InvalidStateError",
      ]);
      const cancel =
        (why: unknown) =>
        (one: OpenStream): unknown =>
          one.reader.cancel(why);
      const reason = new WebSocketError("", { closeCode: 3333, reason: "why" });
      equal(await closeFrameOf(api, cancel(reason)), "0d05776879");
      equal(await closeFrameOf(api, cancel(new Error("x"))), "");
    },
  },
  {
    title: "cancelling the readable, then closing the writable: both end well",
    run: async (api) => {
      const opened = await openStream(api, "/echo");
      await within(opened.reader.cancel(), "cancel");
      await within(opened.writer.close(), "the writable's end");
      equal(await endOf(opened), [
        'closed {"closeCode":1005,"reason":""}',
        "readable closed",
        "writable closed",
      ]);
    },
  },
  {
    title: "the peer closes: chunks, then the end, with its code and reason",
    run: async (api) => {
      for (const [query, info] of [
        ["code=4001&reason=bye", '{"closeCode":4001,"reason":"bye"}'],
        ["code=1011", '{"closeCode":1011,"reason":""}'],
        ["", '{"closeCode":1005,"reason":""}'],
      ] as const) {
        const opened = await openStream(api, `/close?${query}`);
        equal(await within(opened.reader.read(), "the end"), { value: undefined, done: true });
        equal(await endOf(opened), [
          `closed ${info}`,
          "readable closed",
          "writable errored InvalidStateError",
        ]);
      }
    },
  },
  {
    title: "the peer closes: from its Close frame on nothing can be written",
    run: async (api) => {
      const id = newId();
      const { wss, writer } = await openStream(api, `/close-slowly?id=${id}`);
      await rejects("InvalidStateError", writer.closed);
      await rejects("InvalidStateError", writer.write("late"));
      await rejects("TypeError", writer.close());
      equal(await isSettled(wss.closed), false);
      await ask(api, `/end?id=${id}`);
      equal((await within(wss.closed, "closed")).closeCode, 3001);
    },
  },
  {
    title: "the end does not wait for whoever reads",
    run: async (api) => {
      const closed = await openStream(api, "/several-and-close");
      equal((await within(closed.wss.closed, "closed")).closeCode, 1000);
      equal((await within(closed.reader.read(), "a chunk")).value, "one");
      const dropped = await openStream(api, "/drop");
      equal((await rejects("WebSocketError", dropped.wss.closed)).closeCode, 1006);
      await rejects("WebSocketError", dropped.writer.closed);
    },
  },
  {
    title: "a connection that is lost behind messages that are read late: none is lost with it",
    deviations: { Chromium: "it drops what is in the stream's queue" },
    run: async (api) => {
      const { wss, reader } = await openStream(api, "/several-and-drop");
      await rejects("WebSocketError", wss.closed);
      equal((await within(reader.read(), "a chunk")).value, "one");
      equal((await within(reader.read(), "a chunk")).value, "two");
      await rejects("WebSocketError", reader.read());
    },
  },
  {
    title: "the peer closes behind messages: they are read first",
    run: async (api) => {
      const opened = await openStream(api, "/several-and-close");
      const seen: unknown[] = [];
      for (let i = 0; i < 3; i++) seen.push(await within(opened.reader.read(), "a chunk"));
      equal(seen, [
        { value: "one", done: false },
        { value: "two", done: false },
        { value: undefined, done: true },
      ]);
      equal((await within(opened.wss.closed, "closed")).closeCode, 1000);
    },
  },
  {
    title: "the peer closes behind messages that are read late: none is lost",
    deviations: { Chromium: "it drops the messages that are not in the stream's queue yet" },
    run: async (api) => {
      const opened = await openStream(api, "/several-and-close");
      await isSettled(opened.wss.closed);
      await isSettled(opened.wss.closed);
      await isSettled(opened.wss.closed);
      const seen: unknown[] = [];
      for (let i = 0; i < 3; i++) seen.push((await within(opened.reader.read(), "a chunk")).value);
      equal(seen, ["one", "two", undefined]);
      await within(opened.wss.closed, "closed");
    },
  },
  {
    title: "a connection that is lost: all three reject with a WebSocketError, 1006",
    run: async (api) => {
      const opened = await openStream(api, "/drop");
      equal((await within(opened.reader.read(), "the last words")).value, "last words");
      await rejects("WebSocketError", opened.reader.read());
      equal(await endOf(opened), lost);
      await rejects("WebSocketError", opened.writer.write("x"));

      const reset = await openStream(api, "/reset");
      await within(reset.reader.read(), "the last words");
      await reset.writer.write("read");
      equal(await endOf(reset), lost);
    },
  },
  {
    title: "a frame that breaks the protocol: the same",
    run: async (api) => equal(await endOf(await openStream(api, "/invalid")), lost),
  },
  {
    title: "a connection that is lost while the writable closes: that rejects too",
    run: async (api) => {
      const opened = await openStream(api, "/reset");
      await within(opened.reader.read(), "the last words");
      await rejects("WebSocketError", opened.writer.close());
      equal((await endOf(opened)).slice(0, 2), lost.slice(0, 2));
    },
  },
  {
    title: "a connection that is lost while the writable closes: with the same error",
    deviations: { Chromium: "the writable's error has no code" },
    run: async (api) => {
      const opened = await openStream(api, "/reset");
      await within(opened.reader.read(), "the last words");
      await rejects("WebSocketError", opened.writer.close());
      equal(await endOf(opened), lost);
    },
  },
];
