// Three processes of a server on one engine, with 300 clients, under load while things go wrong: the engine is
// killed and started, stopped for ten seconds, and a node is killed. The oracle is the numbers that every client
// gets: nothing twice, nothing out of order, nothing missing that nobody has reported.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { Child } from "../faults/child.ts";
import { Audience } from "./audience.ts";
import { engineOf, type Road } from "./clients.ts";
import { Engine } from "./engine.ts";
import type { Published } from "./node-program.ts";

const program = new URL("./node-program.js", import.meta.url);
const topics = Array.from({ length: 10 }, (_, i) => `topic-${i}`);
const clientsOfTopic = 10;
/** Publications of each node under load without a fault: five of each topic. */
const some = 50;
const stoppedMs = 10_000;

/** A node of the three. */
interface Node {
  readonly name: string;
  readonly child: Child;
}

class Scene {
  readonly engine: Engine;
  nodes: Node[] = [];
  readonly audience: Audience = new Audience();

  constructor(engine: Engine) {
    this.engine = engine;
  }

  async open(roads: readonly Road[]): Promise<void> {
    this.nodes = await Promise.all(
      roads.map(async (road, index) => {
        const name = `node-${index}`;
        const args = [road, String(this.engine.port), name];
        return { name, child: await Child.start(program, { args }) };
      }),
    );
    for (const { name, child } of this.nodes) {
      const [url] = await child.log.waitFor("url");
      await this.audience.join(name, String(url), topics, clientsOfTopic);
    }
    await this.each("fence", "fence");
  }

  /** Orders something of every node and waits for what each tells. */
  async each(order: string, told: string, ...values: unknown[]): Promise<void> {
    await Promise.all(
      this.nodes.map(async ({ child }) => {
        const count = child.log.count(told);
        child.order(order, ...values);
        await child.log.waitFor(told, count + 1, 20_000);
      }),
    );
  }

  /** Waits until every node tells this, from now on. */
  async all(told: string): Promise<void> {
    await Promise.all(
      this.nodes.map(({ child }) => child.log.waitFor(told, child.log.count(told) + 1)),
    );
  }

  /** Runs the load, `during` meanwhile; then everybody has to have everything that was not reported. */
  async underLoad(during: () => Promise<void>): Promise<Losses> {
    const loads = this.nodes.map(({ child }) => child.log.count("loaded") + 1);
    const before = this.nodes;
    for (const { child } of before) child.order("load", topics, some);
    await during();
    await Promise.all(
      before.map(async (node, index) => {
        if (this.nodes.includes(node)) await node.child.log.waitFor("loaded", loads[index]);
      }),
    );
    await this.each("pause", "settled");
    // One more of each topic, when all is well: behind it nothing is on its way, and gaps show.
    await this.each("fence", "fence");
    await this.each("load", "loaded", topics, topics.length);
    await this.each("pause", "settled");
    return this.#judge();
  }

  async #judge(): Promise<Losses> {
    await this.each("report", "report");
    const reports = new Map(
      this.nodes.map(({ name, child }) => [name, child.log.all("report").at(-1)?.[0] as Published]),
    );
    const alive = [...reports.keys()];
    for (const [name, { counts }] of reports) await this.audience.caughtUp(alive, name, counts);
    assert.deepEqual(this.audience.faults, []);
    const losses = this.audience.losses.filter(({ node }) => alive.includes(node));
    this.audience.losses = [];
    const unexplained = losses.filter(({ node, topic, publisher, number }) => {
      const isFailed = reports.get(publisher)?.failed.has(`${topic} ${number}`) === true;
      const isReported = isFailed || reports.get(node)?.gaps.has(topic) === true;
      return node === publisher || !isReported;
    });
    assert.deepEqual(unexplained.slice(0, 5), []);
    const failed = [...reports.values()].reduce((sum, one) => sum + one.failed.size, 0);
    return { lost: losses.length, failed };
  }

  async end(): Promise<void> {
    this.engine.signal("SIGCONT");
    this.audience.leave();
    await Promise.all(this.nodes.map(({ child }) => child.end()));
    await this.engine.end();
  }
}

interface Losses {
  /** Publications that a client did not get, each of which was reported. */
  readonly lost: number;
  /** Publications of which their node has said that they may not have arrived. */
  readonly failed: number;
}

const trios: Readonly<Record<string, readonly Road[]>> = {
  "Redis, both clients": ["ioredis", "node-redis", "ioredis"],
  "Redis, sharded, both clients": [
    "node-redis, sharded",
    "ioredis, sharded",
    "node-redis, sharded",
  ],
  NATS: ["nats", "nats", "nats"],
};

describe("three nodes and 300 clients", { concurrency: 3, timeout: 60_000 }, () => {
  for (const [title, roads] of Object.entries(trios)) {
    it(`${title}: nothing twice, nothing out of order, losses only where they are reported`, async () => {
      const scene = new Scene(await Engine.start(engineOf(roads[0] as Road)));
      try {
        await scene.open(roads);
        await playFaults(scene);
      } finally {
        await scene.end();
      }
    });
  }
});

async function playFaults(scene: Scene): Promise<void> {
  const { engine } = scene;
  const calm = await scene.underLoad(() => Promise.resolve());
  assert.deepEqual(calm, { lost: 0, failed: 0 });

  const restarted = await scene.underLoad(async () => {
    const away = scene.all("away");
    await engine.end();
    await away;
    await scene.all("unconfirmed");
    const up = scene.all("up");
    await engine.start();
    await up;
  });
  assert.ok(restarted.failed > 0 && restarted.lost > 0);

  const stopped = await scene.underLoad(async () => {
    const away = scene.all("away");
    await engine.stop();
    await Promise.all([away, delay(stoppedMs)]);
    const up = scene.all("up");
    engine.signal("SIGCONT");
    await up;
  });
  assert.ok(stopped.failed > 0);

  // Its clients and what it had not sent yet are gone; the others miss nothing of each other.
  const survived = await scene.underLoad(async () => {
    await scene.all("loaded");
    const [victim, ...others] = scene.nodes.toReversed() as [Node, ...Node[]];
    victim.child.signal("SIGKILL");
    await victim.child.exited();
    scene.nodes = others;
  });
  assert.deepEqual(survived, { lost: 0, failed: 0 });
}
