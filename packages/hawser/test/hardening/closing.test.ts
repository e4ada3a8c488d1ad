// Closing handshakes gone wrong, against both roles: whatever the peer does, the connection ends once,
// soon, and says how.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { after, afterEach, before, describe, it } from "node:test";
import { UsageError } from "../../dist/index.js";
import { closeFrame, frame, hex, opcodes } from "../support/frame.ts";
import { openDescriptors } from "../support/memory.ts";
import { Victim, victimKinds } from "../support/victim.ts";

const badCode = [1002, "HAWSER_CLOSE_CODE"] as const;
const badReason = [1007, "HAWSER_CLOSE_REASON_UTF8"] as const;

interface Row {
  readonly title: string;
  readonly payload: Buffer;
  readonly verdict: readonly [closeCode: number, code: string];
}

const withCode = (code: number, reason = ""): Buffer => {
  const payload = Buffer.concat([Buffer.alloc(2), Buffer.from(reason, "latin1")]);
  payload.writeUInt16BE(code);
  return payload;
};

const rows: readonly Row[] = [
  {
    title: "§5.5.1 a payload of one byte",
    payload: hex("03"),
    verdict: [1002, "HAWSER_CLOSE_PAYLOAD"],
  },
  ...[0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535].map((code) => ({
    title: `§7.4 code ${code}`,
    payload: withCode(code, "why"),
    verdict: badCode,
  })),
  { title: "§8.1 reason not UTF-8", payload: withCode(1000, "\xff"), verdict: badReason },
  {
    title: "§8.1 reason cut off inside a character",
    payload: withCode(1000, "\xe2\x82"),
    verdict: badReason,
  },
  {
    title: "§8.1 reason with a surrogate",
    payload: withCode(3000, "ok\xed\xa0\x80"),
    verdict: badReason,
  },
];

const goodCodes = [
  1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 4999,
];

const badArguments: readonly (readonly [
  title: string,
  code: unknown,
  reason: unknown,
  error: string,
])[] = [
  ...[0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 1000.5, Number.NaN, -1].map(
    (code) => [`code ${code}`, code, "", "HAWSER_CLOSE_CODE_INVALID"] as const,
  ),
  ["code as a string", "1000", "", "HAWSER_CLOSE_CODE_INVALID"],
  ["code null", null, "", "HAWSER_CLOSE_CODE_INVALID"],
  ["reason of 124 bytes", 1000, "x".repeat(124), "HAWSER_CLOSE_REASON_TOO_LONG"],
  ["reason of 62 two-byte characters", 1000, "é".repeat(62), "HAWSER_CLOSE_REASON_TOO_LONG"],
  ["reason a typed array", 1000, new Float32Array(20), "HAWSER_CLOSE_REASON_TYPE"],
  ["reason a number", 1000, 100, "HAWSER_CLOSE_REASON_TYPE"],
  ["reason an object", 1000, { length: 3 }, "HAWSER_CLOSE_REASON_TYPE"],
  ["reason null", 1000, null, "HAWSER_CLOSE_REASON_TYPE"],
  ["reason without a code", undefined, "why", "HAWSER_CLOSE_REASON_WITHOUT_CODE"],
];

