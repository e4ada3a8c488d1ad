// The load of an idle scenario: handshakes, and then nothing, or one message each. The memory is compared
// with that of the same server with some connections open already: by then its code is loaded and
// compiled and its heap has grown, so that the difference is what the connections hold.

import { setTimeout as sleep } from "node:timers/promises";
import { type Listener, openConversation, openMany } from "../conversation/connection.ts";
import type { Conversation } from "../conversation/conversation.ts";
import { conversationWith } from "../conversation/conversation-with.ts";
import type { FigureName, Measurement, Target } from "../measurement.ts";
import type { IdleScenario } from "../scenarios.ts";
import { readRssBytes } from "./process-stats.ts";

/** Connections that are open, and have had their message, before the first look. */
const warmUpConnections = 1_000;

/** Has one message sent on a connection, and answered. */
type Exchange = () => Promise<void>;

export async function measureIdle(scenario: IdleScenario, target: Target): Promise<Measurement> {
  const { connections, streamsPerSession, deflate } = scenario;
  const listener: Listener = { ...target, streamsPerSession };
  const conversation = conversationWith(target.peer, scenario, 1);
  const measure = async (figure: FigureName, work: () => Promise<void>): Promise<Measurement> => {
    const before = await settledRss(target.pid);
    await work();
    const addedBytes = (await settledRss(target.pid)) - before;
    return { figures: { [figure]: addedBytes / connections / 1024 } };
  };

  const warmUp = await openIdle(warmUpConnections, listener, conversation);
  if (deflate !== true) {
    return measure("rssPerConnectionKiB", async () => {
      await openIdle(connections, listener, conversation);
    });
  }
  await exchangeAll(warmUp);
  const exchanges = await openIdle(connections, listener, conversation);
  return measure("rssAddedKiB", () => exchangeAll(exchanges));
}

async function exchangeAll(exchanges: readonly Exchange[]): Promise<void> {
  await openMany(exchanges.length, (i) => (exchanges[i] as Exchange)());
}

/** Opens connections, which must hear nothing but an answer in an exchange. */
async function openIdle(
  count: number,
  listener: Listener,
  conversation: Conversation,
): Promise<Exchange[]> {
  const exchanges: Exchange[] = [];
  await openMany(count, async (i) => {
    let answered: (() => void) | undefined;
    const socket = await openConversation(listener, conversation, (answers) => {
      if (answered === undefined) throw new Error("the server sent something on its own");
      if (answers > 0) answered();
    });
    exchanges.push(
      () =>
        new Promise((resolve) => {
          answered = resolve;
          socket.write(conversation.requests.take(i, 1));
        }),
    );
  });
  return exchanges;
}

/** Has the server collect its garbage, and waits until its memory stays as it is. */
async function settledRss(pid: number): Promise<number> {
  const stepMs = 100;
  const stepBytes = 64 * 1024;
  let last = 0;
  let steadySteps = 0;
  for (let step = 0; step < 30 && steadySteps < 5; step++) {
    if (step % 5 === 0) process.kill(pid, "SIGUSR2");
    await sleep(stepMs);
    const rss = readRssBytes(pid);
    steadySteps = Math.abs(rss - last) <= stepBytes ? steadySteps + 1 : 0;
    last = rss;
  }
  return last;
}
