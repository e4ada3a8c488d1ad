// A world at the level of node: connections of several clients and one server, on Node's streams over a simulated
// network, with simulated timers. It has its options (heartbeat, limits, time-outs), and its hosts stand still at times, for
// moments or for hours.

import type { Group } from "../../dist/node/group.js";
import { Heartbeat } from "../../dist/node/heartbeat.js";
import { newCounters } from "../../dist/node/counters.js";
import { linkEvents } from "../../dist/node/link-events.js";
import { connectionDefaults, type ResolvedConnectionOptions } from "../../dist/node/options.js";
import { nodeBlocks, nodePlatform } from "../../dist/node/platform.js";
import type { Role } from "../../dist/protocol/index.js";
import type { Random } from "../soak/content.ts";
import type { Host } from "./clock.ts";
import type { Member } from "./member.ts";
import { NodeConversation } from "./node-conversation.ts";
import { slack } from "./oracles.ts";
import { SimulatedTimers } from "./timers.ts";
import { conversationsPerWorld, type Tally, World } from "./world.ts";

/** The platform's, also while timers are simulated. */
const { setImmediate } = globalThis;

/** After how many silences that call for a ping a conversation is ended at the latest. */
const mostSilences = 6;

function anyOptions(random: Random): ResolvedConnectionOptions {
  const maxQueuedBytes = random.pick([8 * 1024, 64 * 1024, 1024 * 1024]);
  return {
    ...connectionDefaults,
    pingIntervalMs: random.pick([0, 500, 5_000, 25_000, 25_000]),
    pongTimeoutMs: random.pick([5_000, 8_000]),
    closeTimeoutMs: random.pick([3_000, 5_000]),
    maxQueuedBytes,
    highWaterBytes: Math.min(maxQueuedBytes, random.pick([4 * 1024, 64 * 1024])),
    overflow: random.pick(["close", "drop"] as const),
    binaryViews: false,
  };
}

export class NodeWorld extends World {
  readonly options: ResolvedConnectionOptions;
  readonly server: Host = { name: "server", frozenUntil: 0 };
  readonly hosts: Host[] = [this.server];
  readonly #timers: SimulatedTimers = new SimulatedTimers(this.clock);
  readonly #groups = new Map<Host, Group>();
  readonly #conversations: NodeConversation[] = [];
  /** Whether some host stood still for longer than others wait for it. */
  hasLongFreeze = false;
  #closed = 0;

  constructor(seed: number, index: number, tally: Tally, print?: (line: string) => void) {
    super(seed, index, tally, print);
    this.options = anyOptions(this.random);
    this.say("world", () => JSON.stringify(this.options));
    for (let i = 0; i < conversationsPerWorld; i++) {
      const one = new NodeConversation(this, index * conversationsPerWorld + i);
      this.#conversations.push(one);
    }
    if (this.random.chance(0.3)) this.#planFreeze();
  }

  /** A host stands still; its own heartbeat must make nothing of it, the others' may after a while. */
  #planFreeze(): void {
    const { random, options } = this;
    const isLong = random.chance(0.5);
    const ms = isLong ? random.below(3_600_000) : random.below(options.pongTimeoutMs * 0.2);
    const host = random.pick(this.hosts);
    this.hasLongFreeze = isLong;
    this.clock.after(random.below(this.longestMs), () => {
      this.say(host.name, () => `stands still for ${ms} ms`);
      host.frozenUntil = this.clock.now + ms;
      for (const { members } of this.#conversations) {
        for (const one of members) if (isLong && one.manner.host === host) one.isGone = true;
      }
    });
  }

  /** What connections on a host share. */
  groupOf(role: Role, host: Host): Group {
    const known = this.#groups.get(host);
    if (known !== undefined) return known;
    const { random, options } = this;
    const isBeating = options.pingIntervalMs > 0;
    const group: Group = {
      options: { ...options, maxQueuedBytes: options.maxQueuedBytes + slack.queuedBytes },
      endpointOptions: {
        role,
        platform: { ...nodePlatform, maskingKey: () => random.bits() },
        blocks: nodeBlocks,
        events: linkEvents,
        ...options,
      },
      heartbeat: isBeating
        ? new Heartbeat(options.pingIntervalMs, options.pongTimeoutMs)
        : undefined,
      links: new Set(),
      counters: newCounters(),
      onClosed: () => undefined,
      handlers: {
        message: ({ data }, message) => (data as Member).message(message),
        drain: ({ data }) => (data as Member).drain(),
        ping: ({ data }) => (data as Member).pinged(),
        pong: ({ data }, payload) => (data as Member).ponged(payload),
        error: (error, ws) => (ws?.data as Member | undefined)?.failed(error),
        close: ({ data }, code) => (data as Member).closed(code),
      },
      run: undefined,
      extensions: [],
      topics: undefined,
    };
    this.#groups.set(host, group);
    return group;
  }

  /** The last moment at which a conversation is ended. */
  get longestMs(): number {
    return mostSilences * Math.max(5_000, this.options.pingIntervalMs);
  }

  get #deadline(): number {
    return Math.max(...this.#conversations.map(({ deadline }) => deadline));
  }

  memberClosed(): void {
    this.#closed++;
  }

  async run(): Promise<void> {
    const uninstall = this.#timers.install();
    const crash = (error: Error): void => this.report("crash", "world", error.stack ?? `${error}`);
    process.on("uncaughtException", crash);
    const all = 2 * this.#conversations.length;
    let events = 0;
    try {
      while (this.finding === undefined && this.#closed < all && this.clock.step()) {
        // What Node's streams and promises put off is done before time goes on.
        await new Promise((resolve) => void setImmediate(resolve));
        if (++events % 1000 === 0 && this.clock.now > this.#deadline) break;
      }
    } catch (error) {
      crash(error as Error);
    } finally {
      process.removeListener("uncaughtException", crash);
      this.#timers.runImmediates();
      uninstall();
    }
    this.tally.events += events;
    if (this.finding === undefined) this.#check();
  }

  #check(): void {
    for (const one of this.#conversations) one.check();
    for (const [{ name }, { links }] of this.#groups) {
      this.check(links.size === 0, "retained", name, () => `${links.size} connections are left`);
    }
    const { size } = this.#timers.live;
    this.check(size === 0, "retained", "world", () => `${size} timers are left`);
  }
}
