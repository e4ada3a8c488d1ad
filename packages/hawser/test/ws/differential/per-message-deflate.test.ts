// `PerMessageDeflate` by itself: offers, what it accepts in each role, and compressing and inflating.

import { turn } from "../../support/deferred.ts";
import { differential, type Play, type Script, script } from "./runner.ts";
import { shapeOf } from "./shape.ts";
import type { Loose, PerMessageDeflate } from "./subjects.ts";

const offering: Loose[] = [
  {},
  { serverNoContextTakeover: true },
  { clientNoContextTakeover: true },
  { serverMaxWindowBits: 10 },
  { clientMaxWindowBits: 10 },
  { clientMaxWindowBits: true },
  { clientMaxWindowBits: false },
  {
    serverNoContextTakeover: true,
    clientNoContextTakeover: true,
    serverMaxWindowBits: 10,
    clientMaxWindowBits: 11,
  },
];

const accepting: [Loose, Loose[]][] = [
  [{}, [{}]],
  [{}, []],
  [{}, [{ server_no_context_takeover: [true] }]],
  [{}, [{ client_no_context_takeover: [true] }]],
  [{}, [{ server_max_window_bits: ["10"] }]],
  [{}, [{ client_max_window_bits: ["10"] }]],
  [{}, [{ client_max_window_bits: [true] }]],
  [{}, [{ server_max_window_bits: [true] }]],
  [{}, [{ server_max_window_bits: ["7"] }]],
  [{}, [{ server_max_window_bits: ["16"] }]],
  [{}, [{ server_max_window_bits: ["8.5"] }]],
  [{}, [{ server_max_window_bits: ["1e1"] }]],
  [{}, [{ client_max_window_bits: ["x"] }]],
  [{}, [{ server_no_context_takeover: ["10"] }]],
  [{}, [{ client_no_context_takeover: ["false"] }]],
  [{}, [{ server_max_window_bits: ["10", "11"] }]],
  [{}, [{ unknown: [true] }]],
  [{ serverNoContextTakeover: true }, [{}]],
  [{ serverNoContextTakeover: false }, [{ server_no_context_takeover: [true] }]],
  [{ clientNoContextTakeover: true }, [{}]],
  [{ clientNoContextTakeover: true }, [{ client_no_context_takeover: [true] }]],
  [{ clientNoContextTakeover: false }, [{ client_no_context_takeover: [true] }]],
  [{ serverMaxWindowBits: 11 }, [{ server_max_window_bits: ["10"] }]],
  [{ serverMaxWindowBits: 9 }, [{ server_max_window_bits: ["10"] }]],
  [{ serverMaxWindowBits: 12 }, [{}]],
  [{ serverMaxWindowBits: false }, [{ server_max_window_bits: ["10"] }]],
  [{ clientMaxWindowBits: 11 }, [{ client_max_window_bits: [true] }]],
  [{ clientMaxWindowBits: 11 }, [{ client_max_window_bits: ["10"] }]],
  [{ clientMaxWindowBits: 9 }, [{ client_max_window_bits: ["10"] }]],
  [{ clientMaxWindowBits: 11 }, [{}]],
  [{ clientMaxWindowBits: false }, [{ client_max_window_bits: ["10"] }]],
  [{ clientMaxWindowBits: 12 }, [{}, { client_max_window_bits: [true] }]],
  [{ serverMaxWindowBits: 15 }, [{ server_max_window_bits: ["10"] }, {}]],
];

function make({ subject }: Play, options: Loose): PerMessageDeflate {
  return new subject.PerMessageDeflate(options);
}

/** Compresses, and gives the bytes. */
function compress(one: PerMessageDeflate, data: unknown, fin: boolean): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    one.compress(data, fin, (error, bytes) => (error ? reject(error) : resolve(bytes as Buffer)));
  });
}

