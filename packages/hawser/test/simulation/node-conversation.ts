// A conversation at the level of node: a connection of a client and a server, with its roads and manners, and an end:
// somebody closes or terminates, the connection breaks, or the road leads nowhere any more.

import { Buffer } from "node:buffer";
import { HandledLink } from "../../dist/node/handled-link.js";
import type { UpgradeRequest } from "../../dist/node/upgrade-request.js";
import type { Role } from "../../dist/protocol/index.js";
import type { Host } from "./clock.ts";
import { agreed } from "./compression.ts";
import { Member } from "./member.ts";
import { anyRoad, Pipe } from "./network.ts";
import type { NodeWorld } from "./node-world.ts";
import { SimulatedSocket } from "./simulated-socket.ts";

const nothing = Buffer.alloc(0);

const ends = ["close", "close", "close", "terminate", "break", "cut"] as const;

interface Plan {
  readonly mode: "shared" | undefined;
  readonly end: (typeof ends)[number];
  readonly endAt: number;
  readonly stallMs: number;
}

export class NodeConversation {
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
    return members.every(({ mishaps, sentBytes, failures }) => {
      // Whoever queues too much is closed, as it has to be.
      const isTooMuch = sentBytes >= 10_000 || failures.includes("HAWSER_QUEUE_FULL");
      return mishaps === 0 && !isTooMuch;
    });
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
