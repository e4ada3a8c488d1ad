// "The send(data) method steps", and bufferedAmount.

import {
  type Api,
  ask,
  check,
  closed,
  equal,
  type Expectation,
  hexOf,
  newId,
  next,
  open,
  sharedMemory,
  throws,
  turn,
  within,
} from "./expectation.ts";

/** Sends each and gives what comes back: a text as such, binary in hexadecimal. */
async function echoed(api: Api, messages: readonly unknown[]): Promise<string[]> {
  const ws = await open(api, "/echo");
  const all: string[] = [];
  const done = new Promise<void>((resolve) => {
    ws.addEventListener("message", ({ data }) => {
      all.push(typeof data === "string" ? data : `<${hexOf(data as ArrayBuffer)}>`);
      if (all.length === messages.length) resolve();
    });
  });
  for (const message of messages) ws.send(message as string);
  await within(done, `${messages.length} messages`);
  ws.close();
  await closed(ws);
  return all;
}

export const send: readonly Expectation[] = [
  {
    title: "while CONNECTING → InvalidStateError, behind the conversion of the argument",
    run: async ({ WebSocket, server }) => {
      const ws = new WebSocket(`${server}/echo`);
      throws("InvalidStateError", () => ws.send("x"));
      throws("InvalidStateError", () => ws.send(new Uint8Array(1)));
      throws("InvalidStateError", () => ws.send(new Blob(["x"])));
      throws("TypeError", () => ws.send(Symbol("x") as unknown as string));
      throws("TypeError", () => (ws.send as () => void)());
      equal(ws.bufferedAmount, 0);
      ws.close();
      await closed(ws);
    },
  },
  {
    title: "without an argument → TypeError",
    run: async (api) => {
      const ws = await open(api, "/echo");
      throws("TypeError", () => (ws.send as () => void).call(ws));
      throws("TypeError", () => ws.send(Symbol("x") as unknown as string));
      ws.close();
      await closed(ws);
    },
  },
  {
    title: "what is no BufferSource or Blob goes as its string",
    run: async (api) => {
      const messages = ["", "text", 12, null, undefined, true, {}, [1, 2], new Date(NaN), 5n];
      equal(await echoed(api, messages), [
        "",
        "text",
        "12",
        "null",
        "undefined",
        "true",
        "[object Object]",
        "1,2",
        "Invalid Date",
        "5",
      ]);
    },
  },
  {
    title: "surrogates without their other half go as U+FFFD",
    run: async (api) => {
      equal(await echoed(api, ["a\ud800b", "\udc00", "😀", "\udc00\ud800"]), [
        "a\ufffdb",
        "\ufffd",
        "😀",
        "\ufffd\ufffd",
      ]);
    },
  },
  {
    title: "ArrayBuffers and views, and only their part, go as binary",
    run: async (api) => {
      const bytes = new Uint8Array([0, 1, 2, 3, 4, 5, 6, 7]);
      equal(
        await echoed(api, [
          bytes.buffer,
          new ArrayBuffer(0),
          bytes.subarray(2, 4),
          new Uint16Array(bytes.buffer, 2, 1),
          new DataView(bytes.buffer, 6),
          new Float64Array(bytes.buffer),
          new BigInt64Array(bytes.buffer, 0, 1),
          new Uint8ClampedArray([300]),
        ]),
        [
          "<00 01 02 03 04 05 06 07>",
          "<>",
          "<02 03>",
          "<02 03>",
          "<06 07>",
          "<00 01 02 03 04 05 06 07>",
          "<00 01 02 03 04 05 06 07>",
          "<ff>",
        ],
      );
    },
  },
  {
    title: "memory that was transferred goes as nothing, shared or resizable → TypeError",
    run: async (api) => {
      const detached = new ArrayBuffer(8);
      const views = [new Uint8Array(detached), new Float32Array(detached, 4)];
      structuredClone(detached, { transfer: [detached] });
      equal(await echoed(api, [detached, ...views]), ["<>", "<>", "<>"]);

      const ws = await open(api, "/echo");
      const Resizable = ArrayBuffer as unknown as new (
        size: number,
        options: { maxByteLength: number },
      ) => ArrayBuffer;
      const resizable = new Resizable(1, { maxByteLength: 2 });
      throws("TypeError", () => ws.send(resizable));
      throws("TypeError", () => ws.send(new Uint8Array(resizable)));
      throws("TypeError", () => ws.send(sharedMemory()));
      throws("TypeError", () => ws.send(new Uint8Array(sharedMemory())));
      equal(ws.bufferedAmount, 0);
      ws.close();
      await closed(ws);
    },
  },
  {
    title: "what is sent is what it was at the call",
    run: async (api) => {
      const ws = await open(api, "/echo");
      const large = new Uint8Array(300_000).fill(1);
      const small = new Uint8Array([1]);
      ws.send(new Blob([large]));
      ws.send(large);
      ws.send(small);
      large.fill(2);
      small.fill(2);
      for (let i = 0; i < 3; i++) {
        const { data } = await next<MessageEvent>(ws, "message");
        const bytes = new Uint8Array(data as ArrayBuffer);
        check(
          bytes.every((byte) => byte === 1),
          `message ${i} was not changed`,
        );
      }
      ws.close();
      await closed(ws);
    },
  },
  {
    title: "Blobs keep their place among all else, though they have to be read",
    run: async (api) => {
      equal(
        await echoed(api, [
          "1",
          new Blob(["23"]),
          "4",
          new Blob([]),
          new Uint8Array([5]),
          new Blob(["6"], { type: "text/plain" }),
          new Blob(["7"]),
          "8",
        ]),
        ["1", "<32 33>", "4", "<>", "<05>", "<36>", "<37>", "8"],
      );
    },
  },
  {
    title: "the Close frame goes behind a Blob that has to be read",
    run: async (api) => {
      const id = newId();
      const ws = await open(api, `/note?id=${id}`);
      ws.send("first");
      ws.send(new Blob(["second"]));
      ws.send("third");
      ws.close(3000, "bye");
      equal(ws.readyState, 2);
      await closed(ws);
      equal(
        await ask(api, `/noted?id=${id}`),
        'text "first", binary 7365636f6e64, text "third", close 0bb8627965',
      );
    },
  },
  {
    title: "messages of every form of the length",
    run: async (api) => {
      const ws = await open(api, "/echo");
      for (const length of [0, 1, 125, 126, 127, 65_535, 65_536, 300_000]) {
        const text = "x".repeat(length);
        ws.send(text);
        const { data } = await next<MessageEvent>(ws, "message");
        check(data === text, `a text of ${length}`);
        ws.send(new Uint8Array(length));
        const { data: bytes } = await next<MessageEvent>(ws, "message");
        equal((bytes as ArrayBuffer).byteLength, length);
      }
      ws.close();
      await closed(ws);
    },
  },
  {
    title: "bufferedAmount: bytes of content at once, as UTF-8, for the rest of the task",
    run: async (api) => {
      const ws = await open(api, "/echo");
      const amounts: number[] = [];
      const add = (message: unknown): void => {
        ws.send(message as string);
        amounts.push(ws.bufferedAmount);
      };
      for (const message of [
        "",
        "a",
        "ä",
        "€",
        "😀",
        "\ud800",
        new ArrayBuffer(10),
        new Blob(["abc"]),
      ])
        add(message);
      equal(amounts, [0, 1, 3, 6, 10, 13, 23, 26]);
      await Promise.resolve();
      await Promise.resolve();
      equal(ws.bufferedAmount, 26, "after promise jobs");
      while (ws.bufferedAmount > 0) await turn();
      equal(ws.bufferedAmount, 0);
      ws.close();
      equal(ws.bufferedAmount, 0, "without the Close frame");
      await closed(ws);
    },
  },
  {
    title: "bufferedAmount: stays while the peer does not read, then goes down to 0",
    run: async (api) => {
      const id = newId();
      const ws = await open(api, `/deaf?id=${id}`);
      const message = new Uint8Array(1024 * 1024);
      for (let i = 0; i < 24; i++) ws.send(message);
      equal(ws.bufferedAmount, 24 * message.length);
      for (let i = 0; i < 20; i++) await turn();
      const waiting = ws.bufferedAmount;
      check(waiting > 8 * message.length && waiting <= 24 * message.length, `${waiting} wait`);
      await ask(api, `/end?id=${id}`);
      while (ws.bufferedAmount > 0) await turn();
      ws.close();
      await closed(ws);
    },
  },
  {
    title: "bufferedAmount: grows by what is sent while closing and after, and is never reset",
    run: async (api) => {
      const ws = await open(api, "/echo");
      ws.close();
      equal(ws.readyState, 2);
      ws.send("abc");
      ws.send(new Uint8Array(2));
      ws.send(new Blob(["x"]));
      equal(ws.bufferedAmount, 6);
      await closed(ws);
      equal(ws.bufferedAmount, 6);
      ws.send("ä");
      equal([ws.readyState, ws.bufferedAmount], [3, 8]);
      await turn();
      equal(ws.bufferedAmount, 8);
    },
  },
  {
    title: "bufferedAmount: what was never sent stays when the connection is lost",
    run: async (api) => {
      const ws = await open(api, "/reset");
      await next(ws, "message");
      ws.send("read");
      for (let i = 0; i < 24; i++) ws.send(new Uint8Array(1024 * 1024));
      await closed(ws);
      check(ws.bufferedAmount > 1024 * 1024, `${ws.bufferedAmount} are left`);
    },
  },
];
