import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Inbox, type Source } from "../../dist/node/inbox.js";
import { ConnectionClosedError, type StreamedMessage } from "../../dist/index.js";

/** A source that writes down what the inbox asks of it. */
class Recorder implements Source {
  readonly asked: string[] = [];

  hold(): void {
    this.asked.push("hold");
  }

  resume(): void {
    this.asked.push("resume");
  }

  left(): void {
    this.asked.push("left");
  }

  announceMessages(): void {
    this.asked.push("announce");
  }

  receiveInParts(maxBytes: number): void {
    this.asked.push(`in parts ${maxBytes}`);
  }

  messageTooBig(maxBytes: number, actual: number): void {
    this.asked.push(`${actual} of ${maxBytes}`);
  }
}

function make(): { inbox: Inbox; asked: string[] } {
  const source = new Recorder();
  return { inbox: new Inbox(source), asked: source.asked };
}

const unclean = new ConnectionClosedError(1006, "", false);

describe("inbox", () => {
  it("gives a message to whoever waits, without holding anything back", async () => {
    const { inbox, asked } = make();
    const first = inbox.next();
    const second = inbox.next();
    inbox.deliver("a");
    inbox.deliver("");
    assert.deepEqual(
      [await first, await second],
      [
        { value: "a", done: false },
        { value: "", done: false },
      ],
    );
    assert.deepEqual(asked, []);
  });

  it("reads one message ahead, and holds the rest back until it is taken", async () => {
    const { inbox, asked } = make();
    inbox.deliver("a");
    assert.deepEqual(asked, ["hold"]);
    assert.equal((await inbox.next()).value, "a");
    assert.deepEqual(asked, ["hold", "resume"]);
  });

  it("is done after a clean end, for everybody and for good", async () => {
    const { inbox } = make();
    inbox.deliver("last");
    const waiting = make();
    const pending = waiting.inbox.next();
    inbox.end("cleanly");
    waiting.inbox.end("cleanly");
    assert.equal((await pending).done, true);
    assert.equal((await inbox.next()).value, "last");
    assert.equal((await inbox.next()).done, true);
    assert.equal((await inbox.next()).done, true);
  });

  it("throws once after an unclean end, behind the messages that came before it", async () => {
    const { inbox } = make();
    inbox.deliver("last");
    inbox.end(unclean);
    assert.equal((await inbox.next()).value, "last");
    await assert.rejects(inbox.next(), unclean);
    assert.equal((await inbox.next()).done, true);
  });

  it("an unclean end rejects the first that waits, and ends the others", async () => {
    const { inbox } = make();
    const results = Promise.allSettled([inbox.next(), inbox.next()]);
    inbox.end(unclean);
    const [first, second] = await results;
    assert.equal(first.status, "rejected");
    assert.deepEqual(second, { status: "fulfilled", value: { value: undefined, done: true } });
  });

  it("tells when a loop is left, and goes on with the next one", async () => {
    const { inbox, asked } = make();
    inbox.deliver("a");
    for await (const message of inbox) {
      assert.equal(message, "a");
      assert.equal(inbox.isRead, true);
      inbox.deliver("b");
      break;
    }
    assert.equal(inbox.isRead, false);
    assert.deepEqual(asked, ["hold", "resume", "hold", "left"]);
    assert.equal((await inbox.next()).value, "b");
  });

  it("discards what waits and all that comes", async () => {
    const { inbox, asked } = make();
    inbox.deliver("a");
    inbox.discard();
    inbox.deliver("b");
    inbox.end("cleanly");
    assert.deepEqual(asked, ["hold", "resume"]);
    assert.equal((await inbox.next()).done, true);
  });

  it("takes everything at once when the socket is gone", async () => {
    const { inbox, asked } = make();
    inbox.deliver("a");
    inbox.takeLast();
    inbox.deliver("b");
    inbox.deliver("c");
    inbox.end(unclean);
    assert.deepEqual(asked, ["hold", "resume"]);
    for (const expected of ["a", "b", "c"]) assert.equal((await inbox.next()).value, expected);
    await assert.rejects(inbox.next(), unclean);
  });
});

