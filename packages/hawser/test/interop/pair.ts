// One peer and our other end, for the length of its tests. However a scenario goes, nothing of it is
// left for the next: our connections are terminated, and a peer that did not answer is started anew.

import type { Compression } from "./compression.ts";
import type { Order, Peer, Report, Reports, RunningPeer, Scenario } from "./contract.ts";
import { ownClient, ownServer, type OwnSide, type Wire } from "./own-side.ts";

/** For a scenario; the longest takes a second. */
const guardMs = 8_000;

export class Pair {
  readonly #peer: Peer;
  readonly #compression: Compression | undefined;
  #own: OwnSide | undefined;
  #running: RunningPeer | undefined;

  constructor(peer: Peer, compression?: Compression) {
    this.#peer = peer;
    this.#compression = compression;
  }

  /** What the last scenario had on the wire. */
  get wire(): Wire {
    return (this.#own as OwnSide).wire;
  }

  /** @throws when a tool is missing */
  async start(): Promise<void> {
    const { ours, theirs } = this.#compression ?? {};
    this.#own ??= this.#peer.role === "client" ? await ownServer(ours) : ownClient(ours);
    this.#running = await this.#peer.start(this.#own.url, theirs);
  }

  async end(): Promise<void> {
    this.#own?.reset();
    await this.#running?.end();
    await this.#own?.end();
  }

  /** Runs both scripts of a scenario against each other. */
  async run(scenario: Scenario): Promise<Reports> {
    const own = this.#own as OwnSide;
    try {
      return await guarded(this.#runBoth(scenario, own, this.#running as RunningPeer));
    } catch (error) {
      own.reset();
      await this.#running?.end();
      await this.start();
      throw error;
    } finally {
      own.reset();
    }
  }

  async #runBoth(scenario: Scenario, own: OwnSide, running: RunningPeer): Promise<Reports> {
    const { path = "/", offers: protocols = [], theirs: steps, refused } = scenario;
    const isClient = this.#peer.role === "client";
    // A server that refuses has no connection to report of.
    const runsOurs = refused === undefined || !isClient;
    const runsTheirs = refused === undefined || isClient;
    const order: Order = isClient
      ? { url: new URL(path, own.url).href, protocols, steps }
      : { protocols: [], steps };
    const nothing: Promise<Report | undefined> = Promise.resolve(undefined);
    // Neither connects before this function waits, so the order of the two is of no matter.
    const [ours, theirs] = await Promise.all([
      runsOurs ? own.run(scenario, running.url) : nothing,
      runsTheirs ? running.run(order) : nothing,
    ]);
    return { ours, theirs };
  }
}

async function guarded<Result>(work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const guard = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no end after ${guardMs} ms`)), guardMs);
  });
  try {
    return await Promise.race([work, guard]);
  } finally {
    clearTimeout(timer);
  }
}
