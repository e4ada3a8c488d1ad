// The option `compression`: what each of its values offers, answers and does, on real connections, and
// that a value that can't be is told at once.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, afterEach, before, describe, it } from "node:test";
import { type CompressionOptions, connect, serve, Server, UsageError } from "../../dist/index.js";
import { compressionFor } from "../../dist/node/compression.js";
import { inflatedText } from "../support/compressed.ts";
import { parseHead } from "../support/http-head.ts";
import { accepting, RawServer } from "../support/raw-server.ts";
import { Stage } from "../support/stage.ts";

const stage = new Stage();
afterEach(() => stage.end());

const both = "server_no_context_takeover; client_no_context_takeover";

describe("compression: what a client offers", () => {
  let raw: RawServer;
  before(async () => {
    raw = await RawServer.listen(accepting());
  });
  after(() => raw.close());

  for (const [title, compression, offers] of [
    ["nothing by default", undefined, undefined],
    ["nothing with false", false, undefined],
    ["shared with true", true, [`${both}; client_max_window_bits`, both]],
    ["the same with {}", {}, [`${both}; client_max_window_bits`, both]],
    [
      "shared with a window of 10 bits",
      { windowBits: 10 },
      [`${both}; server_max_window_bits=10; client_max_window_bits=10`, both],
    ],
    [
      "dedicated, with 12 bits unless said otherwise",
      { mode: "dedicated" },
      ["server_max_window_bits=12; client_max_window_bits=12", ""],
    ],
    [
      "dedicated with 15 bits",
      { mode: "dedicated", windowBits: 15 },
      ["client_max_window_bits", ""],
    ],
  ] as [string, boolean | CompressionOptions | undefined, string[] | undefined][]) {
    it(title, async () => {
      raw.requests.length = 0;
      const ws = await stage.connect(raw.url, compression === undefined ? {} : { compression });
      const { headers } = parseHead(raw.requests[0] as string);
      const expected = offers?.map((one) =>
        one === "" ? "permessage-deflate" : `permessage-deflate; ${one}`,
      );
      assert.deepEqual(headers.get("sec-websocket-extensions"), expected && [expected.join(", ")]);
      assert.equal(ws.extensions, "", "the server did not answer it");
    });
  }
});

describe("compression: what a server answers", () => {
  for (const [title, compression, offer, answer] of [
    ["nothing by default", undefined, "permessage-deflate", ""],
    ["nothing with false", false, "permessage-deflate", ""],
    ["nothing to who offers nothing", true, undefined, ""],
    ["no takeover either way with true", true, "permessage-deflate", both],
    ["the same with {}", {}, "permessage-deflate", both],
    [
      "takeover both ways when dedicated, 12 bits",
      { mode: "dedicated" },
      "permessage-deflate",
      "server_max_window_bits=12",
    ],
    [
      "12 bits for the client, too, where it can be asked",
      { mode: "dedicated" },
      "permessage-deflate; client_max_window_bits",
      "server_max_window_bits=12; client_max_window_bits=12",
    ],
    [
      "what the client asks for",
      { mode: "dedicated", windowBits: 15 },
      "permessage-deflate; server_no_context_takeover; server_max_window_bits=9",
      "server_no_context_takeover; server_max_window_bits=9",
    ],
    [
      "a window of 8 bits, within which it sends plain",
      true,
      "permessage-deflate; server_max_window_bits=8",
      `${both}; server_max_window_bits=8`,
    ],
    [
      "the second offer when the first is invalid",
      true,
      "permessage-deflate; x=1, permessage-deflate",
      both,
    ],
  ] as [string, boolean | CompressionOptions | undefined, string | undefined, string][]) {
    it(title, async () => {
      const { ws, peer } = await stage.pair(compression === undefined ? {} : { compression }, {
        "Sec-WebSocket-Extensions": offer,
      });
      const expected = answer === "" ? "" : `permessage-deflate; ${answer}`;
      assert.equal(ws.extensions, expected);
      const isPlain = answer === "" || answer.includes("=8");
      ws.send("x".repeat(2_000));
      assert.equal((await peer.readFrame()).rsv, isPlain ? 0 : 4);
    });
  }
});

