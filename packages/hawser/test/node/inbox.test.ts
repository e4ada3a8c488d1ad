import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Inbox, type Source } from "../../dist/node/inbox.js";
import { ConnectionClosedError } from "../../dist/index.js";

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