for (const kind of victimKinds) {
  const masked = kind !== "client";

  describe(`bad Close frames against a ${kind}`, () => {
    let victim: Victim;
    before(async () => {
      victim = await Victim.start(kind, { closeTimeoutMs: 100 });
    });
    afterEach(() => victim.check());
    after(() => victim.close());

    for (const { title, payload, verdict } of rows) {
      const input = frame(opcodes.close, payload, { masked });

      it(`${title}: ${verdict[0]}`, async () => {
        const peer = await victim.open();
        peer.write(input);
        await victim.hasFailed(peer, ...verdict);
      });

      it(`${title}: ${verdict[0]}, one byte a write`, async () => {
        const peer = await victim.open();
        const written = peer.writeByteByByte(input);
        await victim.hasFailed(peer, ...verdict);
        await written;
      });
    }

    for (const code of goodCodes) {
      it(`§5.5.1 code ${code} is in order: it is echoed and told, with the reason`, async () => {
        const peer = await victim.open();
        peer.write(closeFrame(code, "wärum", { masked }));
        assert.deepEqual(await peer.readClose(), { code, reason: "", isMasked: !masked });
        peer.socket.end();
        assert.deepEqual(await victim.log.waitFor("close"), [code, "wärum"]);
      });
    }

    it("§7.1.5 a Close without a code: 1005", async () => {
      const peer = await victim.open();
      peer.write(closeFrame(undefined, "", { masked }));
      assert.equal((await peer.readClose()).code, 1005);
      peer.socket.end();
      assert.deepEqual(await victim.log.waitFor("close"), [1005, ""]);
    });

    for (const [title, code, reason, error] of badArguments) {
      it(`close() with a ${title} throws, and nothing reaches the wire`, async () => {
        const peer = await victim.open();
        const { connection } = victim;
        assert.throws(
          () => connection.close(code as number, reason as string),
          (thrown) => thrown instanceof UsageError && thrown.code === error,
        );
        assert.equal(connection.state, "open");
        peer.write(frame(opcodes.text, "still open", { masked }));
        assert.equal(await peer.readText(), "still open");
      });
    }

    it("a reason of 123 bytes is sent", async () => {
      const peer = await victim.open();
      victim.connection.close(4000, "x".repeat(123));
      assert.equal((await peer.readClose()).reason, "x".repeat(123));
    });
  });

  describe(`closing with a peer that does not play along, as a ${kind}`, () => {
    let victim: Victim;
    before(async () => {
      victim = await Victim.start(kind, { closeTimeoutMs: 100 });
    });
    afterEach(() => victim.check());
    after(() => victim.close());

    it("a silent peer: destroyed after closeTimeoutMs, one event, 1006", async () => {
      const peer = await victim.open();
      const { connection } = victim;
      const started = performance.now();
      connection.close(1000);
      assert.equal((await peer.readClose()).code, 1000);
      await peer.waitForEnd();
      const closed = await connection.closed;
      const took = performance.now() - started;
      assert.ok(took > 90 && took < 1_000, `${took} ms`);
      assert.deepEqual([closed.code, closed.wasClean], [1006, false]);
      assert.deepEqual(victim.log.names, ["open", "close"]);
    });

    it("a silent peer that keeps sending messages: destroyed after closeTimeoutMs", async () => {
      const peer = await victim.open();
      victim.connection.close(1000);
      const sending = setInterval(() => peer.write(frame(opcodes.text, "more", { masked })), 5);
      await peer.waitForEnd(1_000);
      clearInterval(sending);
      assert.deepEqual(await victim.log.waitFor("close"), [1006, ""]);
    });

    it("both at once: one event", async () => {
      const peer = await victim.open();
      const { connection } = victim;
      peer.write(closeFrame(4001, "theirs", { masked }));
      connection.close(4002, "ours");
      assert.deepEqual(await peer.readClose(), { code: 4002, reason: "ours", isMasked: !masked });
      peer.socket.end();
      assert.deepEqual(await victim.log.waitFor("close"), [4001, "theirs"]);
      assert.equal((await connection.closed).wasClean, true);
      assert.equal((await peer.readToEnd()).length, 0, "one Close frame and no more");
      assert.deepEqual(victim.log.names, ["open", "close"]);
    });

    it("§5.5.1 data after close is ignored", async () => {
      const peer = await victim.open();
      const late = ["late", "later"].map((text) => frame(opcodes.text, text, { masked }));
      const broken = frame(7, "", { masked });
      peer.write(Buffer.concat([closeFrame(1000, "", { masked }), ...late, broken]));
      assert.equal((await peer.readClose()).code, 1000);
      for (let i = 0; i < 20; i++) peer.write(late[0] as Buffer);
      peer.write(closeFrame(1001, "", { masked }));
      peer.socket.end();
      assert.deepEqual(await victim.log.waitFor("close"), [1000, ""]);
      assert.deepEqual(victim.log.names, ["open", "close"]);
    });

    it("§5.5.1 data between our Close frame and the peer's is delivered", async () => {
      const peer = await victim.open();
      const { connection } = victim;
      connection.close(1000);
      await peer.readClose();
      peer.write(frame(opcodes.text, "on its way", { masked }));
      peer.write(closeFrame(1000, "", { masked }));
      peer.socket.end();
      await victim.log.waitFor("close");
      assert.deepEqual(victim.log.all("message"), [["on its way"]]);
      assert.equal(connection.send("too late"), false);
    });

    it("a peer that closes but keeps TCP open is reaped", async () => {
      const base = openDescriptors();
      const peer = await victim.open();
      const { connection } = victim;
      peer.write(closeFrame(1000, "", { masked }));
      assert.equal((await peer.readClose()).code, 1000);
      // Neither an end of its side nor anything else comes.
      assert.equal((await connection.closed).wasClean, true);
      await peer.waitForEnd();
      assert.deepEqual(await victim.log.waitFor("close"), [1000, ""]);
      if (base > 0) assert.equal(openDescriptors(), base + 1, "only the peer's own");
    });

    it("a peer that is failed but keeps TCP open is reaped", async () => {
      const peer = await victim.open();
      const { connection } = victim;
      peer.write(frame(7, "", { masked }));
      assert.equal((await peer.readClose()).code, 1002);
      assert.equal((await connection.closed).code, 1006);
    });

    it("a peer that ends TCP without a Close frame: 1006 at once", async () => {
      const peer = await victim.open();
      peer.socket.end();
      assert.deepEqual(await victim.log.waitFor("close"), [1006, ""]);
      assert.equal(await peer.waitForEnd(), "fin");
    });

    it("close() again and again, and terminate() after it: one event", async () => {
      const peer = await victim.open();
      const { connection } = victim;
      for (let i = 0; i < 5; i++) connection.close(4000 + i);
      assert.equal((await peer.readClose()).code, 4000);
      connection.terminate();
      connection.terminate();
      connection.close(1000);
      await connection.closed;
      assert.deepEqual(victim.log.names, ["open", "close"]);
      assert.deepEqual(victim.log.all("close"), [[1006, ""]]);
    });
  });
}

describe("a silent peer, with the default of 5 s", { concurrency: true }, () => {
  for (const kind of victimKinds) {
    it(`is destroyed in 5 s by a ${kind}`, async () => {
      const victim = await Victim.start(kind);
      const peer = await victim.open();
      const started = performance.now();
      victim.connection.close(1000);
      await peer.waitForEnd();
      const took = performance.now() - started;
      assert.ok(took > 4_900 && took < 6_000, `${took} ms`);
      assert.deepEqual(await victim.log.waitFor("close"), [1006, ""]);
      await victim.close();
    });
  }
});
