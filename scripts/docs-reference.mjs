// @ts-check
// Writes the tables of docs/reference/errors.md from the tables that the library itself works with, so
// that the two can't differ. `--check` writes nothing, and exits with 1 when the page is out of date.
// What to do about each code is said here: a code without advice, or advice without a code, is an error.
// Needs a finished build.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const root = join(import.meta.dirname, "..");
const page = join(root, "docs/reference/errors.md");

/** @typedef {{ readonly rfc: string, readonly message: string, readonly closeCode?: number, readonly status?: number }} Row */
/** @typedef {Record<"violations" | "limits" | "refusals" | "responseFaults", Record<string, Row>>} Tables */

// By its path, so that the scripts compile before the library does.
const library = pathToFileURL(join(root, "packages/hawser/dist/protocol/index.js")).href;
const { violations, limits, refusals, responseFaults } = /** @type {Tables} */ (
  await import(library)
);

/** @type {Record<string, string>} */
const advice = {
  // violations
  HAWSER_UNEXPECTED_RSV: "The peer compresses, or sends garbage: no extension is agreed on.",
  HAWSER_RESERVED_OPCODE: "The peer is no WebSocket endpoint, or lost its place in the stream.",
  HAWSER_LENGTH_NOT_MINIMAL: "Mend the peer's encoder.",
  HAWSER_LENGTH_TOP_BIT: "Mend the peer's encoder.",
  HAWSER_MASK_MISSING: "Mend the client: each of its frames has to be masked.",
  HAWSER_MASK_UNEXPECTED: "Mend the server: none of its frames may be masked.",
  HAWSER_CONTROL_FRAGMENTED: "Mend the peer's encoder.",
  HAWSER_CONTROL_TOO_LONG: "Ping, pong and close carry at most 125 bytes.",
  HAWSER_UNEXPECTED_CONTINUATION: "Mend the peer; does it send from two places at once?",
  HAWSER_EXPECTED_CONTINUATION: "Mend the peer; does it send from two places at once?",
  HAWSER_CLOSE_PAYLOAD: "Mend the peer: the payload is empty or begins with a code of two bytes.",
  HAWSER_CLOSE_CODE: "Mend the peer: 1000–1003, 1007–1014 and 3000–4999 may be sent.",
  HAWSER_INVALID_UTF8: "The peer has to send such data as binary.",
  HAWSER_CLOSE_REASON_UTF8: "Mend the peer; it may cut reasons in the middle of a character.",
  HAWSER_BAD_COMPRESSION: "Mend the peer, or switch compression off.",
  // limits
  HAWSER_MESSAGE_TOO_BIG: "Send less at a time, or raise `maxMessageBytes`.",
  HAWSER_TOO_MANY_FRAGMENTS: "Send larger fragments, or raise `maxFragments`.",
  // refusals
  HAWSER_METHOD: "Connect with GET.",
  HAWSER_METHOD_UNKNOWN: "Use a method that `fetch` knows: not TRACE and the like.",
  HAWSER_UPGRADE_REQUIRED: "Connect with a WebSocket client; behind a proxy, pass `Upgrade` on.",
  HAWSER_HTTP_VERSION: "A proxy speaks HTTP/1.0 to the server: set it to 1.1.",
  HAWSER_REQUEST_MALFORMED: "The client is no HTTP client, or speaks TLS to a plain port.",
  HAWSER_HOST: "Send one `Host` header with a host and, if need be, a port.",
  HAWSER_UPGRADE: "Send `Upgrade: websocket`.",
  HAWSER_CONNECTION: "Send `Connection: Upgrade`; behind a proxy, pass it on.",
  HAWSER_KEY: "Mend the client.",
  HAWSER_CONNECT_PROTOCOL: "Over HTTP/2, ask for `:protocol` websocket.",
  HAWSER_CONNECT_TARGET:
    "Over HTTP/2, send `:scheme` http or https, a host as `:authority`, and a path.",
  HAWSER_VERSION: "Use a client that speaks RFC 6455.",
  HAWSER_SUBPROTOCOL: "Offer tokens (RFC 9110 §5.6.2), each once.",
  HAWSER_EXTENSIONS: "Mend the client.",
  HAWSER_BODY: "Send no body.",
  HAWSER_PIPELINED: "Wait for the 101 before sending anything but frames.",
  HAWSER_ORIGIN:
    "List the page in `origins`; behind a proxy, name that in `trustedProxies`, or pass the original `Host` on.",
  HAWSER_NO_SUCH_PATH: "Connect to the path that the server is attached with.",
  HAWSER_HEADERS_TOO_LARGE: "Send less (cookies?), or raise `maxHeaderBytes`, `maxHeaders`.",
  HAWSER_URL_TOO_LONG: "Send a shorter URL, or raise `maxUrlBytes`.",
  HAWSER_HANDSHAKE_TIMEOUT: "Make `upgrade` faster, or raise `handshakeTimeoutMs`.",
  HAWSER_UPGRADE_FAILED: "Mend `upgrade`; the `error` hook has what it threw.",
  HAWSER_CLOSING: "Try again, another process may answer.",
  // responseFaults
  HAWSER_REFUSED: "Look at `status`, `headers` and `body`.",
  HAWSER_RESPONSE_MALFORMED: "Is there an HTTP server at that port? Does it want wss:?",
  HAWSER_RESPONSE_TOO_LARGE: "Mend the server.",
  HAWSER_RESPONSE_CUT: "Look into the log of the server, or of the proxy before it.",
  HAWSER_RESPONSE_UPGRADE: "Mend the server, or the proxy before it.",
  HAWSER_RESPONSE_CONNECTION: "Mend the server, or the proxy before it.",
  HAWSER_RESPONSE_ACCEPT: "Something between answers from a cache, or is no WebSocket server.",
  HAWSER_RESPONSE_EXTENSIONS: "Mend the server.",
  HAWSER_RESPONSE_SUBPROTOCOL: "Mend the server, or offer what it speaks.",
  HAWSER_RESPONSE_NO_SUBPROTOCOL: "Offer what the server speaks, or nothing.",
  HAWSER_HTTP2_UNAVAILABLE: 'Connect with `http: 1`, or `"auto"`.',
};

