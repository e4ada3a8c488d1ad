// Runs worlds, one after the other: of both levels, of a range of conversations. What is found is told with the
// conversation in whose world it was, which is all that is needed to see it again.

import { NodeWorld } from "./node-world.ts";
import type { Finding } from "./oracles.ts";
import { ProtocolWorld } from "./protocol-world.ts";
import { conversationsPerWorld, type Level, newTally, type Tally } from "./world.ts";

/** One of so many who share the worlds of a run. */
export interface Share {
  readonly seed: number;
  readonly level: Level;
  /** How many conversations the run has. */
  readonly conversations: number;
  readonly part: number;
  readonly parts: number;
}

/** A finding, and where. */
export interface Found extends Finding {
  readonly level: Level;
  readonly conversation: number;
}

export interface Result {
  readonly tally: Tally;
  readonly found: Found | undefined;
}

/** Runs the world of a conversation. */
export async function runWorld(
  seed: number,
  level: Level,
  conversation: number,
  tally: Tally,
  print?: (line: string) => void,
): Promise<Found | undefined> {
  const index = Math.floor(conversation / conversationsPerWorld);
  const Kind = level === "node" ? NodeWorld : ProtocolWorld;
  const world = new Kind(seed, index, tally, print);
  await world.run();
  return world.finding && { ...world.finding, level, conversation };
}

/** Runs a share up to its first finding. */
export async function runShare(share: Share): Promise<Result> {
  const { seed, level, conversations, part, parts } = share;
  const tally = newTally();
  const step = conversationsPerWorld * parts;
  for (let at = part * conversationsPerWorld; at < conversations; at += step) {
    const found = await runWorld(seed, level, at, tally);
    if (found !== undefined) return { tally, found };
  }
  return { tally, found: undefined };
}
