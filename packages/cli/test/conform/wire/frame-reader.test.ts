// Octets that the tester reads: frames, and every rule that one of them can break.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type Frame,
  FrameReader,
  type FrameRules,
  WireFault,
} from "../../../dist/conform/wire/frame-reader.js";

const fromServer: FrameRules = { masked: false, deflate: false };
const fromClient: FrameRules = { masked: true, deflate: false };

function readAll(chunks: readonly Buffer[], rules: FrameRules): Frame[] {
  const reader = new FrameReader(rules);
  const frames: Frame[] = [];
  for (const chunk of chunks) {
    reader.push(Buffer.from(chunk));
    for (let frame = reader.next(); frame !== undefined; frame = reader.next()) frames.push(frame);
  }
  return frames;
}

function brief({ fin, rsv, opcode, masked, payload }: Frame): string {
  return `${fin} ${rsv} ${opcode} ${masked} ${payload.toString("hex")}`;
}

describe("FrameReader", () => {
  it("§5.7 reads frames at any split", () => {
    const octets = Buffer.from("818537fa213d7f9f4d5158", "hex");
    const ping = Buffer.from("898000000000", "hex");
    const long = Buffer.concat([Buffer.from("82fe007e01020304", "hex"), Buffer.alloc(126, 7)]);
    const all = Buffer.concat([octets, ping, long]);
    const whole = readAll([all], fromClient).map(brief);
    assert.equal(whole.length, 3);
    assert.equal(whole[0], "true 0 1 true 48656c6c6f");
    assert.equal(whole[1], "true 0 9 true ");
    for (let cut = 1; cut < all.length; cut++) {
      const parts = [all.subarray(0, cut), all.subarray(cut)];
      assert.deepEqual(readAll(parts, fromClient).map(brief), whole);
    }
    const single = Array.from(all, (octet) => Buffer.of(octet));
    assert.deepEqual(readAll(single, fromClient).map(brief), whole);
  });

  it("keeps the first octets for the log, as they were on the wire", () => {
    const [frame] = readAll([Buffer.from("818537fa213d7f9f4d5158", "hex")], fromClient);
    assert.equal(frame?.octets.toString("hex"), "818537fa213d7f9f4d5158");
  });

  it("shows what came of a frame that did not end", () => {
    const reader = new FrameReader(fromServer);
    reader.push(Buffer.from("8105", "hex"));
    reader.push(Buffer.from("4865", "hex"));
    assert.equal(reader.next(), undefined);
    assert.equal(reader.rest.toString("hex"), "81054865");
  });

  const faults: [title: string, hex: string, rules: FrameRules, message: RegExp][] = [
    ["§5.1 a masked frame of a server", "8180", fromServer, /server must not mask/],
    ["§5.1 an unmasked frame of a client", "8100", fromClient, /client must mask/],
    ["§5.2 a reserved bit", "a100", fromServer, /reserved bits are 2/],
    ["§5.2 RSV1 without an agreement", "c100", fromServer, /reserved bits are 4/],
    ["§5.2 a reserved opcode", "8300", fromServer, /opcode 3 is reserved/],
    ["§5.5 a fragmented control frame", "0900", fromServer, /control frame is fragmented/],
    ["§5.5 a long control frame", "897e", fromServer, /longer than 125/],
    ["§5.2 125 octets in 16 bits", "827e007d", fromServer, /shortest form/],
    ["§5.2 65,535 octets in 64 bits", "827f000000000000ffff", fromServer, /shortest form/],
    ["a length with the top bit", "827f8000000000000000", fromServer, /frame of 922337/],
    [
      "RFC 7692 §6 RSV1 on a control frame",
      "c900",
      { masked: false, deflate: true },
      /reserved bits are 4/,
    ],
    [
      "RFC 7692 §6.1 RSV1 on a continuation",
      "c000",
      { masked: false, deflate: true },
      /reserved bits are 4/,
    ],
  ];
  for (const [title, hex, rules, message] of faults) {
    it(`finds ${title}, before the payload`, () => {
      assert.throws(
        () => readAll([Buffer.from(hex, "hex")], rules),
        (error) => error instanceof WireFault && message.test(error.message),
      );
    });
  }
});