describe("inbox: messages in parts", () => {
  const endless = Number.POSITIVE_INFINITY;

  async function contentOf(message: StreamedMessage | undefined): Promise<string[]> {
    const chunks: string[] = [];
    for await (const chunk of message?.readable ?? []) {
      chunks.push(typeof chunk === "string" ? chunk : Buffer.from(chunk).toString());
    }
    return chunks;
  }

  it("has messages announced, and gives each to whoever waits, in parts or whole", async () => {
    const { inbox, asked } = make();
    const first = inbox.nextInParts(9);
    const second = inbox.next();
    inbox.begin(false);
    inbox.part(Buffer.from("a"), false);
    inbox.part(Buffer.from("b"), true);
    inbox.begin(true);
    inbox.deliver("whole");
    assert.deepEqual(await contentOf((await first).value), ["a", "b"]);
    assert.equal((await second).value, "whole");
    assert.deepEqual(asked, ["announce", "in parts 9"]);
  });

  it("what nobody has asked for yet is not begun, and can be had either way", async () => {
    for (const isInParts of [true, false]) {
      const { inbox, asked } = make();
      inbox.begin(true);
      assert.deepEqual(asked, ["hold"]);
      const message = isInParts ? inbox.nextInParts(endless) : inbox.next();
      if (isInParts) {
        inbox.part(Buffer.from("hi"), true);
        assert.deepEqual(asked.slice(1), ["announce", "in parts Infinity", "resume"]);
        assert.equal(((await message).value as StreamedMessage).isText, true);
      } else {
        inbox.deliver("hi");
        assert.deepEqual(asked.slice(1), ["resume"]);
        assert.equal((await message).value, "hi");
      }
    }
  });

  it("a message that had come whole is given as a stream, unless it is too long", async () => {
    const { inbox, asked } = make();
    inbox.deliver("€");
    inbox.deliver("");
    inbox.deliver("€");
    inbox.deliver(Buffer.from("ab"));
    assert.deepEqual(await contentOf((await inbox.nextInParts(3)).value), ["€"]);
    assert.deepEqual(await contentOf((await inbox.nextInParts(1)).value), []);
    const refused = inbox.nextInParts(2);
    assert.deepEqual(asked.at(-2), "3 of 2");
    inbox.end(unclean);
    await assert.rejects(refused, unclean);
    const { value } = await inbox.nextInParts(2);
    assert.equal(value?.isText, false);
    assert.deepEqual(await contentOf(value), ["ab"]);
  });

  it("a part that nobody reads holds back the next", async () => {
    const { inbox, asked } = make();
    const pending = inbox.nextInParts(endless);
    inbox.begin(false);
    inbox.part(Buffer.alloc(64 * 1024), false);
    assert.deepEqual(asked.slice(2), ["hold"]);
    const { value } = await pending;
    const reader = (value as StreamedMessage).readable.getReader();
    await reader.read();
    assert.deepEqual(asked.slice(2), ["hold", "resume"]);
    await reader.cancel();
    inbox.part(Buffer.alloc(64 * 1024), false);
    inbox.part(Buffer.alloc(64 * 1024), true);
    assert.deepEqual(asked.slice(2), ["hold", "resume", "resume"]);
  });

  it("a code point that two parts share is whole in the text, and a byte order mark stays", async () => {
    const { inbox } = make();
    const pending = inbox.nextInParts(endless);
    const bytes = Buffer.from("\uFEFFa€");
    inbox.begin(true);
    inbox.part(bytes.subarray(0, 5), false);
    inbox.part(bytes.subarray(5, 6), false);
    inbox.part(bytes.subarray(6), true);
    assert.deepEqual(await contentOf((await pending).value), ["\uFEFFa", "€"]);
  });

  it("what nobody reads of a message is skipped when the next is asked for", async () => {
    const { inbox, asked } = make();
    const loop = inbox.inParts(endless);
    const first = loop.next();
    inbox.begin(false);
    inbox.part(Buffer.alloc(64 * 1024), false);
    await first;
    const second = loop.next();
    assert.equal(asked.at(-1), "resume");
    inbox.part(Buffer.alloc(64 * 1024), true);
    inbox.begin(true);
    inbox.part(Buffer.from("b"), true);
    assert.deepEqual(await contentOf((await second).value), ["b"]);
    inbox.end("cleanly");
    for await (const message of loop) assert.fail(`${message.isText}`);
    await loop.return?.();
    assert.equal(inbox.isRead, false);
  });

  it("but of one that somebody reads the rest is waited for", async () => {
    const { inbox, asked } = make();
    const first = inbox.nextInParts(endless);
    inbox.begin(false);
    const content = contentOf((await first).value);
    assert.equal(inbox.isRead, true);
    const second = inbox.nextInParts(endless);
    inbox.part(Buffer.from("a"), false);
    inbox.part(Buffer.from("b"), true);
    assert.deepEqual(await content, ["a", "b"]);
    inbox.end("cleanly");
    assert.equal((await second).done, true);
    assert.ok(!asked.includes("hold"));
  });

  it("fails with the connection's end in the middle, clean or not", async () => {
    for (const how of ["cleanly", unclean] as const) {
      const { inbox } = make();
      const pending = inbox.nextInParts(endless);
      inbox.begin(false);
      inbox.cutOff(unclean);
      inbox.end(how);
      await assert.rejects(contentOf((await pending).value), unclean);
    }
  });

  it("what had only begun when the connection ended is nobody's", async () => {
    const { inbox, asked } = make();
    inbox.begin(false);
    inbox.cutOff(unclean);
    inbox.end(unclean);
    inbox.takeLast();
    await assert.rejects(inbox.nextInParts(endless), unclean);
    assert.equal((await inbox.next()).done, true);
    assert.deepEqual(asked, ["hold", "resume", "announce"]);
  });

  it("takes what the socket brought last without holding, to be had either way", async () => {
    for (const isInParts of [true, false]) {
      const { inbox, asked } = make();
      inbox.begin(true);
      inbox.takeLast();
      inbox.part(Buffer.alloc(128 * 1024, "a"), false);
      inbox.part(Buffer.from("b"), true);
      inbox.begin(false);
      inbox.part(Buffer.from("cut off"), false);
      inbox.cutOff(unclean);
      inbox.end(unclean);
      assert.deepEqual(asked, ["hold", "in parts Infinity", "resume", "in parts Infinity"]);
      if (isInParts) {
        const content = await contentOf((await inbox.nextInParts(endless)).value);
        assert.equal(content.join("").length, 128 * 1024 + 1);
      } else assert.equal((await inbox.next()).value?.length, 128 * 1024 + 1);
      await assert.rejects(inbox.next(), unclean);
    }
  });

  it("discards what has begun, what comes, and what will", async () => {
    const { inbox, asked } = make();
    const pending = inbox.nextInParts(endless);
    inbox.begin(false);
    const { value } = await pending;
    assert.equal(inbox.isRead, false);
    inbox.discard();
    inbox.part(Buffer.from("a"), false);
    inbox.cutOff(unclean);
    await assert.rejects(contentOf(value), { code: "HAWSER_MESSAGE_SKIPPED" });
    inbox.begin(true);
    assert.equal(asked.at(-1), "in parts Infinity");

    const waiting = make();
    waiting.inbox.begin(false);
    waiting.inbox.discard();
    waiting.inbox.part(Buffer.from("a"), true);
    assert.deepEqual(waiting.asked, ["hold", "in parts Infinity", "resume"]);
  });

  it("discards nothing of a message that is being read, but all behind it", async () => {
    const { inbox } = make();
    const pending = inbox.nextInParts(endless);
    inbox.begin(false);
    const { value } = await pending;
    const content = contentOf(value);
    const next = inbox.next();
    inbox.abandon();
    inbox.part(Buffer.from("ab"), true);
    assert.deepEqual(await content, ["ab"]);
    inbox.deliver("behind it");
    inbox.end("cleanly");
    assert.deepEqual(await next, { value: undefined, done: true });
  });
});
