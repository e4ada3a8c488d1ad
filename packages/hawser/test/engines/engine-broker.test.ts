// What a broker asks of an engine that answers slowly, or not at all. The engine is a stand-in whose answers the
// test gives, one by one.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { after, afterEach, describe, it } from "node:test";
import type { Broker, BrokerOptions, BrokerState } from "../../dist/index.js";
import type { DriverEvents, EngineDriver } from "../../dist/engines/driver.js";
import { EngineBroker } from "../../dist/engines/engine-broker.js";
import { type Deferred, deferred, turn, within } from "../support/deferred.ts";
import { has } from "./contract.ts";

type Command = "join" | "leave" | "publish";

interface Asked {
  readonly command: Command;
  readonly channels: readonly string[];
  readonly answer: Deferred<void>;
}

/** An engine that answers when it is told to, and what was asked of it until now. */
class StubbornEngine implements EngineDriver {
  readonly maxContentBytes: undefined = undefined;
  readonly separator: string = ":";
  isConnected = true;
  /** Whether everything is answered at once. */
  isPrompt = true;
  readonly asked: Asked[] = [];
  events!: DriverEvents;

  start(events: DriverEvents): void {
    this.events = events;
  }

  #ask(command: Command, channels: readonly string[]): Promise<void> {
    const answer = deferred();
    this.asked.push({ command, channels, answer });
    if (this.isPrompt) answer.resolve();
    return answer.promise;
  }

  publish(channel: string, content: Buffer): Promise<void> {
    const published = this.#ask("publish", [channel]);
    // What is published to a probe's channel comes back.
    published.then(
      () => this.events.message(channel, content),
      () => undefined,
    );
    return published;
  }

  join(channels: readonly string[]): Promise<void> {
    return this.#ask("join", channels);
  }

  leave(channels: readonly string[]): Promise<void> {
    return this.#ask("leave", channels);
  }

  async end(): Promise<void> {}

  /** Answers what it was asked until now, and goes on to answer. */
  wake(): void {
    this.isPrompt = true;
    for (const { answer } of this.asked) answer.resolve();
  }

  /** What was asked about a topic, in order. */
  about(topic: string): Command[] {
    return this.asked
      .filter(({ channels }) => channels.includes(`hawser:t:${topic}`))
      .map(({ command }) => command);
  }

  count(of: Command): number {
    return this.asked.filter(({ command }) => command === of).length;
  }
}

const brokers: Broker[] = [];
const ignore = (): void => undefined;

// A broker's timers keep no process alive.
const alive = setInterval(ignore, 1_000);
after(() => clearInterval(alive));

afterEach(async () => {
  for (const broker of brokers.splice(0)) await broker.close();
});

/** For those that are to be found away. */
const impatient = { probeIntervalMs: 20, probeTimeoutMs: 40 };

async function make(
  options: BrokerOptions = {},
): Promise<{ engine: StubbornEngine; broker: EngineBroker }> {
  const engine = new StubbornEngine();
  const broker = new EngineBroker(engine, options);
  brokers.push(broker);
  assert.equal((await broker.health()).state, "up");
  return { engine, broker };
}

/** Resolves when the broker is in that state, the next time that it changes to it. */
function becomes(broker: Broker, wanted: BrokerState): Promise<void> {
  const { promise, resolve } = deferred();
  const unwatch = broker.watch((state) => {
    if (state !== wanted) return;
    unwatch();
    resolve();
  });
  return within(promise, wanted);
}

async function turns(): Promise<void> {
  for (let i = 0; i < 5; i++) await turn();
}

describe("an engine that answers slowly", () => {
  it("a topic is not joined before the engine has confirmed that it was left", async () => {
    const { engine, broker } = await make();
    engine.isPrompt = false;
    broker.subscribe("t", ignore).catch(ignore);
    void broker.unsubscribe("t", ignore);
    await turns();
    engine.asked.find(({ channels }) => channels[0] === "hawser:t:t")?.answer.resolve();
    await turns();
    // Some clients take a topic that is being left for one that is joined.
    const second = broker.subscribe("t", ignore);
    await turns();
    assert.deepEqual(engine.about("t").slice(-2), ["join", "leave"]);
    engine.wake();
    await within(second, "the second subscription");
    assert.deepEqual(engine.about("t"), ["join", "leave", "join"]);
  });

  it("in a hundred changes of mind the last one holds, and nothing piles up", async () => {
    const { engine, broker } = await make();
    engine.isPrompt = false;
    for (let i = 0; i < 100; i++) {
      broker.subscribe("t", ignore).catch(ignore);
      void broker.unsubscribe("t", ignore);
    }
    const last = broker.subscribe("t", ignore);
    await turns();
    assert.deepEqual(engine.about("t"), ["join"]);
    engine.wake();
    await within(last, "the last subscription");
    assert.equal(engine.about("t").at(-1), "join");
  });

  it("health: when the probe is back, subscriptions that had to wait are in place, too", async () => {
    const { engine, broker } = await make();
    await broker.subscribe("t", ignore);
    engine.isPrompt = false;
    void broker.unsubscribe("t", ignore);
    await turns();
    broker.subscribe("t", ignore).catch(ignore);
    const health = broker.health();
    engine.wake();
    assert.equal((await health).state, "up");
    assert.deepEqual(engine.about("t"), ["join", "leave", "join"]);
  });
});

