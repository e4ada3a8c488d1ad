// A connection whose peer stops reading, so that what is sent to it has to wait.

import type { Connection } from "../../dist/index.js";
import type { Fields } from "./http-head.ts";
import type { RawPeer } from "./raw-peer.ts";
import type { Stage, StageOptions } from "./stage.ts";

const chunk = "x".repeat(64 * 1024);

/** A connection whose peer does not read until its socket is resumed; its handlers write into the log. */
export async function slowReader(
  stage: Stage,
  options: StageOptions = {},
  fields: Fields = {},
): Promise<{ ws: Connection; peer: RawPeer }> {
  const { log } = stage;
  const { ws, peer } = await stage.pair(
    {
      ...options,
      drain: () => log.add("drain", ws.bufferedBytes),
      error: (error) => log.add("error", error),
      close: (_ws, code) => log.add("close", code),
    },
    fields,
  );
  peer.socket.pause();
  return { ws, peer };
}

/** Sends until the operating system takes no more and the queue is over its mark; returns how many. */
export function fill(ws: Connection, message: string = chunk): number {
  for (let count = 1; ; count++) if (!ws.send(message, { compress: false })) return count;
}

/** Reads the texts up to that one, which is the last. */
export async function readUpTo(peer: RawPeer, last: string): Promise<string[]> {
  peer.socket.resume();
  const received: string[] = [];
  while (received.at(-1) !== last) received.push(await peer.readText());
  return received;
}