describe("compression: settings", () => {
  const offer = { "Sec-WebSocket-Extensions": "permessage-deflate" };

  for (const [title, compression, sizes] of [
    ["1,024 by default", true, [1023, 1024]],
    ["thresholdBytes", { thresholdBytes: 100 }, [99, 100]],
    ["thresholdBytes of 0 leaves only empty messages", { thresholdBytes: 0 }, [0, 10]],
  ] as [string, boolean | CompressionOptions, [number, number]][]) {
    it(`the threshold is on the bytes of the content: ${title}`, async () => {
      const { ws, peer } = await stage.pair({ compression }, offer);
      const [below, from] = sizes;
      for (const message of ["x".repeat(below), Buffer.alloc(below, "x")]) {
        ws.send(message);
        assert.equal((await peer.readFrame()).rsv, 0);
      }
      for (const message of ["x".repeat(from), Buffer.alloc(from, "x"), "é".repeat(from / 2)]) {
        ws.send(message);
        const sent = await peer.readFrame();
        assert.equal(sent.rsv, 4);
        assert.equal(inflatedText(sent), message.toString());
      }
    });
  }

  it("a message that would not become smaller goes out plain when shared, compressed when dedicated", async () => {
    const incompressible = randomBytes(2_000);
    for (const mode of ["shared", "dedicated"] as const) {
      const { ws, peer } = await stage.pair({ compression: { mode } }, offer);
      ws.send(incompressible);
      const sent = await peer.readFrame();
      assert.equal(sent.rsv, mode === "shared" ? 0 : 4);
    }
  });

  it("level and memLevel are zlib's: with level 0 nothing becomes smaller", async () => {
    const message = JSON.stringify(
      Array.from({ length: 400 }, (_, id) => ({ id, name: `n${id}` })),
    );
    const lengths: number[] = [];
    for (const compression of [
      { level: 1 },
      { level: 9 },
      { level: 9, memLevel: 1 },
      { level: 0 },
    ]) {
      const { ws, peer } = await stage.pair({ compression }, offer);
      ws.send(message);
      lengths.push((await peer.readFrame()).payload.length);
    }
    const [fast, best, small, none] = lengths as [number, number, number, number];
    assert.equal(new Set(lengths).size, 4, String(lengths));
    assert.ok(Math.max(fast, best, small) < none / 4, String(lengths));
    assert.equal(none, message.length);
  });

  it("dedicated remembers what was sent: the same message again takes a few bytes", async () => {
    const message = "The quick brown fox jumps over the lazy dog, as he did before.".repeat(2);
    const { ws, peer } = await stage.pair(
      { compression: { mode: "dedicated", thresholdBytes: 0 } },
      offer,
    );
    ws.send(message);
    ws.send(message);
    const first = await peer.readFrame();
    const second = await peer.readFrame();
    assert.ok(first.payload.length > 40 && second.payload.length < 10);
  });
});

describe("compression: values that can't be", () => {
  const wrong: [name: string, compression: unknown][] = [
    ["compression", "yes"],
    ["compression", 1],
    ["compression", null],
    ["compression.mode", { mode: "fast" }],
    ["compression.mode", { mode: "" }],
    ["compression.thresholdBytes", { thresholdBytes: -1 }],
    ["compression.thresholdBytes", { thresholdBytes: 0.5 }],
    ["compression.thresholdBytes", { thresholdBytes: Number.POSITIVE_INFINITY }],
    ["compression.thresholdBytes", { thresholdBytes: "1024" }],
    ["compression.windowBits", { windowBits: 8 }],
    ["compression.windowBits", { windowBits: 16 }],
    ["compression.windowBits", { mode: "dedicated", windowBits: 12.5 }],
    ["compression.level", { level: -1 }],
    ["compression.level", { level: 10 }],
    ["compression.level", { level: Number.NaN }],
    ["compression.memLevel", { memLevel: 0 }],
    ["compression.memLevel", { memLevel: 10 }],
  ];
  const isOptionError =
    (name: string) =>
    (error: unknown): boolean =>
      error instanceof UsageError &&
      error.code === "HAWSER_OPTION_INVALID" &&
      error.message.includes(`option ${name} `);

  for (const [name, compression] of wrong) {
    it(`${JSON.stringify(compression)}: ${name}`, async () => {
      const options = { compression: compression as CompressionOptions };
      assert.throws(() => new Server(options), isOptionError(name));
      await assert.rejects(serve(options), isOptionError(name));
      await assert.rejects(connect("ws://127.0.0.1:1", options), isOptionError(name));
      assert.throws(() => compressionFor(compression as boolean, 0), isOptionError(name));
    });
  }

  for (const maxCompressionMemoryBytes of [-1, 1.5, Number.NaN, Infinity]) {
    it(`maxCompressionMemoryBytes of ${maxCompressionMemoryBytes}, with compression or without`, () => {
      for (const compression of [true, false]) {
        assert.throws(
          () => new Server({ compression, maxCompressionMemoryBytes }),
          isOptionError("maxCompressionMemoryBytes"),
        );
      }
    });
  }

  it("the least and the most of each are taken", () => {
    for (const mode of ["shared", "dedicated"] as const) {
      for (const [windowBits, level, memLevel, thresholdBytes] of [
        [9, 0, 1, 0],
        [15, 9, 9, Number.MAX_SAFE_INTEGER],
      ] as const) {
        const options = { mode, windowBits, level, memLevel, thresholdBytes };
        assert.equal(compressionFor(options, 0).length, 1);
      }
    }
    assert.deepEqual(compressionFor(undefined, 0), []);
    assert.deepEqual(compressionFor(false, 0), []);
  });
});
