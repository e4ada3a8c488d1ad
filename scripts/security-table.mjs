// @ts-check
// What is tried, what comes of it, and the test that shows it: the rows of docs/reference/security.md. A test is
// named by its file and by words that stand in it; scripts/docs-security.mjs fails when they don't.

/** @typedef {readonly [file: string, words: string]} Test */
/** @typedef {readonly [tried: string, outcome: string, ...tests: Test[]]} Row */
/** @typedef {{ readonly title: string, readonly columns: readonly [string, string], readonly rows: readonly Row[] }} Table */

const tests = "packages/hawser/test";

/** @param {string} file @param {string} words @returns {Test} */
function hardening(file, words) {
  return [`${tests}/hardening/${file}.test.ts`, words];
}

/** @param {string} file @param {string} words @returns {Test} */
function fault(file, words) {
  return [`${tests}/faults/${file}.test.ts`, words];
}

/** @param {string} path @param {string} words @returns {Test} */
function test(path, words) {
  return [`${tests}/${path}.test.ts`, words];
}

/** @type {readonly Table[]} */
export const tables = [
  {
    title: "The opening handshake, to a server",
    columns: ["what comes", "what it gets"],
    rows: [
      ["a method that is not GET", "405 with `Allow`", hardening("handshake", "with an upgrade")],
      [
        "a plain GET",
        "426 with `Upgrade: websocket`",
        hardening("handshake", "plain GET without upgrade"),
      ],
      [
        "a key that is missing, short, long or there twice",
        "400",
        hardening("handshake", "§4.2.1 (5) key missing, short, long, twice"),
      ],
      [
        "a wrong `Upgrade` or `Connection`",
        "400",
        hardening("handshake", "§4.2.1 (3) (4) Upgrade or Connection wrong"),
      ],
      ["a malformed `Host`", "400", hardening("handshake", "§4.2.1 (2) malformed Host")],
      [
        "a version that is not 13",
        "426 with `Sec-WebSocket-Version: 13`",
        hardening("handshake", "§4.4 version not 13"),
      ],
      [
        "a malformed or repeated subprotocol, an unclosed quote of 16 KB",
        "400, in under 5 ms",
        hardening(
          "handshake",
          "§11.3.4 subprotocols and §9.1 extensions, malformed, in under 5 ms",
        ),
      ],
      [
        "names of `Object.prototype`",
        "unknown names like others",
        hardening("handshake", "the names of Object.prototype as"),
      ],
      [
        "more than 128 header fields, 16 KiB of them, or 8 KiB of URL",
        "431, 414",
        hardening("handshake", "more than 128 headers or 16 KiB; URL over 8 KiB"),
      ],
      [
        "an `Origin` that may not connect, `null`, one with an allowed prefix or suffix",
        "403",
        hardening("handshake", "§10.2 Origin not allowed, null, look-alike prefix or suffix"),
      ],
      [
        "a body",
        "400, and the end",
        hardening("handshake-body", "a body on the upgrade: 400 and close"),
      ],
      [
        "a second request behind it",
        "400, and the end; it is never served",
        hardening(
          "handshake-body",
          "a second pipelined request on the upgrade: 400 and close, never served",
        ),
      ],
      [
        "frames in the same packet, also while `upgrade` is awaited",
        "kept within limits, delivered after `open`",
        hardening("handshake-body", "first frames in the same packet as the request"),
      ],
      [
        "a byte a second, on 1,000 sockets",
        "408 in time; others connect in under 100 ms",
        hardening("handshake-slow", "1 byte a second on"),
      ],
      [
        "a reset before, during or after the 101",
        "nothing else",
        hardening("handshake-body", "reset before, during, after the 101: nothing crashes"),
      ],
    ],
  },
  {
    title: "The opening handshake, to a client",
    columns: ["what comes", "what it gets"],
    rows: [
      [
        "200, or anything else, instead of 101",
        "`HandshakeError`",
        hardening("client-handshake", "200 and others instead of 101"),
      ],
      [
        "a wrong `Sec-WebSocket-Accept`, `Upgrade` or `Connection`",
        "`HandshakeError`",
        hardening("client-handshake", "§4.1 a 101 that breaks a rule"),
      ],
      [
        "a subprotocol or extension that was not asked for; window bits 7, 16 or none",
        "`HandshakeError`",
        hardening(
          "client-handshake",
          "§4.1 (5) (6) a subprotocol or extension not asked for; window bits 7, 16, empty",
        ),
      ],
      [
        "endless header fields, bodies, interim responses",
        "`HandshakeError`, less than 1 MiB of memory",
        hardening("client-handshake", "endless headers, bodies and interim responses"),
      ],
      [
        "a byte from 0x80 on",
        "data in a value, `HandshakeError` elsewhere",
        hardening("client-handshake", "a byte ≥ 0x80 in the response"),
      ],
      [
        "a redirect to another origin",
        "without `Cookie`, `Authorization` and the client's certificate",
        hardening("client-redirect", "a redirect to another origin"),
        hardening("client-redirect", "who the client is in TLS is not said to another origin"),
      ],
      ["a redirect from wss to ws", "`HandshakeError`", hardening("client-redirect", "wss → ws")],
      [
        "a proxy that says no, says nothing, or never ends",
        "`HandshakeError` or `TransportError` with the phase, bounded memory",
        hardening("client-proxy", "HTTP proxies"),
        hardening("client-proxy", "SOCKS5 proxies"),
      ],
    ],
  },
  {
    title: "Frames",
    columns: ["what comes", "what it gets"],
    rows: [
      [
        "a reserved bit that nothing negotiated",
        "1002",
        hardening("frames", "§5.2 RSV ${bits} on a text"),
      ],
      [
        "RSV1 on a continuation or a control frame",
        "1002",
        hardening("frames", "§5.2 RSV1 on a continuation"),
        hardening("frames", "§5.2 RSV1 on a Close"),
      ],
      ["opcodes 3 to 7 and B to F", "1002", hardening("frames", "§5.2 opcode")],
      [
        "the wrong masking for the direction",
        "1002",
        hardening("frames", "§5.1 a frame that is not masked"),
        hardening("frames", "§5.1 a frame that is masked"),
      ],
      [
        "a control frame of more than 125 bytes, or fragmented",
        "1002",
        hardening("frames", "of 126 bytes"),
        hardening("frames", "fragmented`"),
      ],
      [
        "a stray continuation, a new message inside a message",
        "1002",
        hardening("frames", "§5.4 stray continuation"),
        hardening("frames", "§5.4 new text inside a text"),
      ],
      [
        "a length with the top bit, or not in its shortest form",
        "1002",
        hardening("frames", "§5.2 length with the top bit"),
        hardening("frames", "§5.2 length 125 in 16 bits"),
      ],
      [
        "a length of 2^63 − 1 or 1 GiB, then silence",
        "1009 at the header, less than 1 MiB of memory",
        hardening("frames-memory", "§10.4 a declared length, then silence"),
      ],
      [
        "16k fragments of a byte, 1M empty ones, without an end",
        "1008 or 1009, at most twice the bytes in memory",
        hardening("frames-memory", "§5.4 fragments without end"),
      ],
      [
        "invalid UTF-8, also split, surrogates, overlong forms",
        "1007, at the first bad byte",
        hardening(
          "frames",
          "§8.1 invalid UTF-8 fails at the first bad byte, though the frame has just begun: 1007",
        ),
      ],
      [
        "1M empty messages",
        "backpressure",
        hardening("frames-memory", "1M empty messages: backpressure"),
      ],
      [
        "1M Pings, of a peer that does not read, and of one that does",
        "one Pong that waits; every Pong, in order",
        hardening("frames-memory", "§5.5.3 1M pings"),
      ],
      [
        "Pongs that nobody asked for",
        "nothing",
        hardening("frames", "§5.5.3 unasked pongs are ignored"),
      ],
      ["all of it again, one byte a write", "the same", hardening("frames", "one byte a write")],
    ],
  },
  {
    title: "Closing",
    columns: ["what comes", "what it gets"],
    rows: [
      ["a payload of one byte", "1002", hardening("closing", "§5.5.1 a payload of one byte")],
      [
        "codes below 1000, 1004 to 1006, 1015 to 2999, from 5000 on",
        "1002",
        hardening("closing", "§7.4 code ${code}"),
      ],
      ["a reason that is not UTF-8", "1007", hardening("closing", "§8.1 reason not UTF-8")],
      [
        "`close` with a reason of more than 123 bytes, or of a wrong type",
        "an error, and nothing on the wire",
        hardening("closing", "throws, and nothing reaches the wire"),
      ],
      [
        "a peer that does not answer",
        "destroyed in 5 s",
        hardening("closing", "is destroyed in 5 s by a"),
      ],
      ["both at once", "one event", hardening("closing", "both at once: one event")],
      [
        "data behind a Close frame",
        "ignored",
        hardening("closing", "§5.5.1 data after close is ignored"),
      ],
      [
        "a peer that closes and keeps TCP open",
        "destroyed",
        hardening("closing", "a peer that closes but keeps TCP open is reaped"),
      ],
    ],
  },
  {
    title: "permessage-deflate",
    columns: ["what comes", "what it gets"],
    rows: [
      [
        "1 MB that is 1 GB, in one frame or in many",
        "1009, at most the limit and 64 KiB in memory",
        hardening(
          "permessage-deflate-memory",
          "§8 a bomb of 1 MB that is 1 GB, at the default limit: 1009",
        ),
      ],
      [
        "what is no DEFLATE data, ends inside, refers to before its beginning",
        "1007",
        hardening("permessage-deflate", "const rows"),
      ],
      [
        "parameters that are malformed, repeated, unknown",
        "declined, or 400",
        hardening(
          "permessage-deflate-handshake",
          "§7.1 a server that gets a bad offer: declined, or 400 where it is none, in under 5 ms",
        ),
      ],
      [
        "an end while a message is inflated",
        "no event behind it, nothing left",
        hardening("permessage-deflate", "while inflating: one close, no late event, nothing left"),
      ],
    ],
  },
  {
    title: "HTTP/2",
    columns: ["what comes", "what it gets"],
    rows: [
      [
        "an unknown `:protocol`",
        "501",
        hardening("http2", "RFC 9220 §3: an unknown :protocol is a 501"),
      ],
      [
        "`Upgrade` or `Connection`",
        "PROTOCOL_ERROR on the stream",
        hardening("http2", "is a stream error, PROTOCOL_ERROR"),
      ],
      [
        "extended CONNECT where it was not offered",
        "a reset",
        hardening("http2", "RFC 8441 §3: an extended CONNECT without the setting is reset"),
      ],
      [
        "a reset or END_STREAM inside a frame",
        "1006 on that stream only",
        hardening("http2", "a reset inside a frame is 1006, on that stream only"),
        hardening("http2", "END_STREAM inside a frame is 1006, on that stream only"),
      ],
      [
        "rapid resets",
        "GOAWAY, and others are served",
        hardening("http2", "rapid reset (CVE-2023-44487)"),
        hardening("http2-resets", "end their session, and the server has time for others"),
      ],
      [
        "floods of SETTINGS and PING",
        "bounded memory, or the end of the session",
        hardening("http2", "from a peer that does not read holds bounded memory"),
      ],
      [
        "a zero window on one of 100 streams",
        "the others go on",
        hardening(
          "http2",
          "RFC 9113 §5.2: a zero window on one of 100 streams, and the other 99 go on",
        ),
      ],
    ],
  },
  {
    title: "What goes wrong by itself",
    columns: ["fault", "what holds"],
    rows: [
      [
        "a peer that is stopped, or its link down",
        "found within ping and pong time; one close, 1006",
        fault("peer-gone", "fault: peer stopped (SIGSTOP)"),
        fault("peer-gone", "fault: link down in a network namespace"),
      ],
      [
        "a reset in the middle of a message",
        "the part is never delivered, and its memory is free",
        fault("reset", "fault: reset in the middle of a message"),
      ],
      [
        "one slow reader among 10,000 in a topic",
        "ended at its limit; the others' p99 under twice what it was",
        fault("slow-reader", "fault: one slow reader among 10,000 in a topic"),
      ],
      [
        "SIGTERM under load",
        "no new connections, 1001 spread, each accepted message delivered",
        fault("shutdown", "fault: SIGTERM under load"),
      ],
      [
        "an event loop that stands still",
        "no false time-outs",
        fault("stall", "fault: event loop stalled for twice ping + pong"),
      ],
      [
        "10,000 that reconnect at once",
        "all back within 30 s; memory and descriptors at their base",
        fault("reconnect", "fault: 10,000 reconnect at once"),
      ],
      [
        "no descriptors left",
        "live connections go on; it accepts again by itself",
        fault("descriptors", "fault: no descriptors left (EMFILE)"),
      ],
      [
        "a proxy with an idle time-out",
        "Pings keep the connection alive",
        [
          "docs/test/harness/proxy-contract.ts",
          "an idle connection outlives the proxy's time-out by our pings, and no other does",
        ],
      ],
      [
        "connects, messages and ends for a long time",
        "flat memory, no descriptor more",
        test("soak/soak", "nothing is lost, and everything is let go of"),
      ],
    ],
  },
  {
    title: "What hurt others",
    columns: ["where", "what it was"],
    rows: [
      [
        "`ws` CVE-2024-37890",
        "more header fields than the limit crash the server",
        hardening("handshake", "more than 128 headers or 16 KiB; URL over 8 KiB"),
      ],
      [
        "`ws` CVE-2021-32640, faye CVE-2020-7662",
        "regular expressions that take for ever on a subprotocol or parameter",
        hardening(
          "handshake",
          "§11.3.4 subprotocols and §9.1 extensions, malformed, in under 5 ms",
        ),
        test("protocol/handshake/extension-header", "takes time linear in its input"),
      ],
      [
        "`ws` CVE-2026-48779, CVE-2026-62389, undici CVE-2026-12151",
        "tiny and empty fragments cost many times their bytes",
        hardening("frames-memory", "§5.4 fragments without end"),
      ],
      [
        "`ws` 8.23.0, undici CVE-2026-109932, curl CVE-2026-11586",
        "Pongs for a peer that never reads pile up",
        hardening(
          "frames-memory",
          "from a peer that doesn't read: one pending pong once output is backed up",
        ),
      ],
      [
        "`ws` CVE-2026-45736, CVE-2016-10518",
        "memory that was not written is sent",
        hardening("closing", "throws, and nothing reaches the wire"),
        test("node/message", "never guesses: an error says what to do about"),
      ],
      [
        "`ws` 8.21.2",
        "a small view keeps a large block alive",
        test(
          "node/memory",
          "one piece that is kept keeps at most 8 KiB alive, or what it is itself",
        ),
      ],
      [
        "`ws` 3.3.1, Phoenix CVE-2026-56812",
        "names of `Object.prototype`",
        hardening("handshake", "the names of Object.prototype as"),
      ],
      [
        "undici CVE-2026-2229, CVE-2026-1526, CVE-2026-1528",
        "window bits out of range, 6 MB that are 1 GB, a 64-bit length",
        hardening(
          "permessage-deflate-handshake",
          "§7.1 a client that gets a bad answer: HandshakeError, and the socket is let go of",
        ),
        hardening(
          "permessage-deflate-memory",
          "§8 a bomb of 1 MB that is 1 GB, at the default limit: 1009",
        ),
        hardening("frames", "§5.2 length of all ones"),
      ],
      [
        "Tomcat CVE-2020-13935, gorilla CVE-2020-27813",
        "a length with its top bit, or that overflows",
        hardening("frames", "§5.2 length with the top bit"),
      ],
      [
        "tungstenite CVE-2023-43669",
        "a header that is parsed again with each packet",
        test("protocol/receiver", "takes time linear in its input, one byte at a time"),
      ],
      [
        "curl CVE-2025-10148, gorilla GHSA-w67g-5rqw-f597",
        "masks that are fixed or weak",
        test("node/platform", "RFC 6455 §10.3 masking keys differ, over many refills of the pool"),
      ],
      [
        "Undertow CVE-2021-3690, Python CVE-2018-1000518, Centrifugo CVE-2026-62963",
        "limits on the compressed size only",
        hardening(
          "permessage-deflate-memory",
          "§8 a bomb of 1 MB that is 1 GB, at the default limit: 1009",
        ),
      ],
      [
        "Storybook CVE-2026-27148, Vite CVE-2025-24010",
        "any page may open the socket",
        hardening("handshake", "§10.2 Origin not allowed, null, look-alike prefix or suffix"),
      ],
      [
        "Deno CVE-2026-55517",
        "a byte from 0x80 on in the 101 crashes the client",
        hardening("client-handshake", "a byte ≥ 0x80 in the response"),
      ],
      ["HTTP/2 CVE-2023-44487", "rapid resets", hardening("http2", "rapid reset (CVE-2023-44487)")],
      [
        "HTTP/2 CVE-2024-27983",
        "CONTINUATION without end",
        hardening("http2", "CONTINUATION without end (CVE-2024-27983)"),
      ],
      [
        "Node CVE-2025-59465",
        "bad HPACK and a reset",
        hardening("http2", "bad HPACK and a reset at once (CVE-2025-59465): nothing crashes"),
      ],
      [
        "Pingora CVE-2026-2833",
        "bytes that are tunnelled before the 101",
        hardening(
          "handshake-body",
          "a second pipelined request on the upgrade: 400 and close, never served",
        ),
      ],
      [
        "Envoy CVE-2024-23326",
        "a 200 that is taken for an upgrade",
        hardening("client-handshake", "200 and others instead of 101"),
        hardening("client-proxy", "HTTP proxies"),
      ],
    ],
  },
];
