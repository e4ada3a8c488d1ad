// Servers that are joined by a broker: what their own topics do is in topics.test.ts.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { describe, it } from "node:test";
import { serializeEnvelope } from "../../dist/engines/index.js";
import {
  type Broker,
  BrokerError,
  type BrokerListener,
  type BrokerState,
  connect,
  type Connection,
  LimitError,
  MemoryBroker,
  serve,
  type Server,
  type ServerOptions,
} from "../../dist/index.js";
import { within } from "../support/deferred.ts";
import { EventLog } from "../support/event-log.ts";

interface Joined {
  readonly servers: readonly [Server, Server];
  readonly errors: unknown[];
  client(server: Server): Promise<Reader>;
}

/** A client with what comes to it. */
class Reader {
  readonly ws: Connection;
  readonly #messages: AsyncIterator<string | Buffer, undefined>;

  constructor(ws: Connection) {
    this.ws = ws;
    this.#messages = ws[Symbol.asyncIterator]();
  }

  async next(): Promise<unknown> {
    return (await within(this.#messages.next(), "a message", 5_000)).value;
  }
}

/** Two servers with one broker, whose clients are subscribed to "t". */
async function join(
  body: (joined: Joined) => Promise<void>,
  broker: Broker = new MemoryBroker(),
  options: Partial<ServerOptions> = {},
): Promise<void> {
  const errors: unknown[] = [];
  const start = (): Promise<Server> =>
    serve({
      broker,
      open: (ws) => ws.subscribe("t"),
      error: (error) => errors.push(error),
      ...options,
    });
  const servers = [await start(), await start()] as const;
  try {
    await body({ servers, errors, client: async ({ url }) => new Reader(await connect(url)) });
  } finally {
    await Promise.all(servers.map((server) => server.close({ timeoutMs: 1_000 })));
    await broker.close();
  }
}

/** A broker that does what the test says, and nothing else. */
class Stub implements Broker {
  readonly limits = { maxTopicBytes: 10, maxTopics: 2, maxContentBytes: 2048 };
  state: BrokerState = "up";
  readonly log = new EventLog();
  readonly listeners = new Map<string, BrokerListener>();
  readonly watchers = new Set<Parameters<Broker["watch"]>[0]>();
  answer: () => Promise<void> = () => Promise.resolve();

  publish(topic: string, content: Buffer): Promise<void> {
    this.log.add("publish", topic, content);
    return this.answer();
  }
  subscribe(topic: string, listener: BrokerListener): Promise<void> {
    this.log.add("subscribe", topic);
    this.listeners.set(topic, listener);
    return this.answer();
  }
  async unsubscribe(topic: string): Promise<void> {
    this.log.add("unsubscribe", topic);
  }
  async health(): Promise<never> {
    return assert.fail("nobody asks");
  }
  watch(listener: Parameters<Broker["watch"]>[0]): () => void {
    this.watchers.add(listener);
    return () => this.watchers.delete(listener);
  }
  async close(): Promise<void> {
    this.log.add("close");
  }
  /** A publication of another node. */
  receive(number: number, previous: number, message: string): void {
    const publisher = "another node";
    const bytes = serializeEnvelope({
      publisher,
      number,
      previous,
      message,
      key: undefined,
      compress: true,
    });
    this.listeners.get("t")?.(bytes);
  }
}

const codes = (errors: readonly unknown[]): unknown[] =>
  errors.map((error) => (error as BrokerError).code);

describe("topics that span servers", { timeout: 20_000 }, () => {
  it("server.publish reaches the subscribers of every node, once, as what it is", () =>
    join(async ({ servers: [a, b], client }) => {
      const [here, there] = [await client(a), await client(b)];
      assert.equal(a.publish("t", "text"), 1);
      const bytes = Buffer.from([0, 1, 255]);
      a.publish("t", bytes);
      a.publish("t", "", { compress: false });
      assert.equal(await a.publishConfirmed("t", "last", { key: "k" }), 1);
      for (const reader of [here, there]) {
        const got = [await reader.next(), await reader.next()];
        got.push(await reader.next(), await reader.next());
        assert.deepEqual(got, ["text", bytes, "", "last"]);
      }
      assert.deepEqual(a.stats().broker, {
        state: "up",
        sent: 4,
        failed: 0,
        received: 0,
        repeated: 0,
        gaps: 0,
      });
      assert.equal(b.stats().broker?.received, 4);
    }));

  it("ws.publish leaves out that connection, and nobody on other nodes", () =>
    join(
      async ({ servers: [a, b], client }) => {
        const [asks, here, there] = [await client(a), await client(a), await client(b)];
        asks.ws.send("hello");
        assert.deepEqual([await here.next(), await there.next()], ["hello", "hello"]);
        a.publish("t", "end");
        assert.equal(await asks.next(), "end");
      },
      new MemoryBroker(),
      { message: (ws, message) => void ws.publish("t", message) },
    ));

  it("without a broker a publication is confirmed at once", async () => {
    const server = await serve({});
    assert.equal(await server.publishConfirmed("t", "x"), 0);
    assert.equal(server.stats().broker, undefined);
    await server.close();
  });

  it("a broker that is none is refused at once", async () => {
    const isInvalid = { code: "HAWSER_OPTION_INVALID" };
    await assert.rejects(serve({ broker: {} as Broker }), isInvalid);
    await assert.rejects(serve({ broker: null as never }), isInvalid);
  });

  it("a topic is subscribed to once a node, and released with its last subscriber", async () => {
    const broker = new Stub();
    await join(async ({ servers: [a], client }) => {
      const readers = [await client(a), await client(a)];
      a.publish("t", "x");
      for (const reader of readers) await reader.next();
      for (const { ws } of readers) ws.close();
      await broker.log.waitFor("unsubscribe");
      assert.deepEqual(broker.log.names, ["subscribe", "publish", "unsubscribe"]);
    }, broker);
    assert.equal(broker.watchers.size, 0);
  });

  it("a topic that is too long or malformed is refused before anything happens", async () => {
    const broker = new Stub();
    await join(async ({ servers: [a] }) => {
      const isTooLong = (error: unknown): boolean =>
        error instanceof LimitError &&
        error.code === "HAWSER_TOPIC_TOO_LONG" &&
        error.limit === 10 &&
        error.actual === 12;
      assert.throws(() => a.publish("é".repeat(6), "x"), isTooLong);
      await assert.rejects(a.publishConfirmed("é".repeat(6), "x"), isTooLong);
      assert.throws(() => a.publish("\ud800", "x"), { code: "HAWSER_TOPIC_INVALID" });
    }, broker);
    assert.equal(broker.log.count("publish"), 0);
  });

  it("a node has so many topics at most, and room again when one is released", async () => {
    const seen: unknown[] = [];
    await join(
      async ({ servers: [a], client }) => {
        const { ws, next } = bound(await client(a));
        for (const topic of ["+1", "+2", "+3", "-1", "+3", "+t"]) ws.send(topic);
        await next();
        assert.deepEqual(seen, ["1", "2", "HAWSER_TOO_MANY_TOPICS", "3", "HAWSER_TOO_MANY_TOPICS"]);
      },
      new Stub(),
      {
        open: () => undefined,
        message: (ws, message) => {
          const topic = String(message).slice(1);
          if (String(message).startsWith("-")) {
            ws.unsubscribe(topic);
            return;
          }
          try {
            ws.subscribe(topic);
            seen.push(...ws.subscriptions.slice(-1));
          } catch (error) {
            seen.push((error as LimitError).code);
            assert.equal(ws.isSubscribed(topic), false);
          }
          if (topic === "t") ws.send("done");
        },
      },
    );
  });

  it("nothing comes twice or out of order; what is missing is reported", async () => {
    const broker = new Stub();
    await join(async ({ servers: [a], client, errors }) => {
      const reader = await client(a);
      await broker.log.waitFor("subscribe");
      broker.receive(5, 2, "five");
      broker.receive(5, 2, "five again");
      broker.receive(4, 2, "late");
      broker.receive(8, 5, "eight");
      assert.equal(errors.length, 0);
      broker.receive(12, 9, "twelve");
      broker.receive(20, 0, "not known what was before");
      assert.deepEqual([await reader.next(), await reader.next()], ["five", "eight"]);
      assert.deepEqual(
        [await reader.next(), await reader.next()],
        ["twelve", "not known what was before"],
      );
      assert.deepEqual(codes(errors), ["HAWSER_BROKER_GAP"]);
      assert.equal((errors[0] as BrokerError).topic, "t");
      const { received, repeated, gaps } = a.stats().broker ?? {};
      assert.deepEqual([received, repeated, gaps], [4, 2, 1]);
    }, broker);
  });

  it("what no node of this version sent is reported once", async () => {
    const broker = new Stub();
    await join(async ({ servers: [a], client, errors }) => {
      await client(a);
      await broker.log.waitFor("subscribe");
      broker.listeners.get("t")?.(Buffer.from("\x02something newer, whatever it may be"));
      broker.listeners.get("t")?.(Buffer.alloc(0));
      assert.deepEqual(codes(errors), ["HAWSER_BROKER_MALFORMED"]);
    }, broker);
  });

  it("a publication that fails is never silent: `error`, a rejection, a count", async () => {
    const broker = new Stub();
    await join(async ({ servers: [a], client, errors }) => {
      const reader = await client(a);
      const failure = new BrokerError("HAWSER_BROKER_AWAY", { topic: "t" });
      broker.answer = () => Promise.reject(failure);
      assert.equal(a.publish("t", "here at least"), 1);
      assert.equal(await reader.next(), "here at least");
      assert.deepEqual(errors, [failure]);
      await assert.rejects(a.publishConfirmed("t", "x"), failure);
      await assert.rejects(a.publishConfirmed("t", "x", { key: "k".repeat(2_000) }), {
        code: "HAWSER_BROKER_TOO_BIG",
      });
      assert.equal(a.stats().broker?.failed, 3);
    }, broker);
  });

  it("the state of the broker is told: `error` when it goes away, and a channel", async () => {
    const broker = new Stub();
    const told: unknown[] = [];
    const listener = (message: unknown): void => {
      told.push((message as { state: BrokerState }).state);
    };
    subscribe("hawser:broker", listener);
    await join(async ({ errors }) => {
      const failure = new BrokerError("HAWSER_BROKER_AWAY");
      for (const watcher of broker.watchers) watcher("away", failure);
      for (const watcher of broker.watchers) watcher("up", undefined);
      assert.deepEqual(errors, [failure, failure]);
      assert.deepEqual(told, ["away", "away", "up", "up"]);
    }, broker);
    unsubscribe("hawser:broker", listener);
  });
});

function bound(reader: Reader): { ws: Connection; next: () => Promise<unknown> } {
  return { ws: reader.ws, next: () => reader.next() };
}
