// RFC 1928, RFC 1929: SOCKS5 proxies that refuse, talk nonsense, or not at all.

import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { connect, type ConnectOptions, HandshakeError } from "../../../dist/index.js";
import { Socks5Tunnel } from "../../../dist/node/dial/socks5.js";
import { TestProxy } from "../../support/proxy.ts";
import { rejectionOf } from "../../support/rejection.ts";

let proxy: TestProxy | undefined;
afterEach(() => proxy?.close());

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");

/** The proxy says these one after the other, each when something has come. */
async function failsWith(
  code: string,
  says: readonly string[],
  { credentials = "", ...options }: ConnectOptions & { credentials?: string } = {},
): Promise<HandshakeError> {
  proxy = await TestProxy.raw("socks5h", async (peer) => {
    for (const line of says) {
      await peer.readBytes(3, "latin1");
      if (line === "end") peer.socket.end();
      else if (line === "reset") peer.reset();
      else peer.write(hex(line));
    }
  });
  const url = credentials === "" ? proxy.url : proxy.urlWith(credentials);
  const attempt = connect("ws://server.example/", { proxy: url, ...options });
  const error = await rejectionOf<HandshakeError>(attempt, code);
  assert.ok(error instanceof HandshakeError);
  assert.equal(error.phase, "SOCKS5");
  assert.match(error.message, /SOCKS5/);
  assert.doesNotMatch(error.message, /secret/);
  // The client lets go of the socket.
  await proxy.idle();
  return error;
}

describe("refusals", () => {
  for (const [reply, why] of [
    ["01", /1, general failure/],
    ["02", /2, not allowed by its rules/],
    ["03", /network unreachable/],
    ["04", /host unreachable/],
    ["05", /connection refused/],
    ["06", /time to live expired/],
    ["07", /command not supported/],
    ["08", /address type not supported/],
    ["09", /9, unassigned/],
    ["ff", /255, unassigned/],
  ] as const) {
    it(`§6 reply ${reply}: HAWSER_PROXY_REFUSED`, async () => {
      const error = await failsWith("HAWSER_PROXY_REFUSED", ["05 00", `05 ${reply}`]);
      assert.match(error.message, why);
      assert.equal(error.status, 0);
    });
  }

  it("§3 no acceptable method: HAWSER_PROXY_AUTHENTICATION", async () => {
    await failsWith("HAWSER_PROXY_AUTHENTICATION", ["05 ff"]);
  });

  it("RFC 1929 §2 wrong password: HAWSER_PROXY_AUTHENTICATION", async () => {
    const credentials = "user:secret";
    await failsWith("HAWSER_PROXY_AUTHENTICATION", ["05 02", "01 01"], { credentials });
  });
});

describe("what is no SOCKS5", () => {
  for (const [title, says, options] of [
    ["SOCKS4", ["00 5a 00 00 00 00 00 00"]],
    ["HTTP", ["48 54 54 50"]],
    ["one byte that is no version", ["04"]],
    ["a method that was not offered", ["05 01"]],
    ["a password without one offered", ["05 02"]],
    ["an authentication of another version", ["05 02", "05 00"], { credentials: "a:secret" }],
    ["a reply of another version", ["05 00", "04"]],
    ["a reserved byte that is set", ["05 00", "05 00 01"]],
    ["an address of another type", ["05 00", "05 00 00 02 00"]],
  ] as const) {
    it(`${title}: HAWSER_PROXY_MALFORMED`, async () => {
      await failsWith("HAWSER_PROXY_MALFORMED", says, options);
    });
  }

  for (const says of [["end"], ["05 00", "end"], ["05 00", "reset"]]) {
    it(`the end after ${says.slice(0, -1).join(", ") || "nothing"}: HAWSER_PROXY_CUT`, async () => {
      await failsWith("HAWSER_PROXY_CUT", says);
    });
  }

  it("silence: HAWSER_HANDSHAKE_TIMEOUT names the phase", async () => {
    const options = { handshakeTimeoutMs: 60 };
    const error = await failsWith("HAWSER_HANDSHAKE_TIMEOUT", ["05 00"], options);
    assert.match(error.message, /the time was up at: SOCKS5/);
  });
});

describe("the dialogue, without a socket", () => {
  const hop = { host: "p", port: 1, isSecure: false, isProxy: true };
  const to = (host: string) => ({ host, port: 0x1234, isSecure: false, isProxy: false });

  const conversation = (
    host: string,
    credentials: [string, string] | undefined,
    answers: string,
  ): { said: string[]; rest: string } => {
    const tunnel = new Socks5Tunnel(to(host), hop, credentials);
    const said = [Buffer.from(tunnel.opening).toString("hex")];
    const say = (bytes: Uint8Array): void => void said.push(Buffer.from(bytes).toString("hex"));
    const bytes = hex(answers);
    for (let i = 0; i < bytes.length; i++) {
      const rest = tunnel.receive(bytes.subarray(i, i + 1), say);
      if (rest !== undefined) return { said, rest: bytes.toString("hex", i + 1) };
    }
    throw new Error("it never ends");
  };

  it("without credentials, an IPv4 address", () => {
    const { said, rest } = conversation("10.0.0.1", undefined, "0500 050000010a0000010050 abcd");
    assert.deepEqual(said, ["050100", "050100010a0000011234"]);
    assert.equal(rest, "abcd");
  });

  it("with credentials that are wanted, a name", () => {
    const answers = "0502 0100 0500000301610050 ab";
    const { said, rest } = conversation("ab", ["u", "pw"], answers);
    assert.deepEqual(said, ["05020002", "010175027077", "050100030261621234"]);
    assert.equal(rest, "ab");
  });

  it("with credentials that are not wanted, an IPv6 address", () => {
    const answers = `0500 05000004${"00".repeat(16)}0050`;
    const { said, rest } = conversation("::1", ["u", "pw"], answers);
    assert.deepEqual(said, ["05020002", `05010004${"00".repeat(15)}011234`]);
    assert.equal(rest, "");
  });

  it("the whole answer in one piece: what is behind it is the server's", () => {
    const tunnel = new Socks5Tunnel(to("h"), hop, undefined);
    const rest = tunnel.receive(hex("0500 05000001000000000000 ffee"), () => undefined);
    assert.equal(Buffer.from(rest as Uint8Array).toString("hex"), "ffee");
  });
});
