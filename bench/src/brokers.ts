// `npm run bench:brokers`: messages that are delivered a second between three nodes, through each engine and in
// process. One node publishes 64 bytes, 256 unconfirmed at a time; each node has one subscriber. The engines are
// those of the system's packages, on this machine: what they cost is in the figures.

import { type ChildProcess, fork, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { fileURLToPath } from "node:url";
import { MemoryBroker } from "hawser";
import { Node } from "./brokers/node.ts";
import { roads } from "./brokers/road.ts";

const count = 20_000;
const rounds = 3;
const nodeCount = 3;

/** A node wherever it is. */
interface Remote {
  receive(count: number): Promise<unknown>;
  publish(count: number): Promise<unknown>;
}

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

async function startEngine(name: "redis" | "nats", port: number): Promise<ChildProcess> {
  const [program, args, ready]: [string, string[], RegExp] =
    name === "redis"
      ? [
          "redis-server",
          ["--bind", "127.0.0.1", "--save", "", "--dir", tmpdir()],
          /Ready to accept/,
        ]
      : ["nats-server", ["-a", "127.0.0.1"], /Server is ready/];
  const child = spawn(program, [...args, "--port", String(port)]);
  running.add(child);
  await new Promise<void>((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      if (ready.test(String(chunk))) resolve();
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.once("exit", () => reject(new Error(`${name} has ended`)));
  });
  return child;
}

async function startNode(road: string, port: number): Promise<Remote & { child: ChildProcess }> {
  const program = fileURLToPath(new URL("./brokers/node.js", import.meta.url));
  const child = fork(program, ["node", road, String(port)]);
  running.add(child);
  await once(child, "message");
  const order = async (name: string, value: number): Promise<void> => {
    child.send([name, value]);
    for (;;) {
      const [told] = (await once(child, "message")) as [string];
      if (told === name) return;
    }
  };
  return {
    child,
    receive: (value) => order("receive", value),
    publish: (value) => order("publish", value),
  };
}

/** Deliveries a second to all subscribers, the best round of some. */
async function measure(nodes: readonly Remote[]): Promise<number> {
  let best = 0;
  for (let round = 0; round <= rounds; round++) {
    const received = nodes.map((node) => node.receive(count));
    const started = performance.now();
    await Promise.all([nodes[0]?.publish(count), ...received]);
    const rate = (count * nodes.length * 1000) / (performance.now() - started);
    // The first is a warm-up.
    if (round > 0) best = Math.max(best, rate);
  }
  return best;
}

async function measureRoad(road: string): Promise<number> {
  const engine = roads[road];
  if (engine === undefined) {
    const broker = new MemoryBroker();
    return measure(await Promise.all(Array.from({ length: nodeCount }, () => Node.start(broker))));
  }
  const port = randomInt(20_000, 32_000);
  const children = [await startEngine(engine, port)];
  try {
    const nodes = await Promise.all(Array.from({ length: nodeCount }, () => startNode(road, port)));
    children.push(...nodes.map(({ child }) => child));
    return await measure(nodes);
  } finally {
    // Nodes first: they would tell that the engine is away.
    for (const child of children.toReversed()) {
      child.removeAllListeners("exit");
      child.kill("SIGKILL");
      running.delete(child);
    }
  }
}

console.log("| through | messages delivered a second, to 3 nodes |\n|---|---|");
for (const road of Object.keys(roads)) {
  const rate = await measureRoad(road);
  console.log(`| ${road} | ${Math.round(rate / 100) * 100} |`);
}
process.exit();