function decompress(one: PerMessageDeflate, data: unknown, fin: boolean): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    one.decompress(data, fin, (error, bytes) => (error ? reject(error) : resolve(bytes as Buffer)));
  });
}

/** Both ends, agreed on these parameters. */
function pair(
  play: Play,
  parameters: Loose,
  options: Loose = {},
): [PerMessageDeflate, PerMessageDeflate] {
  // The level in both, because their defaults are not the same.
  const usual = { threshold: 0, zlibDeflateOptions: { level: 6, memLevel: 8 } };
  const client = make(play, { ...usual, ...options });
  const server = make(play, { ...usual, isServer: true, ...options });
  const agreed = server.accept([structuredClone(parameters)]);
  client.accept([
    Object.fromEntries(Object.entries(agreed).map(([name, value]) => [name, [value]])),
  ]);
  return [client, server];
}

const acceptScripts: Script[] = accepting.flatMap(([options, parameters]) =>
  // A client always has exactly one to accept.
  (parameters.length === 1 ? [true, false] : [true]).map((isServer) => {
    const role = isServer ? "server" : "client";
    return script(`accept as ${role}: ${shapeOf(options)} and ${shapeOf(parameters)}`, (play) => {
      const one = make(play, { ...options, isServer });
      play.log.attempt("accept", () => one.accept(structuredClone(parameters)));
      play.log.note("params", one.params);
    });
  }),
);

