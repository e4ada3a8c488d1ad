// Conversations at the level of node: connections of several clients and one server, on Node's streams over a
// simulated network, with simulated timers. A world has its options (heartbeat, limits, time-outs) and what happens to
// its hosts: they stand still, for moments or for hours. A conversation has its roads, manners, and an end:
// somebody closes or terminates, the connection breaks, or the road leads nowhere any more.

import { Buffer } from "node:buffer";
import type { Group } from "../../dist/node/group.js";
import { HandledLink } from "../../dist/node/handled-link.js";
import { Heartbeat } from "../../dist/node/heartbeat.js";
import { newCounters } from "../../dist/node/counters.js";
import { linkEvents } from "../../dist/node/link-events.js";
import { connectionDefaults, type ResolvedConnectionOptions } from "../../dist/node/options.js";
import { nodeBlocks, nodePlatform } from "../../dist/node/platform.js";
import type { UpgradeRequest } from "../../dist/node/upgrade-request.js";
import type { Role } from "../../dist/protocol/index.js";
import type { Host } from "./clock.ts";
import type { Random } from "../soak/content.ts";
import { agreed } from "./compression.ts";
import { Member } from "./member.ts";
import { anyRoad, Pipe } from "./network.ts";
import { slack } from "./oracles.ts";
import { SimulatedSocket } from "./simulated-socket.ts";
import { SimulatedTimers } from "./timers.ts";
import { conversationsPerWorld, type Tally, World } from "./world.ts";

const { setImmediate } = globalThis;
const nothing = Buffer.alloc(0);
/** After how many silences that call for a ping a conversation is ended at the latest. */
const mostSilences = 6;

const ends = ["close", "close", "close", "terminate", "break", "cut"] as const;

interface Plan {
  readonly mode: "shared" | undefined;
  readonly end: (typeof ends)[number];
  readonly endAt: number;
  readonly stallMs: number;
}

class Conversation {
  readonly #world: NodeWorld;
  readonly plan: Plan;
  readonly client: Member;
  readonly server: Member;
  readonly #pipes: readonly [Pipe, Pipe];

  constructor(world: NodeWorld, index: number) {
    const { clock, random, options } = world;
    this.#world = world;
    this.plan = {
      mode: random.chance(0.1) ? "shared" : undefined,
      end: random.pick(ends),
      endAt: 10 + random.below(random.pick([100, 100, 100, 2000, world.longestMs])),
      stallMs: random.chance(0.2) ? random.below(options.pongTimeoutMs * 0.2) : 0,
    };
    const host = { name: `client ${index}`, frozenUntil: 0 };
    world.hosts.push(host);
    const up = new Pipe(clock, random, anyRoad(random), world.server);
    const down = new Pipe(clock, random, anyRoad(random), host);
    this.#pipes = [up, down];
    this.client = this.#member(host.name, host, new SimulatedSocket(up, down));
    this.server = this.#member(`server ${index}`, world.server, new SimulatedSocket(down, up));
    this.client.peer = this.server;
    this.server.peer = this.client;
    world.say(`#${index}`, () => JSON.stringify(this.plan));
    this.#begin();
  }

  get members(): readonly [Member, Member] {
    return [this.client, this.server];
  }

  #member(name: string, host: Host, socket: SimulatedSocket): Member {
    const { random, options } = this.#world;
    const manner = {
      name,
      host,
      isPolite: random.chance(0.8),
      slowness: random.chance(0.2) ? 0.3 : 0,
      failures: random.chance(0.05) ? 0.3 : 0,
      steps: random.below(random.chance(0.1) ? 60 : 5),
      most: this.plan.mode === undefined ? Infinity : 5_000,
      patienceMs: options.pongTimeoutMs * 0.3,
    };
    return new Member(this.#world, manner, socket);
  }

