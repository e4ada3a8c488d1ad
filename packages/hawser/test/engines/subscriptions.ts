// What an engine says itself that is subscribed to, on channels of topics: a name for each connection that is.

import { once } from "node:events";
import { connect } from "node:net";
import type { Road } from "./clients.ts";
import type { Engine } from "./engine.ts";

/** The escaped topics that somebody is subscribed to, sorted; one that two are subscribed to is there twice. */
export async function subscribedTopics(road: Road, engine: Engine): Promise<string[]> {
  const names = road === "nats" ? await ofNats(engine) : await ofRedis(engine, road);
  return names
    .map((name) => /^hawser[:.]t[:.](.*)/.exec(name)?.[1])
    .filter((topic) => topic !== undefined)
    .toSorted();
}

async function ofNats({ monitorPort }: Engine): Promise<string[]> {
  const response = await fetch(`http://127.0.0.1:${monitorPort}/connz?subs=1`);
  const { connections } = (await response.json()) as {
    connections: { subscriptions_list?: string[] }[];
  };
  return connections.flatMap(({ subscriptions_list: list = [] }) => list);
}

/** Counted by Redis: a channel with two subscribers is given twice. */
async function ofRedis({ port }: Engine, road: Road): Promise<string[]> {
  const shard = road.endsWith("sharded") ? "SHARD" : "";
  const names = bulkStrings(await ask(port, `PUBSUB ${shard}CHANNELS\r\n`));
  const counted = await Promise.all(
    names.map(async (name) => {
      const answer = await ask(port, `PUBSUB ${shard}NUMSUB ${name}\r\n`);
      return Array.from({ length: Number(/:(\d+)\r\n$/.exec(answer)?.[1]) }, () => name);
    }),
  );
  return counted.flat();
}

/** What Redis answers to one command, until it has said goodbye. */
async function ask(port: number, command: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  let answer = "";
  socket.on("data", (chunk) => (answer += chunk.toString("latin1")));
  socket.write(`${command}QUIT\r\n`);
  await once(socket, "close");
  return answer.replace(/\+OK\r\n$/, "");
}

function bulkStrings(answer: string): string[] {
  return [...answer.matchAll(/\$\d+\r\n(.*)\r\n/g)].map(([, text]) => text as string);
}
