// permessage-deflate as the tester does it, beside the examples of RFC 7692 and zlib's own streams.

import assert from "node:assert/strict";
import { once } from "node:events";
import { describe, it } from "node:test";
import { constants, createDeflateRaw } from "node:zlib";
import { WireFault } from "../../../dist/conform/wire/frame-reader.js";
import {
  type DirectionAgreement,
  MessageDeflate,
} from "../../../dist/conform/wire/message-deflate.js";
import { Random } from "../../../dist/conform/wire/random.js";

function both(way: DirectionAgreement): MessageDeflate {
  return new MessageDeflate({ outgoing: way, incoming: way });
}

describe("MessageDeflate", () => {
  const hello = Buffer.from("Hello");

  it("RFC 7692 §7.2.3.2 refers to the message before when it may", () => {
    const deflate = both({ takesOver: true, windowBits: 15 });
    assert.equal(deflate.deflate(hello).toString("hex"), "f248cdc9c90700");
    assert.equal(deflate.deflate(hello).toString("hex"), "f200110000");
    assert.deepEqual(deflate.inflate(Buffer.from("f248cdc9c90700", "hex")), hello);
    assert.deepEqual(deflate.inflate(Buffer.from("f200110000", "hex")), hello);
  });

  it("§7.1.1 forgets after each message when that was agreed on", () => {
    const deflate = both({ takesOver: false, windowBits: 15 });
    assert.equal(deflate.deflate(hello).toString("hex"), "f248cdc9c90700");
    assert.equal(deflate.deflate(hello).toString("hex"), "f248cdc9c90700");
    deflate.inflate(Buffer.from("f248cdc9c90700", "hex"));
    assert.throws(() => deflate.inflate(Buffer.from("f200110000", "hex")), WireFault);
  });

  it("§7.2.3.6 writes an empty message as one octet, and reads it", () => {
    const deflate = both({ takesOver: true, windowBits: 15 });
    assert.equal(deflate.deflate(Buffer.alloc(0)).toString("hex"), "00");
    assert.equal(deflate.inflate(Buffer.of(0)).length, 0);
  });

  for (const takesOver of [true, false]) {
    for (const windowBits of [9, 12, 15]) {
      it(`reads what it writes: takes over ${takesOver}, ${windowBits} bits`, () => {
        const deflate = both({ takesOver, windowBits });
        const random = new Random("deflate");
        for (let round = 0; round < 50; round++) {
          const content = Buffer.from(`${"abc ".repeat(random.below(2_000))}${random.next()}`);
          assert.deepEqual(deflate.inflate(deflate.deflate(content)), content);
        }
      });
    }
  }

  it("§7.1.2 finds references beyond the window that was agreed on", async () => {
    const stream = createDeflateRaw({ windowBits: 15 });
    const far = new Random("far").octets(2_000);
    stream.write(Buffer.concat([far, far]));
    stream.flush(constants.Z_SYNC_FLUSH);
    const [deflated] = (await once(stream, "data")) as [Buffer];
    assert.throws(
      () => both({ takesOver: true, windowBits: 9 }).inflate(deflated),
      (error) => error instanceof WireFault && /inflated/.test(error.message),
    );
    stream.destroy();
  });
});
