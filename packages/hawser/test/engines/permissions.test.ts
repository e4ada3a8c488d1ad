// Engines that forbid something: who publishes or subscribes is told, and everything else goes on.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { connect, type NatsConnection } from "@nats-io/transport-node";
import { type Broker, BrokerError } from "../../dist/index.js";
import { natsBroker } from "../../dist/engines/nats/index.js";
import { redisBroker } from "../../dist/engines/redis/index.js";
import { Redis } from "ioredis";
import { Inbox } from "./contract.ts";
import { Engine } from "./engine.ts";

interface Guarded {
  readonly broker: Broker;
  end(): Promise<void>;
}

async function isRefused(promise: Promise<unknown>, topic: string): Promise<void> {
  await assert.rejects(promise, (error: unknown) => {
    assert.ok(error instanceof BrokerError, String(error));
    assert.equal(error.code, "HAWSER_BROKER_REFUSED");
    assert.equal(error.topic, topic);
    assert.match(String(error.cause), /permission/i);
    return true;
  });
}

function tellsOfRefusals(name: string, start: () => Promise<Guarded>): void {
  describe(`${name} with permissions: "secret" is not published to, "hidden" not subscribed to`, () => {
    let guarded: Guarded;
    let broker: Broker;
    before(async () => {
      guarded = await start();
      ({ broker } = guarded);
      assert.equal((await broker.health()).state, "up");
    });
    after(() => guarded.end());

    it("publish rejects, each of several at once, and those to other topics don't", async () => {
      const all = ["secret", "open", "secret", "open"].map((topic) => ({
        topic,
        published: broker.publish(topic, Buffer.from("x")),
      }));
      for (const { topic, published } of all) {
        if (topic === "secret") await isRefused(published, topic);
        else await published;
      }
    });

    it("subscribe rejects, again as well, and one to another topic doesn't", async () => {
      const inbox = new Inbox();
      await isRefused(broker.subscribe("hidden", inbox.listener), "hidden");
      await isRefused(broker.subscribe("hidden", inbox.listener), "hidden");
      await broker.subscribe("open", inbox.listener);
      assert.equal((await broker.health()).state, "up");
    });
  });
}

tellsOfRefusals("NATS", async () => {
  const folder = mkdtempSync(join(tmpdir(), "hawser-nats-"));
  const config = join(folder, "nats.conf");
  const permissions = `publish: { deny: ["hawser.t.secret"] }, subscribe: { deny: ["hawser.t.hidden"] }`;
  writeFileSync(
    config,
    `authorization { users: [{ user: "a", password: "b", permissions: { ${permissions} } }] }`,
  );
  const engine = await Engine.start("nats", ["-c", config]);
  const servers = `127.0.0.1:${engine.port}`;
  const connection: NatsConnection = await connect({ servers, user: "a", pass: "b" });
  const broker = natsBroker(connection);
  return {
    broker,
    end: async () => {
      await broker.close();
      await connection.close();
      await engine.end();
      rmSync(folder, { recursive: true });
    },
  };
});

tellsOfRefusals("Redis", async () => {
  const user = "--user a on >b +@all resetchannels &hawser:p:* &hawser:t:open";
  const engine = await Engine.start("redis", user.split(" "));
  const client = new Redis({ port: engine.port, username: "a", password: "b" });
  const broker = redisBroker(client);
  return {
    broker,
    end: async () => {
      await broker.close();
      client.disconnect();
      await engine.end();
    },
  };
});