/**
 * @param {Record<string, Row>} rows
 * @param {"closeCode" | "status" | undefined} number
 * @param {string} title of the column with that number
 */
function table(rows, number, title) {
  const head = ["code", ...(number ? [title] : []), "when", "source", "what to do"];
  const lines = Object.entries(rows).map(([code, row]) => {
    const what = advice[code];
    if (what === undefined) throw new Error(`${code}: no advice in ${import.meta.filename}`);
    const cells = [`\`${code}\``, ...(number ? [row[number]] : []), row.message, row.rfc, what];
    return `| ${cells.map((cell) => String(cell).replaceAll("|", "\\|")).join(" | ")} |`;
  });
  return [`| ${head.join(" | ")} |`, `|${"---|".repeat(head.length)}`, ...lines].join("\n");
}

/** @type {Record<string, string>} */
const tables = {
  violations: table(violations, "closeCode", "close code"),
  limits: table(limits, "closeCode", "close code"),
  refusals: table(refusals, "status", "status"),
  responseFaults: table(responseFaults, undefined, ""),
};

const known = { ...violations, ...limits, ...refusals, ...responseFaults };
for (const code of Object.keys(advice)) {
  if (!(code in known)) throw new Error(`${code} is in none of the library's tables`);
}

const old = readFileSync(page, "utf8");
let text = old;
for (const [name, rows] of Object.entries(tables)) {
  const marked = new RegExp(`(<!-- generated: ${name} -->\n)[^]*?(<!-- end -->)`);
  if (!marked.test(text)) throw new Error(`${page}: no place for the table ${name}`);
  text = text.replace(marked, (_all, begin, end) => `${begin}${rows}\n${end}`);
}

if (text === old) {
  console.log("docs/reference/errors.md is up to date");
} else if (process.argv.includes("--check")) {
  console.error("docs/reference/errors.md is out of date: run node scripts/docs-reference.mjs");
  process.exitCode = 1;
} else {
  writeFileSync(page, text);
  console.log("docs/reference/errors.md written");
}
