import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { nodePlatform } from "../../dist/index.js";
import { encodeMessage, MessageEncoder } from "../../dist/protocol/encode-message.js";
import type { Extension } from "../../dist/protocol/index.js";
import { type Deferred, deferred, turn } from "../support/deferred.js";
import { Conversation, hex, unmasked } from "./conversation.js";

describe("encodeMessage", () => {
  it("§5.7 makes one frame of a text and of a binary message", () => {
    assert.equal(hex(encodeMessage(nodePlatform, "Hello")), "810548656c6c6f");
    assert.equal(hex(encodeMessage(nodePlatform, Buffer.from([1, 2]))), "82020102");
    assert.equal(hex(encodeMessage(nodePlatform, "é")), "8102c3a9");
    const large = encodeMessage(nodePlatform, Buffer.alloc(256));
    assert.equal(hex(large.subarray(0, 4)), "827e0100");
    assert.equal(large.length, 260);
  });

  it("§5.3 masks it with the key that it is given", () => {
    assert.equal(hex(encodeMessage(nodePlatform, "Hello", 0x37fa213d)), "818537fa213d7f9f4d5158");
    const large = encodeMessage(nodePlatform, Buffer.alloc(70_000, 5), 0x01020304);
    assert.equal(unmasked(hex(large)), hex(encodeMessage(nodePlatform, Buffer.alloc(70_000, 5))));
  });
});

/** Compresses "aaaa…" to its length, and nothing else; the test settles what begins with "later". */
class Counting implements Extension {
  readonly name = "x-count";
  readonly minBytes = 4;
  readonly sharedEncoding = "x-count";
  readonly asked: string[] = [];
  readonly later: Deferred<Uint8Array | undefined>[] = [];
  closed = 0;

  decode(payload: Uint8Array): Uint8Array {
    return payload;
  }

  encode(content: Uint8Array): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    const text = Buffer.from(content).toString();
    this.asked.push(text);
    if (text.startsWith("throw")) throw new Error("no memory");
    if (text.startsWith("later")) {
      this.later.push(deferred());
      return (this.later.at(-1) as Deferred<Uint8Array | undefined>).promise;
    }
    return text.startsWith("aaaa") ? Uint8Array.of(content.length) : undefined;
  }

  close(): void {
    this.closed++;
  }
}

describe("MessageEncoder", () => {
  function start(): { extension: Counting; encoder: MessageEncoder } {
    const extension = new Counting();
    return { extension, encoder: new MessageEncoder(nodePlatform, extension) };
  }

  it("RFC 7692 §6 makes one frame with RSV1, or a plain one", () => {
    const { extension, encoder } = start();
    const encode = (message: string | Uint8Array): string =>
      hex(encoder.encode(message) as Uint8Array);
    assert.equal(encode("aaaaa"), "c10105");
    assert.equal(encode(Buffer.from("aaaa")), "c20104");
    assert.equal(encode("bbbb"), "810462626262");
    assert.equal(encode("bbb"), "8103626262", "below minBytes");
    assert.equal(encode("throw"), "81057468726f77", "its failure is nobody's");
    assert.deepEqual(extension.asked, ["aaaaa", "aaaa", "bbbb", "throw"]);
    encoder.close();
    assert.equal(extension.closed, 1);
  });

  it("asks for one message after the other, and small ones don't wait", async () => {
    const { extension, encoder } = start();
    const first = encoder.encode("later 1");
    const second = encoder.encode("later 2");
    const third = encoder.encode("aaaaa");
    assert.equal(hex(encoder.encode("b") as Uint8Array), "810162");
    await turn();
    assert.deepEqual(extension.asked, ["later 1"]);
    extension.later[0]?.resolve(Uint8Array.of(0x11));
    assert.equal(hex(await first), "c10111");
    await turn();
    assert.deepEqual(extension.asked, ["later 1", "later 2"]);
    extension.later[1]?.reject(new Error("no memory"));
    assert.equal(hex(await second), "81076c617465722032");
    assert.equal(hex(await third), "c10105");
    await turn();
    assert.ok(encoder.encode("aaaaa") instanceof Uint8Array, "nothing is pending any more");
  });

  it("1 MiB behind: what comes then goes out plain, until the extension has caught up", async () => {
    const { extension, encoder } = start();
    const large = `later ${"-".repeat(1024 * 1024)}`;
    const first = encoder.encode(large);
    const plain = encoder.encode("later 2");
    assert.equal(hex(plain as Uint8Array), "81076c617465722032");
    extension.later[0]?.resolve(Uint8Array.of(0x11));
    assert.equal(hex(await first), "c10111");
    await turn();
    const [third, fourth] = [encoder.encode("later 3"), encoder.encode("later 4")];
    assert.ok(fourth instanceof Promise, "few bytes may wait");
    extension.later[1]?.resolve(Uint8Array.of(0x13));
    assert.equal(hex(await third), "c10113");
  });

  it("the caller's bytes are its own again at once", async () => {
    const { extension, encoder } = start();
    const mine = Buffer.from("later");
    const frame = encoder.encode(mine);
    mine.fill(0);
    extension.later[0]?.resolve(undefined);
    assert.equal(hex(await frame), "82056c61746572");
  });

  it("one frame goes to many, in its place among their own messages", async () => {
    const { extension, encoder } = start();
    const receivers = [new Conversation("server"), new Conversation("server")];
    const frame = encoder.encode("later");
    for (const { endpoint } of receivers) {
      endpoint.send("before");
      endpoint.sendEncoded(frame, undefined, 5);
      endpoint.send("b");
      assert.equal(endpoint.encodingBytes, 6);
    }
    extension.later[0]?.resolve(Uint8Array.of(0x11));
    await turn();
    for (const conversation of receivers) {
      assert.equal(conversation.output(), "81066265666f7265c10111810162");
    }
  });
});