  #begin(): void {
    const { clock, random } = this.#world;
    const { stallMs, endAt } = this.plan;
    // The client hears of the 101 later than the server has sent it.
    clock.after(0, () => this.#open("server"), this.server.manner.host);
    clock.after(random.below(5), () => this.#open("client"), this.client.manner.host);
    if (stallMs > 0) {
      const pipe = random.pick(this.#pipes);
      clock.after(random.below(endAt), () => pipe.stallFor(stallMs));
    }
    const ender = random.pick(this.members);
    clock.after(endAt, () => this.#end(ender), ender.manner.host);
  }

  #open(role: Role): void {
    const member = this[role];
    const { mode } = this.plan;
    const agreement = { protocol: "", agreed: mode && agreed[mode][role] };
    const group = this.#world.groupOf(role, member.manner.host);
    member.link = new HandledLink(group, member.socket, agreement, member);
    member.link.start(nothing, role === "server" ? ({} as UpgradeRequest) : undefined);
    member.goOn();
  }

  #end(member: Member): void {
    const { end } = this.plan;
    member.say(() => `the end: ${end}`);
    for (const { isStuck, manner } of this.members) {
      this.#world.check(!isStuck, "drain", manner.name, () => "waits for room that is there");
    }
    if (end === "close") member.close();
    else if (end === "terminate") member.link?.terminate();
    else if (end === "break") member.socket.breakNow();
    else {
      for (const pipe of this.#pipes) pipe.cut();
      for (const one of this.members) one.isGone = true;
      // Without a heartbeat it is who closes that finds out.
      if (this.#world.options.pingIntervalMs === 0) for (const one of this.members) one.close();
    }
  }

  /** When it must be over at the latest. */
  get deadline(): number {
    const { pingIntervalMs, pongTimeoutMs, closeTimeoutMs } = this.#world.options;
    const frozen = Math.max(...this.#world.hosts.map(({ frozenUntil }) => frozenUntil));
    const tickMs = pongTimeoutMs / 4;
    const begin = Math.max(this.plan.endAt, frozen) + this.plan.stallMs;
    // Who holds back hears nothing, and twice as long because one may wait for the other.
    return begin + pingIntervalMs + 2 * pongTimeoutMs + 3 * tickMs + 2 * closeTimeoutMs + 2000;
  }

  /** Nothing made it slow, nobody broke it: then it has to end well. */
  get #isSound(): boolean {
    const { members, plan } = this;
    if (plan.end !== "close" || this.#world.hasLongFreeze || plan.stallMs > 0) return false;
    return members.every(({ mishaps, sentBytes }) => mishaps === 0 && sentBytes < 10_000);
  }

  check(): void {
    const world = this.#world;
    world.tally.conversations++;
    const codes = this.members.map(({ closeCode }) => closeCode);
    if (codes.includes(1006)) world.tally.broken++;
    else world.tally.clean++;
    for (const member of this.members) this.#checkEnd(member);
    const hasMishap = this.members.some(({ mishaps }) => mishaps > 0);
    world.check(
      hasMishap || !codes.includes(1011),
      "isolation",
      this.client.manner.name,
      () => "closed with 1011, though its own handlers did well",
    );
    if (this.#isSound) for (const member of this.members) this.#checkSound(member);
  }

  #checkEnd({ closes, closedAt, manner, link, socket, mishaps, failures }: Member): void {
    const world = this.#world;
    const { name } = manner;
    const { deadline } = this;
    const isFound = this.plan.end === "cut" && world.options.pingIntervalMs > 0;
    const isInTime = closes > 0 && closedAt <= deadline;
    const when = closes === 0 ? "not closed" : `closed at ${closedAt}`;
    world.check(isInTime, isFound ? "dead" : "inTime", name, () => `${when}, not by ${deadline}`);
    world.check(closes === 1, "closedOnce", name, () => `closed ${closes} times`);
    const left = (link?.connection.bufferedBytes ?? 0) + (link?.endpoint.unreadBytes ?? 0);
    world.check(left === 0 && socket.destroyed, "retained", name, () => `${left} bytes are left`);
    const told = failures.filter((code) => code === "mishap").length;
    const isTold = told === mishaps && mishaps <= 1;
    world.check(isTold, "isolation", name, () => `${mishaps} handlers failed, told of ${told}`);
  }

  #checkSound({ manner, ledger, closeCode, peer, closedWith, failures }: Member): void {
    const { name } = manner;
    const world = this.#world;
    const missing = ledger.deliverable - ledger.received;
    world.check(missing === 0, "complete", name, () => `${missing} messages have not arrived`);
    const expected = [peer?.closedWith, closedWith];
    world.check(
      expected.includes(closeCode) && failures.length === 0,
      "closeCode",
      name,
      () => `${closeCode}, not one of ${expected.join()}; told of ${failures.join()}`,
    );
  }
}

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
  readonly #conversations: Conversation[] = [];
  /** Whether some host stood still for longer than others wait for it. */
  hasLongFreeze = false;
  #closed = 0;

  constructor(seed: number, index: number, tally: Tally, print?: (line: string) => void) {
    super(seed, index, tally, print);
    this.options = anyOptions(this.random);
    this.say("world", () => JSON.stringify(this.options));
    for (let i = 0; i < conversationsPerWorld; i++) {
      const one = new Conversation(this, index * conversationsPerWorld + i);
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
    const all = 2 * this.#conversations.length;
    let events = 0;
    try {
      while (this.finding === undefined && this.#closed < all && this.clock.step()) {
        // What Node's streams and promises put off is done before time goes on.
        await new Promise((resolve) => void setImmediate(resolve));
        if (++events % 1000 === 0 && this.clock.now > this.#deadline) break;
      }
    } catch (error) {
      this.report("crash", "world", (error as Error).stack ?? String(error));
    } finally {
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
