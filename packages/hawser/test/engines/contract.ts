// What every broker does, whatever carries its publications (src/engines/broker.ts has the promises).

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import { type Broker, BrokerError, type BrokerErrorCode } from "../../dist/index.js";
import { deferred, within } from "../support/deferred.ts";

/** Two nodes, for one test. */
export interface Nodes {
  readonly a: Broker;
  readonly b: Broker;
  end(): Promise<void>;
}

/** Names that mean something to an engine, a protocol or a parser. */
const names = [
  "",
  "%",
  "%2A",
  "*",
  ">",
  "a",
  "a.*",
  "a.>",
  "a.b",
  ".",
  "a b",
  "a\r\nPUB b 1\r\nx\r\n",
  "\0",
  "{a}b",
  "[ab]",
  "a?",
  "\\",
  "é",
  "e\u0301",
  "😀",
  "__proto__",
  "$SYS.x",
  "_INBOX.x",
  "A",
];

export function describeContract(title: string, makeNodes: () => Promise<Nodes>): void {
  describe(`the contract of brokers, ${title}`, { timeout: 30_000 }, () => {
    const withNodes =
      (body: (nodes: Nodes) => Promise<void>): (() => Promise<void>) =>
      async () => {
        const nodes = await makeNodes();
        try {
          await body(nodes);
        } finally {
          await nodes.end();
        }
      };

    it(
      "what one publishes comes to the other once, in order, byte for byte",
      withNodes(async ({ a, b }) => {
        const contents = Array.from({ length: 500 }, (_, i) => Buffer.alloc(i % 7, i));
        contents.push(Buffer.from(Array.from({ length: 256 }, (_, i) => i)), Buffer.from("end"));
        const inbox = new Inbox();
        await b.subscribe("t", inbox.listener);
        await Promise.all(contents.map((content) => a.publish("t", content)));
        assert.deepEqual(await inbox.until("end"), contents.map(String));
        await a.publish("t", Buffer.from("later"));
        assert.equal((await inbox.until("later")).length, contents.length + 1);
      }),
    );

    it(
      "topics never meet, whatever their names mean to the engine",
      withNodes(async ({ a, b }) => {
        const inboxes = names.map(() => new Inbox());
        await Promise.all(
          names.map((name, i) => b.subscribe(name, (inboxes[i] as Inbox).listener)),
        );
        await Promise.all(names.map((name, i) => a.publish(name, Buffer.from(`for ${i}`))));
        await Promise.all(names.map((name) => a.publish(name, Buffer.from("end"))));
        for (const [i, inbox] of inboxes.entries()) {
          assert.deepEqual(await inbox.until("end"), [`for ${i}`, "end"], JSON.stringify(names[i]));
        }
      }),
    );

    it(
      "listeners of one topic all hear it; who has unsubscribed hears nothing more",
      withNodes(async ({ a, b }) => {
        const [one, two] = [new Inbox(), new Inbox()];
        await b.subscribe("t", one.listener);
        await b.subscribe("t", two.listener);
        await b.subscribe("t", two.listener);
        await a.publish("t", Buffer.from("1"));
        await Promise.all([one.until("1"), two.until("1")]);
        await b.unsubscribe("t", one.listener);
        await b.unsubscribe("t", one.listener);
        await b.unsubscribe("never", one.listener);
        await a.publish("t", Buffer.from("2"));
        assert.deepEqual(await two.until("2"), ["1", "2"]);
        assert.deepEqual(one.contents, ["1"]);
        await b.unsubscribe("t", two.listener);
        await b.subscribe("t", one.listener);
        await a.publish("t", Buffer.from("3"));
        assert.deepEqual(await one.until("3"), ["1", "3"]);
        assert.deepEqual(two.contents, ["1", "2"]);
      }),
    );

    it(
      "health is up, and says that subscriptions made before are in place",
      withNodes(async ({ a, b }) => {
        const inbox = new Inbox();
        void b.subscribe("t", inbox.listener);
        const { state, roundTripMs, error } = await b.health();
        assert.deepEqual([state, error], ["up", undefined]);
        assert.ok(roundTripMs !== undefined && roundTripMs >= 0);
        await a.publish("t", Buffer.from("x"));
        assert.deepEqual(await inbox.until("x"), ["x"]);
      }),
    );

    it(
      "a topic that has no form in UTF-8 is refused",
      withNodes(async ({ a }) => {
        const isInvalid = { code: "HAWSER_TOPIC_INVALID" };
        await assert.rejects(a.publish("\ud800", Buffer.from("x")), isInvalid);
        await assert.rejects(
          a.subscribe("\udc00", () => undefined),
          isInvalid,
        );
      }),
    );

    it(
      "a closed one rejects, is not healthy, and closes again",
      withNodes(async ({ a }) => {
        const told: string[] = [];
        a.watch((state) => told.push(state));
        await a.close();
        await a.close();
        await assert.rejects(a.publish("t", Buffer.from("x")), has("HAWSER_BROKER_CLOSED"));
        await assert.rejects(
          a.subscribe("t", () => undefined),
          has("HAWSER_BROKER_CLOSED"),
        );
        await a.unsubscribe("t", () => undefined);
        assert.equal((await a.health()).state, "closed");
        assert.deepEqual([a.state, told], ["closed", ["closed"]]);
      }),
    );
  });
}

/** For `assert.rejects`. */
export function has(code: BrokerErrorCode): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof BrokerError, String(error));
    assert.equal(error.code, code);
    return true;
  };
}

/** What came to a listener, as text. */
export class Inbox {
  readonly contents: string[] = [];
  #waiting: { last: string; resolve: () => void } | undefined;

  readonly listener = (content: Buffer): void => {
    this.contents.push(String(content));
    if (this.#waiting?.last === String(content)) this.#waiting.resolve();
  };

  /** All that came, once that has come. */
  async until(last: string): Promise<readonly string[]> {
    if (!this.contents.includes(last)) {
      const { promise, resolve } = deferred();
      this.#waiting = { last, resolve };
      await within(promise, `${last} (so far ${this.contents.length})`, 10_000);
    }
    return this.contents;
  }
}
