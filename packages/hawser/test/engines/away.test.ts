// Engines that go away: killed, stopped, and back. Whoever publishes is told, subscriptions are there again, and
// what was given up is not sent twice.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { after, before, describe, it } from "node:test";
import type { Broker, BrokerState } from "../../dist/index.js";
import { EventLog } from "../support/event-log.ts";
import { engineOf, type Made, makeBroker, type Road, roadNames } from "./clients.ts";
import { has, Inbox } from "./contract.ts";
import { Engine } from "./engine.ts";
import { subscribedTopics } from "./subscriptions.ts";

const options = { probeIntervalMs: 50, probeTimeoutMs: 200, maxPendingBytes: 20_000 } as const;
const limits = { maxContentBytes: 10_000 } as const;

for (const road of roadNames) {
  describe(`an engine that goes away, ${road}`, { timeout: 30_000 }, () => {
    let engine: Engine;
    let made: Made[];
    let a: Broker;
    let b: Broker;
    let states: EventLog;
    const inbox = new Inbox();
    let unsubscribeLater: () => Promise<void>;

    before(async () => {
      engine = await Engine.start(engineOf(road));
      made = await Promise.all([open(road, engine), open(road, engine)]);
      [a, b] = made.map(({ broker }) => broker) as [Broker, Broker];
      await Promise.all([a.health(), b.health()]);
      await b.subscribe("t", inbox.listener);
      states = watch(a, b);
    });
    after(async () => {
      engine.signal("SIGCONT");
      for (const { broker, endClient } of made) {
        await broker.close();
        await endClient();
      }
      await engine.end();
    });

    it("is subscribed to each topic once, whoever listens, until nobody does", async () => {
      const others = [new Inbox(), new Inbox()].map(({ listener }) => listener);
      for (const listener of others) {
        await b.subscribe("t", listener);
        await b.subscribe("short", listener);
        await b.subscribe("gone meanwhile", listener);
      }
      const topics = ["gone%20meanwhile", "short", "t"];
      assert.deepEqual(await subscribedTopics(road, engine), topics);
      for (const listener of others) {
        await b.unsubscribe("t", listener);
        await b.unsubscribe("short", listener);
      }
      await b.health();
      assert.deepEqual(await subscribedTopics(road, engine), ["gone%20meanwhile", "t"]);
      unsubscribeLater = async () => {
        for (const listener of others) await b.unsubscribe("gone meanwhile", listener);
      };
    });

    it("a killed one is away at once: publications are refused, nothing is queued", async () => {
      await a.publish("t", Buffer.from("before"));
      // It may be confirmed and not sent yet.
      await inbox.until("before");
      await engine.end();
      await Promise.all([states.waitFor("a away"), states.waitFor("b away")]);
      await assert.rejects(a.publish("t", Buffer.from("lost")), has("HAWSER_BROKER_AWAY"));
      await assert.rejects(b.subscribe("u", inbox.listener), has("HAWSER_BROKER_AWAY"));
      await unsubscribeLater();
      assert.deepEqual((await a.health()).state, "away");
    });

    it("when it is back, so are the subscriptions, those of meanwhile too", async () => {
      await engine.start();
      await Promise.all([states.waitFor("a up"), states.waitFor("b up")]);
      await a.publish("t", Buffer.from("back"));
      await a.publish("u", Buffer.from("made meanwhile"));
      assert.deepEqual(await inbox.until("made meanwhile"), ["before", "back", "made meanwhile"]);
      assert.deepEqual(await subscribedTopics(road, engine), ["t", "u"]);
    });

    it("a stopped one keeps its connections, and is away when no probe comes back", async () => {
      states.clear();
      await engine.stop();
      await assert.rejects(a.publish("t", Buffer.from("late")), has("HAWSER_BROKER_UNCONFIRMED"));
      assert.equal(a.state, "away");
      await assert.rejects(a.publish("t", Buffer.from("lost")), has("HAWSER_BROKER_AWAY"));
      await states.waitFor("b away");
      await assert.rejects(b.subscribe("v", inbox.listener), has("HAWSER_BROKER_AWAY"));
      await b.unsubscribe("u", inbox.listener);
    });

    it("when it goes on, so do the subscriptions, those of meanwhile too", async () => {
      engine.signal("SIGCONT");
      await Promise.all([states.waitFor("a up"), states.waitFor("b up")]);
      assert.deepEqual(await subscribedTopics(road, engine), ["t", "v"]);
      await a.publish("v", Buffer.from("made while it was stopped"));
      await inbox.until("made while it was stopped");
    });

    it("what was given up may come, once and in order", async () => {
      await a.publish("t", Buffer.from("end"));
      const contents = (await inbox.until("end")).slice(3);
      assert.deepEqual(contents.toSorted(), ["end", "late", "made while it was stopped"]);
      assert.ok(contents.indexOf("late") < contents.indexOf("end"));
    });

    it("what waits for confirmation is bounded", async () => {
      states.clear();
      await engine.stop();
      const settled = await Promise.allSettled(
        Array.from({ length: 4 }, () => a.publish("t", Buffer.alloc(8_000, "x"))),
      );
      const codes = settled.map((one) => (one as { reason?: { code: string } }).reason?.code);
      assert.deepEqual(codes, [
        "HAWSER_BROKER_UNCONFIRMED",
        "HAWSER_BROKER_UNCONFIRMED",
        "HAWSER_BROKER_PENDING",
        "HAWSER_BROKER_PENDING",
      ]);
      engine.signal("SIGCONT");
      await states.waitFor("a up");
    });

    it("a publication that is too big is refused", async () => {
      await assert.rejects(
        a.publish("t", Buffer.alloc(limits.maxContentBytes + 1)),
        has("HAWSER_BROKER_TOO_BIG"),
      );
    });
  });
}

function open(road: Road, { port }: Engine): Promise<Made> {
  return makeBroker(road, port, { ...options, ...limits });
}

/** Writes down the states of both. */
function watch(a: Broker, b: Broker): EventLog {
  const log = new EventLog();
  const write = (name: string) => (state: BrokerState) => log.add(`${name} ${state}`);
  a.watch(write("a"));
  b.watch(write("b"));
  return log;
}
