// WebSocketStream: chunks.

import {
  type Api,
  check,
  equal,
  type Expectation,
  hexOf,
  type OpenStream,
  openStream,
  rejects,
  sharedMemory,
  within,
} from "./expectation.ts";

/** Opens an echo, and closes it when `use` is done. */
async function withEcho(
  api: Api,
  use: (reader: OpenStream["reader"], writer: OpenStream["writer"]) => Promise<void>,
): Promise<void> {
  const { wss, reader, writer } = await openStream(api, "/echo");
  await use(reader, writer);
  wss.close();
  await within(wss.closed, "closed");
}

export const streamMessages: readonly Expectation[] = [
  {
    title: "text comes as a string, binary as an ArrayBuffer",
    run: (api) =>
      withEcho(api, async (reader, writer) => {
        const bytes = new Uint8Array([0, 1, 2, 3]);
        const chunks = [
          "text",
          "",
          bytes,
          bytes.buffer,
          bytes.subarray(1, 3),
          new DataView(bytes.buffer, 3),
          new ArrayBuffer(0),
          "a\ud800",
        ];
        const seen: string[] = [];
        for (const chunk of chunks) {
          await writer.write(chunk);
          const { value } = await within(reader.read(), "a chunk");
          check(typeof value === "string" || value instanceof ArrayBuffer, "its type");
          seen.push(typeof value === "string" ? value : `<${hexOf(value as ArrayBuffer)}>`);
        }
        const all = "<00 01 02 03>";
        equal(seen, ["text", "", all, all, "<01 02>", "<03>", "<>", "a\ufffd"]);
      }),
  },
  {
    title: "what is no BufferSource goes as its string, a Blob too",
    run: (api) =>
      withEcho(api, async (reader, writer) => {
        for (const [chunk, text] of [
          [12, "12"],
          [null, "null"],
          [undefined, "undefined"],
          [{}, "[object Object]"],
          [new Blob(["x"]), "[object Blob]"],
        ] as const) {
          await writer.write(chunk as string);
          equal((await within(reader.read(), text)).value, text);
        }
      }),
  },
  {
    title: "a chunk that can't be sent errors the writable; the rest goes on",
    run: async (api) => {
      const Resizable = ArrayBuffer as unknown as new (
        size: number,
        options: { maxByteLength: number },
      ) => ArrayBuffer;
      const shared = new Uint8Array(sharedMemory(), 0, 4);
      for (const chunk of [Symbol("x"), new Resizable(1, { maxByteLength: 2 }), shared]) {
        await withEcho(api, async (reader, writer) => {
          await writer.write("before");
          await rejects("TypeError", writer.write(chunk as unknown as string));
          await rejects("TypeError", writer.closed);
          equal((await within(reader.read(), "what was sent before")).value, "before");
        });
      }
    },
  },
  {
    title: "many and large chunks, in order",
    run: (api) =>
      withEcho(api, async (reader, writer) => {
        const sizes = [0, 1, 125, 126, 65_535, 65_536, 1_000_000, 3];
        const writing = (async () => {
          for (const size of sizes) await writer.write(new Uint8Array(size));
        })();
        for (const size of sizes) {
          const { value } = await within(reader.read(), `${size} bytes`);
          equal((value as ArrayBuffer).byteLength, size);
        }
        await writing;
      }),
  },
  {
    title: "pipes",
    run: async ({ WebSocketStream, server }) => {
      const source = new WebSocketStream(`${server}/several`);
      const { readable } = await within(source.opened, "opened");
      const echo = new WebSocketStream(`${server}/echo`);
      const { readable: answers, writable } = await within(echo.opened, "opened");
      void readable.pipeTo(writable as never, { preventClose: true }).catch(() => undefined);
      const reader = answers.getReader();
      const seen: unknown[] = [];
      for (let i = 0; i < 3; i++) seen.push((await within(reader.read(), "a chunk")).value);
      equal([seen[0], seen[2]], ["one", "three"]);
      for (const wss of [source, echo]) wss.close();
      await within(Promise.all([source.closed, echo.closed]), "closed");
    },
  },
];
