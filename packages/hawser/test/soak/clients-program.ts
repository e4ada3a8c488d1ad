// The process of the clients. In each round a few dozen are busy at a time, each with one conversation
// after the other; besides there are some that stay for the whole run. When a round is over, everything
// that was begun comes to its end, so that what is measured then has nothing on the way.

import { Random } from "./content.ts";
import {
  converse,
  echo,
  type EchoConnection,
  openEcho,
  readSlowly,
  type Stage,
} from "./conversations.ts";
import { modes, obey, type Servers, type Tally } from "./order.ts";
import { roads } from "./road.ts";
import { subscribe, Subscriber } from "./subscriber.ts";
import { readUsage, type Usage } from "./usage.ts";
import { vandalize } from "./vandals.ts";

const actors = 16;
const stayingSubscriberCount = 4;

/** The more frequent stand here more than once. */
const kinds = [echo, echo, echo, subscribe, subscribe, readSlowly, vandalize, vandalize] as const;

let servers: Servers;
let random: Random;
const stayingEchoes: EchoConnection[] = [];
const stayingSubscribers: Subscriber[] = [];

function newTally(): Tally {
  return { conversations: 0, messages: 0, bytes: 0, faults: [] };
}

/** One thing after the other until the time is over, or anybody found a fault. */
async function repeat(until: number, tally: Tally, act: () => Promise<void>): Promise<void> {
  while (performance.now() < until && tally.faults.length === 0) {
    try {
      await act();
      tally.conversations++;
    } catch (error) {
      tally.faults.push((error as Error).stack ?? String(error));
    }
  }
}

obey({
  async begin(given: { servers: Servers; seed: number }): Promise<void> {
    ({ servers } = given);
    random = new Random(given.seed);
    const stage: Stage = { servers, random, tally: newTally() };
    // One each way: they keep the sessions of HTTP/2 that the others come and go on.
    for (const mode of modes) {
      for (const road of roads) stayingEchoes.push(await openEcho(stage, [mode, road]));
    }
    for (let i = 0; i < stayingSubscriberCount; i++) {
      stayingSubscribers.push(await Subscriber.open(stage));
    }
  },
  async round(ms: number): Promise<Tally> {
    const tally = newTally();
    const stage: Stage = { servers, random, tally };
    const until = performance.now() + ms;
    for (const one of stayingSubscribers) one.forget();
    await Promise.all([
      ...Array.from({ length: actors }, () =>
        repeat(until, tally, () => random.pick(kinds)(stage)),
      ),
      ...stayingEchoes.map((ws) => repeat(until, tally, () => converse(ws, stage, 5))),
      ...stayingSubscribers.map((one) => repeat(until, tally, () => one.publish(stage, 1))),
    ]);
    // What the last publications left is taken.
    await Promise.all(stayingSubscribers.map((one) => one.publish(stage, 1, 0)));
    return tally;
  },
  sample: (): Promise<Usage> => readUsage(),
});
