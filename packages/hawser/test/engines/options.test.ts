import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { redisBroker } from "../../dist/engines/redis/index.js";
import { natsBroker, type NatsConnection } from "../../dist/engines/nats/index.js";
import { type BrokerOptions, MemoryBroker } from "../../dist/index.js";

const isInvalid = { code: "HAWSER_OPTION_INVALID" };

const nobody: NatsConnection = {
  publish: () => undefined,
  subscribe: () => assert.fail("nothing is subscribed to"),
  flush: () => Promise.resolve(),
  isClosed: () => true,
  status: async function* () {},
};

describe("options of a broker", () => {
  for (const options of [
    { prefix: "" },
    { prefix: "a.b" },
    { prefix: "a*" },
    { prefix: "x".repeat(65) },
    { maxTopicBytes: 0 },
    { maxTopicBytes: 1025 },
    { maxTopics: 0 },
    { maxContentBytes: 2047 },
    { maxPendingBytes: 2048 },
    { probeIntervalMs: 0 },
    { probeTimeoutMs: 2 ** 31 },
    { probeTimeoutMs: 1.5 },
  ] satisfies BrokerOptions[]) {
    it(`refuses ${JSON.stringify(options)}`, () => {
      assert.throws(() => natsBroker(nobody, options), isInvalid);
    });
  }

  it("has defaults", async () => {
    const limits = { maxTopicBytes: 512, maxTopics: 65_536, maxContentBytes: 1_048_576 };
    assert.deepEqual(new MemoryBroker().limits, limits);
    const broker = natsBroker(nobody);
    assert.deepEqual(broker.limits, limits);
    await broker.close();
  });

  it("takes what the engine takes, when that is less", async () => {
    const broker = natsBroker({ ...nobody, info: { max_payload: 10_000 } });
    assert.equal(broker.limits.maxContentBytes, 10_000);
    await broker.close();
  });

  it("refuses what is no client, and a connection to which nothing comes back", () => {
    assert.throws(() => redisBroker({} as never), isInvalid);
    const silent = { ...nobody, options: { noEcho: true } };
    assert.throws(() => natsBroker(silent), isInvalid);
  });
});
