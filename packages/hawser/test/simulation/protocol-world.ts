// A world at the level of the protocol: conversations of clients and a server that have options and blocks in common.

import { nodePlatform } from "../../dist/node/platform.js";
import { BlockPool, type EndpointOptions, type Role } from "../../dist/protocol/index.js";
import { slack } from "./oracles.ts";
import { type Party, partyEvents } from "./party.ts";
import { ProtocolConversation } from "./protocol-conversation.ts";
import { conversationsPerWorld, type Tally, World } from "./world.ts";

/** Of a world that is not done: it hangs. */
const mostEvents = 100_000;

/** A pool that knows how many of its blocks are out. */
class CountedBlocks extends BlockPool {
  out = 0;

  override acquire(bytes: number): Uint8Array {
    const block = super.acquire(bytes);
    if (block.length === 16 * 1024) this.out++;
    return block;
  }

  override forget(block: Uint8Array): void {
    super.forget(block);
    if (block.length === 16 * 1024) this.out--;
  }
}

export class ProtocolWorld extends World {
  readonly blocks: CountedBlocks;
  readonly platform: typeof nodePlatform;
  readonly options: Readonly<Record<Role, EndpointOptions<Party>>>;
  readonly limits: { readonly maxMessageBytes: number; readonly maxFragments: number };
  readonly #conversations: ProtocolConversation[] = [];

  constructor(seed: number, index: number, tally: Tally, print?: (line: string) => void) {
    super(seed, index, tally, print);
    const { random } = this;
    // Masks are random, too, and repeat with the seed.
    this.platform = { ...nodePlatform, maskingKey: () => random.bits() };
    this.blocks = new CountedBlocks(this.platform);
    const hasLimits = random.chance(0.1);
    this.limits = {
      maxMessageBytes: hasLimits ? 100 + random.below(2000) : 1024 * 1024,
      maxFragments: hasLimits ? 1 + random.below(6) : 8192,
    };
    const shared = {
      platform: this.platform,
      blocks: this.blocks,
      events: partyEvents,
      maxMessageBytes: this.limits.maxMessageBytes + slack.messageBytes,
      maxFragments: this.limits.maxFragments + slack.fragments,
      binaryViews: false,
    };
    this.options = {
      server: { ...shared, role: "server" },
      client: { ...shared, role: "client" },
    };
    for (let i = 0; i < conversationsPerWorld; i++) {
      const number = index * conversationsPerWorld + i;
      this.#conversations.push(new ProtocolConversation(this, number, hasLimits));
    }
  }

  run(): void {
    let events = 0;
    try {
      while (this.finding === undefined && this.clock.step()) {
        if (++events < mostEvents) continue;
        this.report("inTime", "world", `not at its end after ${mostEvents} events`);
      }
    } catch (error) {
      this.report("crash", "world", (error as Error).stack ?? String(error));
    }
    this.tally.events += events;
    if (this.finding !== undefined) return;
    for (const one of this.#conversations) one.check();
    const { out } = this.blocks;
    this.check(out === 0, "retained", "world", () => `${out} blocks did not come back`);
  }
}
