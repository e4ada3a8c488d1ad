// Headers that are no offer or no answer of permessage-deflate (RFC 7692 §5.1, §7.1): a server declines
// them, or refuses what is no header at all; a client refuses them. Nobody takes long for it.

import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { connect } from "../../dist/index.js";
import { acceptanceText, requestText } from "../support/http-head.ts";
import { RawServer } from "../support/raw-server.ts";
import { rejectionOf } from "../support/rejection.ts";
import { Target } from "../support/target.ts";

type BadOffer = readonly [title: string, header: string, outcome: "declined" | 400 | "agreed"];

/** Values of the header, and what comes of them: declined, refused, or agreed on after all. */
const badOffers: BadOffer[] = [
  ...["7", "16", "0", "010", "8.0", "1e1", "-8", "+8", "eight", "99999999999999999999"].flatMap(
    (bits) =>
      ["server_max_window_bits", "client_max_window_bits"].map(
        (name) => [`${name}=${bits}`, `${name}=${bits}`, "declined"] as const,
      ),
  ),
  ["server_max_window_bits without a value", "server_max_window_bits", "declined"],
  ["server_max_window_bits with nothing behind =", "server_max_window_bits=", 400],
  ["client_max_window_bits with nothing behind =", "client_max_window_bits=", 400],
  ["server_max_window_bits of an empty quoted string", 'server_max_window_bits=""', 400],
  ["server_max_window_bits of a quoted 16", 'server_max_window_bits="16"', "declined"],
  ["server_max_window_bits of a quoted 10, which is 10", 'server_max_window_bits="10"', "agreed"],
  [
    "server_max_window_bits of a quoted 1\\0, which is 10",
    'server_max_window_bits="1\\0"',
    "agreed",
  ],
  ["server_max_window_bits of a quoted space", 'server_max_window_bits=" 10"', 400],
  ["server_no_context_takeover with a value", "server_no_context_takeover=1", "declined"],
  ["client_no_context_takeover with a value", "client_no_context_takeover=true", "declined"],
  ...[
    "server_no_context_takeover",
    "client_no_context_takeover",
    "server_max_window_bits=10",
    "client_max_window_bits=10",
    "client_max_window_bits",
  ].map((one) => [`${one} twice`, `${one}; ${one}`, "declined"] as const),
  [
    "client_max_window_bits with a value and without",
    "client_max_window_bits; client_max_window_bits=10",
    "declined",
  ],
  ["a parameter in another case", "Server_No_Context_Takeover", "declined"],
  ["an unknown parameter", "max_window_bits=10", "declined"],
  ["__proto__", "__proto__", "declined"],
  ["__proto__=10", "__proto__=10", "declined"],
  ["constructor", "constructor", "declined"],
  ["toString=10", "toString=10", "declined"],
  [
    "3,000 unknown parameters",
    Array.from({ length: 1_500 }, (_, i) => `p${i}=1`).join("; "),
    "declined",
  ],
  [
    "a thousand times the same",
    Array.from({ length: 500 }, () => "server_no_context_takeover").join("; "),
    "declined",
  ],
  ["an unclosed quote of 16 KB", `server_max_window_bits="${"1".repeat(15_800)}`, 400],
  [
    "an unclosed quote of 16 KB of backslashes",
    `server_max_window_bits="${"\\".repeat(15_800)}`,
    400,
  ],
  ["a quoted string of 15 KB", `server_max_window_bits="${"1".repeat(15_800)}"`, "declined"],
  ["15 KB of spaces", `server_max_window_bits${" ".repeat(15_800)}=10`, "agreed"],
  ["an empty parameter", "", 400],
  ["a comma too many inside", "server_max_window_bits=10,;", 400],
];

