import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LimitError } from "../../dist/index.js";
import { type Subscriber, Topics } from "../../dist/node/topics.js";

class Recorder implements Subscriber {
  topics: Set<string> | undefined;
  readonly agreed = undefined;
  readonly extension = undefined;
  readonly received: [frames: Uint8Array, key: string | undefined][] = [];

  sendFrames(frames: Uint8Array | Promise<Uint8Array>, key: string | undefined): boolean {
    this.received.push([frames as Uint8Array, key]);
    return true;
  }

  sendMessage(): never {
    return assert.fail("a subscriber without an extension gets frames");
  }
}

function make(maxSubscriptions = 10): { topics: Topics; a: Recorder; b: Recorder } {
  return { topics: new Topics(maxSubscriptions), a: new Recorder(), b: new Recorder() };
}

describe("topics", () => {
  it("a publication is encoded once: all get the same bytes", () => {
    const { topics, a, b } = make();
    topics.subscribe("t", a);
    topics.subscribe("t", b);
    assert.equal(topics.publish("t", "Hello", { key: "k" }), 2);
    assert.equal(a.received[0]?.[0], b.received[0]?.[0]);
    assert.equal(Buffer.from(a.received[0]?.[0] as Uint8Array).toString("hex"), "810548656c6c6f");
    assert.equal(a.received[0]?.[1], "k");
  });

  it("reaches subscribers of that topic only, and not the one left out", () => {
    const { topics, a, b } = make();
    topics.subscribe("t", a);
    topics.subscribe("u", b);
    assert.equal(topics.publish("t", "x", {}), 1);
    assert.equal(topics.publish("t", "x", {}, a), 0);
    assert.equal(topics.publish("nobody", "x", {}), 0);
    assert.equal(b.received.length, 0);
  });

  it("subscribing twice is subscribing once; unsubscribing from nothing does nothing", () => {
    const { topics, a, b } = make();
    topics.subscribe("t", a);
    topics.subscribe("t", a);
    topics.unsubscribe("u", a);
    topics.unsubscribe("t", b);
    assert.equal(topics.count("t"), 1);
    assert.equal(topics.count("u"), 0);
  });

  it("forgets a topic with its last subscriber", () => {
    const { topics, a, b } = make();
    for (const name of ["t", "u", "__proto__", "constructor"]) topics.subscribe(name, a);
    topics.subscribe("t", b);
    assert.equal(topics.size, 4);
    topics.unsubscribeAll(a);
    assert.deepEqual([topics.size, topics.count("t"), a.topics?.size], [1, 1, 0]);
    topics.unsubscribeAll(b);
    topics.unsubscribeAll(new Recorder());
    assert.equal(topics.size, 0);
  });

  it("a connection has a limit of topics, and is told what to do", () => {
    const { topics, a } = make(2);
    topics.subscribe("1", a);
    topics.subscribe("2", a);
    topics.subscribe("2", a);
    assert.throws(
      () => topics.subscribe("3", a),
      (error) =>
        error instanceof LimitError &&
        error.code === "HAWSER_TOO_MANY_SUBSCRIPTIONS" &&
        error.limit === 2 &&
        error.message.includes("maxSubscriptions"),
    );
    topics.unsubscribe("1", a);
    topics.subscribe("3", a);
    assert.equal(topics.count("3"), 1);
  });

  it("a subscriber may leave while it is being sent to", () => {
    const { topics, a, b } = make();
    a.sendFrames = () => {
      topics.unsubscribeAll(a);
      topics.unsubscribeAll(b);
      return false;
    };
    topics.subscribe("t", a);
    topics.subscribe("t", b);
    assert.equal(topics.publish("t", "x", {}), 1);
    assert.equal(b.received.length, 0);
  });
});
