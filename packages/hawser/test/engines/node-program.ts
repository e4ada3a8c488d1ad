// One node of several: a server whose clients are subscribed to the topic that is their path. Under load it
// publishes numbers, counted for each topic, and takes down which of them were not confirmed.

import { BrokerError, serve, type Server } from "../../dist/index.js";
import { obey, tell } from "../faults/program.ts";
import { makeBroker, type Road } from "./clients.ts";

/** What a node has published until it paused. */
export interface Published {
  /** Topic → how many. */
  readonly counts: ReadonlyMap<string, number>;
  /** "topic number" of those that other nodes may not have got. */
  readonly failed: ReadonlySet<string>;
  /** Topics in which publications of other nodes were missing, as this node has reported. */
  readonly gaps: ReadonlySet<string>;
}

/** What a node is started with, as its arguments. */
const [road, enginePort, name] = process.argv.slice(2) as [Road, string, string];
/** One publication every so many milliseconds, to one topic after the other. */
const paceMs = 20;

const { broker } = await makeBroker(road, Number(enginePort), {
  probeIntervalMs: 200,
  probeTimeoutMs: 500,
});
broker.watch((state) => tell(state));

const counts = new Map<string, number>();
const failed = new Set<string>();
const gaps = new Set<string>();
let underWay = 0;
let timer: NodeJS.Timeout | undefined;
let next = 0;

const server: Server<string> = await serve({
  broker,
  hostname: "127.0.0.1",
  upgrade: ({ url }) => ({ data: url.slice(1) }),
  open: (ws) => ws.subscribe(ws.data),
  error: (error) => {
    if (!(error instanceof BrokerError)) tell("failed", String(error));
    else if (error.code === "HAWSER_BROKER_GAP") gaps.add(error.topic as string);
  },
});

async function publish(topic: string): Promise<void> {
  const number = counts.get(topic) ?? 0;
  counts.set(topic, number + 1);
  underWay++;
  try {
    await server.publishConfirmed(topic, `${name} ${number}`);
  } catch {
    failed.add(`${topic} ${number}`);
    tell("unconfirmed");
  }
  underWay--;
  if (underWay === 0 && timer === undefined) tell("settled");
}

obey({
  /** Tells when the engine is there, and all that clients are subscribed to is subscribed to. */
  async fence() {
    tell("fence", (await broker.health()).state);
  },
  load(topics: readonly string[], forNumber: number) {
    let left = forNumber;
    timer = setInterval(() => {
      void publish(topics[next++ % topics.length] as string);
      if (--left === 0) tell("loaded");
    }, paceMs);
  },
  pause() {
    clearInterval(timer);
    timer = undefined;
    if (underWay === 0) tell("settled");
  },
  report() {
    tell("report", { counts, failed, gaps } satisfies Published);
    failed.clear();
    gaps.clear();
  },
});
tell("url", server.url);