describe("§7.1 a server that gets a bad offer: declined, or 400 where it is none, in under 5 ms", () => {
  const bestOf = 5;
  const limitMs = 5;
  let target: Target;
  before(async () => {
    target = await Target.start({ compression: { mode: "dedicated" } });
  });
  afterEach(() => target.check());
  after(() => target.close());

  const requestOf = (offers: string): string =>
    requestText({ "Sec-WebSocket-Extensions": `permessage-deflate; ${offers}` });

  for (const [title, value, outcome] of badOffers) {
    it(`${title}: ${outcome}`, async () => {
      let best = Number.POSITIVE_INFINITY;
      for (let i = 0; i < bestOf; i++) {
        const peer = await target.connect();
        const request = requestOf(value);
        const begun = performance.now();
        peer.write(request);
        const head = await peer.readHead();
        best = Math.min(best, performance.now() - begun);
        assert.equal(head.status, outcome === 400 ? 400 : 101);
        assert.equal(head.headers.has("sec-websocket-extensions"), outcome === "agreed");
        if (outcome !== 400) {
          peer.send("plain");
          assert.equal(await peer.readText(), "plain");
        }
        peer.destroy();
      }
      assert.ok(best < limitMs, `${best} ms`);
    });
  }

  it("the next offer is looked at, whatever the one before was", async () => {
    for (const [title, value, outcome] of badOffers) {
      if (outcome !== "declined" || value.length > 5_000) continue;
      const peer = await target.connect();
      peer.write(
        requestText({
          "Sec-WebSocket-Extensions": `permessage-deflate; ${value}, permessage-deflate; server_max_window_bits=9`,
        }),
      );
      const { headers } = await peer.readHead();
      assert.deepEqual(
        headers.get("sec-websocket-extensions"),
        ["permessage-deflate; server_max_window_bits=9"],
        title,
      );
      peer.destroy();
    }
  });

  it("700 offers in one header, all declined, in under 100 ms", async () => {
    const one = "permessage-deflate;x";
    const offers = Array.from({ length: 700 }, () => one).join();
    let best = Infinity;
    for (let i = 0; i < bestOf; i++) {
      const peer = await target.connect();
      const begun = performance.now();
      peer.write(requestText({ "Sec-WebSocket-Extensions": offers }));
      const head = await peer.readHead();
      best = Math.min(best, performance.now() - begun);
      assert.equal(head.headers.has("sec-websocket-extensions"), false);
      peer.destroy();
    }
    assert.ok(best < 100, `${best} ms`);
  });
});

describe("§7.1 a client that gets a bad answer: HandshakeError, and the socket is let go of", () => {
  let raw: RawServer;
  let target: Target;
  let header: string | string[] = "";
  before(async () => {
    raw = await RawServer.listen((peer, request) => {
      peer.write(acceptanceText(request, { "Sec-WebSocket-Extensions": header }));
    });
    target = await Target.start();
  });
  afterEach(async () => {
    for (const peer of raw.peers.splice(0)) peer.destroy();
    raw.requests.length = 0;
    await target.check();
  });
  after(async () => {
    await raw.close();
    await target.close();
  });

  const badAnswers: [string, string | string[]][] = badOffers
    .filter(([, , outcome]) => outcome !== "agreed")
    .map(([title, value]) => [title, `permessage-deflate; ${value}`]);
  const answers: [string, string | string[]][] = [
    ...badAnswers,
    ["client_max_window_bits without a value", "permessage-deflate; client_max_window_bits"],
    ["twice", "permessage-deflate, permessage-deflate"],
    ["in two fields", ["permessage-deflate", "permessage-deflate"]],
    ["a larger window than asked for", "permessage-deflate; server_max_window_bits=15"],
    ["a larger window for us", "permessage-deflate; client_max_window_bits=15"],
    ["another extension beside it", "permessage-deflate, x-other"],
    ["its old name", "x-webkit-deflate-frame"],
    ["in another case", "Permessage-Deflate"],
  ];
  for (const [title, answer] of answers) {
    it(title, async () => {
      header = answer;
      for (const mode of ["dedicated", "shared"] as const) {
        const error = await rejectionOf(
          connect(raw.url, { compression: { mode, windowBits: 12 } }),
        );
        assert.equal(error.code, "HAWSER_RESPONSE_EXTENSIONS");
        await raw.peers.at(-1)?.waitForEnd();
      }
    });
  }

  it("a window that is kept where it was asked not to be", async () => {
    header = "permessage-deflate; client_no_context_takeover";
    await rejectionOf(connect(raw.url, { compression: true }), "HAWSER_RESPONSE_EXTENSIONS");
  });

  it("any answer where nothing was offered", async () => {
    header = "permessage-deflate";
    await rejectionOf(connect(raw.url), "HAWSER_RESPONSE_EXTENSIONS");
  });
});
