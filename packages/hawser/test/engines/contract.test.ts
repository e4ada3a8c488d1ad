import { after, before, describe } from "node:test";
import { MemoryBroker } from "../../dist/index.js";
import { engineOf, makeBroker, roadNames } from "./clients.ts";
import { describeContract } from "./contract.ts";
import { Engine, type EngineName } from "./engine.ts";

describeContract("in process", async () => {
  const broker = new MemoryBroker();
  return { a: broker, b: broker, end: () => broker.close() };
});

const engines = new Map<EngineName, Engine>();
describe("over engines", () => {
  before(async () => {
    for (const name of ["redis", "nats"] as const) engines.set(name, await Engine.start(name));
  });
  after(() => Promise.all([...engines.values()].map((engine) => engine.end())));

  for (const road of roadNames) {
    describeContract(road, async () => {
      const { port } = engines.get(engineOf(road)) as Engine;
      const [a, b] = await Promise.all([makeBroker(road, port), makeBroker(road, port)]);
      await Promise.all([a.broker.health(), b.broker.health()]);
      return {
        a: a.broker,
        b: b.broker,
        end: async () => {
          for (const { broker, endClient } of [a, b]) {
            await broker.close();
            await endClient();
          }
        },
      };
    });
  }
});