describe("an engine that does not answer, on connections that stay", () => {
  it("nothing is asked of it while it is away but one probe, whoever comes and goes", async () => {
    const { engine, broker } = await make(impatient);
    await broker.subscribe("stays", ignore);
    await broker.subscribe("goes", ignore);
    engine.isPrompt = false;
    await becomes(broker, "away");
    const before = engine.asked.length;
    void broker.unsubscribe("goes", ignore);
    for (let i = 0; i < 100; i++) {
      const topic = `user ${i}`;
      await assert.rejects(broker.subscribe(topic, ignore), has("HAWSER_BROKER_AWAY"));
      void broker.unsubscribe(topic, ignore);
    }
    for (let i = 0; i < 3; i++) await broker.health();
    assert.ok(engine.asked.length - before <= 1, `${engine.asked.length - before} commands`);
  });

  it("what was subscribed to and left meanwhile is made good before it is up", async () => {
    const { engine, broker } = await make(impatient);
    await broker.subscribe("goes", ignore);
    engine.isPrompt = false;
    await becomes(broker, "away");
    void broker.unsubscribe("goes", ignore);
    await assert.rejects(broker.subscribe("comes", ignore), has("HAWSER_BROKER_AWAY"));
    const up = becomes(broker, "up");
    engine.wake();
    await up;
    assert.deepEqual([engine.about("goes"), engine.about("comes")], [["join", "leave"], ["join"]]);
    const probe = engine.asked.findLastIndex(({ command }) => command === "publish");
    const joined = engine.asked.findIndex(({ channels }) => channels[0] === "hawser:t:comes");
    assert.ok(probe > joined);
  });

  it("a subscription that waits for it is told that it is away", async () => {
    const { engine, broker } = await make(impatient);
    engine.isPrompt = false;
    const waits = broker.subscribe("t", ignore);
    await assert.rejects(within(waits, "the subscription"), has("HAWSER_BROKER_AWAY"));
  });
});

describe("an engine that refuses", () => {
  it("a subscription that it refuses is asked for again by the next who wants it", async () => {
    const { engine, broker } = await make();
    engine.isPrompt = false;
    const refused = broker.subscribe("t", ignore);
    await turns();
    engine.asked
      .findLast(({ channels }) => channels[0] === "hawser:t:t")
      ?.answer.reject(new Error("no"));
    await assert.rejects(refused, has("HAWSER_BROKER_REFUSED"));
    const again = broker.subscribe("t", () => undefined);
    engine.wake();
    await again;
    assert.deepEqual(engine.about("t"), ["join", "join"]);
  });

  it("…and does not keep the broker from being up again", async () => {
    const { engine, broker } = await make(impatient);
    const join = engine.join.bind(engine);
    engine.join = (channels) =>
      channels.includes("hawser:t:t") ? Promise.reject(new Error("no")) : join(channels);
    engine.isPrompt = false;
    await becomes(broker, "away");
    await assert.rejects(broker.subscribe("t", ignore), has("HAWSER_BROKER_AWAY"));
    const up = becomes(broker, "up");
    engine.wake();
    await up;
  });

  it("a driver that throws is one that refuses", async () => {
    const { engine, broker } = await make();
    const fail = (): never => {
      throw new Error("no");
    };
    engine.publish = fail;
    await assert.rejects(broker.publish("t", Buffer.alloc(1)), has("HAWSER_BROKER_REFUSED"));
    engine.join = fail;
    await assert.rejects(broker.subscribe("t", ignore), has("HAWSER_BROKER_REFUSED"));
    engine.leave = fail;
    await broker.unsubscribe("t", ignore);
    const away = becomes(broker, "away");
    engine.events.connected();
    await away;
  });
});