differential("PerMessageDeflate", [
  ...offering.map((options) =>
    script(`offer ${shapeOf(options)}`, (play) => {
      const one = make(play, options);
      play.log.attempt("offer", () => one.offer());
      play.log.note("params", one.params);
    }),
  ),
  ...acceptScripts,
  ...[{}, { server_no_context_takeover: [true] }, { client_no_context_takeover: [true] }].flatMap(
    (parameters) =>
      ["hello", "", "x".repeat(10_000)].map((text) =>
        script(`there and back with ${shapeOf(parameters)}: ${shapeOf(text)}`, async (play) => {
          const [client, server] = pair(play, parameters);
          for (const [from, to] of [
            [client, server],
            [server, client],
            [client, server],
          ] as const) {
            const bytes = await compress(from, Buffer.from(text), true);
            play.log.note("bytes", bytes);
            play.log.note("back", await decompress(to, bytes, true));
          }
        }),
      ),
  ),
  script("in fragments", async (play) => {
    const [client, server] = pair(play, {});
    const parts = ["one ", "two ", "three"];
    for (const [i, part] of parts.entries()) {
      const fin = i === parts.length - 1;
      const bytes = await compress(client, Buffer.from(part), fin);
      play.log.note("bytes", bytes);
      play.log.note("back", await decompress(server, bytes, fin));
    }
  }),
  script("what was parsed becomes what was agreed on", ({ subject, log }) => {
    const header = "permessage-deflate; server_max_window_bits=10; client_max_window_bits";
    const { "permessage-deflate": offers = [] } = subject.extension.parse(header);
    const one = new subject.PerMessageDeflate({ isServer: true });
    const accepted = one.accept(offers);
    log.note("accepted", accepted, accepted === offers[0], one.params === accepted);
    log.attempt("again", () => one.accept(offers));
  }),
  ...[{}, { server_no_context_takeover: [true] }, { client_no_context_takeover: [true] }].flatMap(
    (parameters) =>
      [false, true].map((isServer) =>
        script(`one for both ways, server ${isServer}, ${shapeOf(parameters)}`, async (play) => {
          const one = make(play, { isServer });
          one.accept([structuredClone(parameters)]);
          for (const text of ["foofoo", "foofoo", ""]) {
            const bytes = await compress(one, text, true);
            play.log.note("bytes", bytes);
            const tell = (error: unknown): unknown => error;
            play.log.note("back", await decompress(one, bytes, true).catch(tell));
          }
        }),
      ),
  ),
  ...[
    { zlibDeflateOptions: { level: 0, chunkSize: 256 }, zlibInflateOptions: { chunkSize: 2_048 } },
    { zlibDeflateOptions: { level: 9, memLevel: 9 } },
    { zlibDeflateOptions: { strategy: 2 } },
  ].map((options) =>
    script(`with ${shapeOf(options)}`, async (play) => {
      const one = make(play, options);
      one.accept([{ client_max_window_bits: ["10"], server_max_window_bits: ["11"] }]);
      const text = "Some compressible data, it's compressible. ".repeat(100);
      const bytes = await compress(one, text, true);
      play.log.note("bytes", bytes);
      play.log.note("back", await decompress(one, bytes, true));
    }),
  ),
  ...[
    ["a final block", "f348cdc9c90700"],
    ["cut off", "f248cdc9"],
    ["nothing", ""],
  ].map(([title = "", text = ""]) =>
    script(`decompress, twice: ${title}`, async (play) => {
      const one = make(play, {});
      one.accept([{}]);
      const bytes = Buffer.from(text, "hex");
      const tell = (error: unknown): unknown => error;
      play.log.note("first", await decompress(one, bytes, true).catch(tell));
      play.log.note("second", await decompress(one, bytes, true).catch(tell));
    }),
  ),
  script("after data that is no DEFLATE data", async (play) => {
    const one = make(play, {});
    one.accept([{}]);
    const bytes = await compress(one, "Hello", true);
    await decompress(one, Buffer.from("ffff", "hex"), true).catch((error: unknown) =>
      play.log.note("error", error),
    );
    play.log.note("back", await decompress(one, bytes, true));
  }),
  script("many at once, past the limit of all", async (play) => {
    const all = Array.from({ length: 30 }, () => make(play, { concurrencyLimit: 2 }));
    for (const one of all) one.accept([{}]);
    const bytes = await Promise.all(
      all.map((one, i) => compress(one, Buffer.alloc(20_000, i), true)),
    );
    play.log.note("bytes", ...bytes);
  }),
  script("what may be compressed", async (play) => {
    const [client, server] = pair(play, {});
    for (const data of ["text", Buffer.from("bytes"), new Uint8Array([1, 2])]) {
      play.log.note("back", await decompress(server, await compress(client, data, true), true));
    }
  }),
  script("several at once", async (play) => {
    const [client, server] = pair(play, {
      server_no_context_takeover: [true],
      client_no_context_takeover: [true],
    });
    const bytes = await compress(client, Buffer.from("hello"), true);
    for (const name of ["first", "second", "third"]) {
      server.decompress(bytes, true, (error, data) => play.log.note(name, error, data));
      await play.log.until("script", name);
    }
  }),
  script("data that is no DEFLATE data", async (play) => {
    const [, server] = pair(play, {});
    await decompress(server, Buffer.from("ffff", "hex"), true).catch((error: unknown) =>
      play.log.note("error", error),
    );
  }),
  script("more than maxPayload", async (play) => {
    const [client, server] = pair(play, {}, { maxPayload: 10 });
    const bytes = await compress(client, Buffer.alloc(100, "x"), true);
    await decompress(server, bytes, true).catch((error: unknown) => play.log.note("error", error));
  }),
  script("cleanup() without use, and twice", (play) => {
    const one = make(play, {});
    play.log.attempt("cleanup", () => one.cleanup());
    one.accept([{}]);
    play.log.attempt("cleanup", () => one.cleanup());
    play.log.attempt("cleanup", () => one.cleanup());
  }),
  script("cleanup() while compressing", async (play) => {
    const [client] = pair(play, {});
    client.compress(Buffer.alloc(10_000, "x"), true, (error, data) =>
      play.log.note("callback", error, data?.length),
    );
    client.cleanup();
    await play.log.until("script", "callback");
    await turn();
  }),
  script("the options given are kept as they are", (play) => {
    const options = { threshold: 5 };
    make(play, options);
    play.log.note("options", options);
  }),
]);
