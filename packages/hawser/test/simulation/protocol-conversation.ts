// A conversation at the level of the protocol: a script of a few steps (messages, fragments, pings) on both sides, and
// an end: one side closes, or the connection is reset. In some, the network garbles a byte, or a message passes a limit of
// the receiver.

import { Buffer } from "node:buffer";
import { encodeMessage, type Extension, type Role } from "../../dist/protocol/index.js";
import { describe, type Random } from "../soak/content.ts";
import { agreed } from "./compression.ts";
import { anyContent } from "./contents.ts";
import { late } from "./late-extension.ts";
import { anyRoad, Pipe } from "./network.ts";
import type { Content } from "./oracles.ts";
import { Party } from "./party.ts";
import type { ProtocolWorld } from "./protocol-world.ts";

/** After so long whoever still waits ends TCP: the protocol has no timer of its own. */
const timeoutMs = 100_000;

/** Zlib's own threads are not simulated: what is compressed is small enough to be done at once. */
const mostCompressed = 5_000;

/** How conversations differ. */
interface Plan {
  readonly mode: "shared" | "dedicated" | undefined;
  readonly isLate: boolean;
  readonly passesLimits: boolean;
  readonly isGarbled: boolean;
  readonly end: "close" | "reset";
  readonly most: number;
}

function anyPlan(random: Random, canPassLimits: boolean): Plan {
  const isCompressed = random.chance(0.1);
  const mode = isCompressed ? (random.chance(0.1) ? "dedicated" : "shared") : undefined;
  return {
    mode,
    isLate: isCompressed && random.chance(0.5),
    passesLimits: canPassLimits && !isCompressed,
    isGarbled: random.chance(0.03),
    end: random.chance(0.12) ? "reset" : "close",
    most: isCompressed ? mostCompressed : Infinity,
  };
}

export class ProtocolConversation {
  readonly #world: ProtocolWorld;
  readonly #plan: Plan;
  readonly client: Party;
  readonly server: Party;

  constructor(world: ProtocolWorld, index: number, canPassLimits: boolean) {
    const { clock, random } = world;
    this.#world = world;
    this.#plan = anyPlan(random, canPassLimits);
    const [up, down] = [0, 1].map(() => new Pipe(clock, random, anyRoad(random))) as [Pipe, Pipe];
    this.client = this.#party("client", index, up);
    this.server = this.#party("server", index, down);
    this.client.peer = this.server;
    this.server.peer = this.client;
    up.reader = this.#plan.isGarbled ? this.#garbling(this.server) : this.server;
    down.reader = this.client;
    world.say(`#${index}`, () => JSON.stringify(this.#plan));
    const steps = random.chance(0.05) ? 30 : 4;
    for (const party of [this.client, this.server]) this.#steps(party, random.below(steps));
    const end = 5 + random.below(random.pick([20, 200, 2000]));
    clock.after(end, () => this.#end(random.chance(0.5) ? this.client : this.server));
    // With a garbled length one waits for bytes that nobody sends: there, time-outs are what ends it.
    if (this.#plan.isGarbled) clock.after(timeoutMs, () => this.#timeOut());
    // Both may close at the same time.
    if (random.chance(0.05)) clock.after(end, () => this.#close(this.client));
  }

  #party(role: Role, index: number, output: Pipe): Party {
    const { random } = this.#world;
    const { mode, isLate, passesLimits, isGarbled } = this.#plan;
    const extension = mode === undefined ? undefined : agreed[mode][role].open();
    return new Party(this.#world.options[role], {
      world: this.#world,
      name: `${role} ${index}`,
      role,
      extension: isLate ? late(extension as Extension, this.#world) : extension,
      output,
      keepsWrites: random.chance(0.2),
      takesParts: !passesLimits && random.chance(0.1),
      isGarbled,
      slowness: random.chance(0.15) ? 0.3 : 0,
    });
  }

  /** One byte of what comes changes. */
  #garbling(party: Party): Party {
    const { random } = this.#world;
    const arrived = party.arrived.bind(party);
    party.arrived = (bytes) => {
      if (random.chance(0.3)) {
        const at = random.below(bytes.length);
        bytes[at] = (bytes[at] as number) ^ (1 << random.below(8));
      }
      arrived(bytes);
    };
    return party;
  }

  // ---- The script

  #steps(party: Party, left: number): void {
    if (left === 0) return;
    const { clock, random } = this.#world;
    clock.after(random.chance(0.3) ? 0 : random.below(60), () => {
      if (party.endpoint.state !== "open") return;
      this.#step(party);
      party.flush();
      this.#steps(party, left - 1);
    });
  }

  #step(party: Party): void {
    const { random } = this.#world;
    const { endpoint } = party;
    const choice = random.below(20);
    if (choice < 4) {
      const payload = party.pings.next();
      party.say(() => `pings: ${payload}`);
      endpoint.ping(payload);
    } else if (choice < 7) this.#sendFragments(party);
    else if (choice < 8) this.#sendEncoded(party);
    else {
      const content = anyContent(random, this.#plan.most);
      if (this.#promise(party, content, 1)) endpoint.send(content);
    }
  }

  #sendFragments(party: Party): void {
    const { random } = this.#world;
    const parts = Array.from({ length: 1 + random.below(8) }, () => anyContent(random, 300));
    const isText = typeof parts[0] === "string";
    const alike = parts.filter((part) => (typeof part === "string") === isText);
    const whole = isText ? alike.join("") : Buffer.concat(alike as Buffer[]);
    if (!this.#promise(party, whole, alike.length)) return;
    for (const [i, part] of alike.entries()) {
      party.endpoint.send(part, { fin: i === alike.length - 1 });
    }
  }

  /** As a publication is sent: encoded once, by somebody else. */
  #sendEncoded(party: Party): void {
    const { random, platform } = this.#world;
    const content = anyContent(random, this.#plan.most);
    if (!this.#promise(party, content, 1)) return;
    const key = party === this.client ? platform.maskingKey() : undefined;
    party.endpoint.sendEncoded(encodeMessage(platform, content, key));
  }

  /** Writes down what is to arrive; false when it must not be sent, because it would pass a limit. */
  #promise(party: Party, content: Content, fragments: number): boolean {
    const { maxMessageBytes, maxFragments } = this.#world.limits;
    const isTooBig = Buffer.byteLength(content) > maxMessageBytes;
    const isTooMany = fragments > maxFragments;
    if ((isTooBig || isTooMany) && !this.#plan.passesLimits) return false;
    // Which of two limits is passed first depends on the fragments.
    if (isTooBig && fragments > 1) return false;
    party.say(() => `sends ${describe(content)} in ${fragments}`);
    const breaks = isTooBig ? "HAWSER_MESSAGE_TOO_BIG" : "HAWSER_TOO_MANY_FRAGMENTS";
    party.ledger.sent.push({ content, breaks: isTooBig || isTooMany ? breaks : undefined });
    return true;
  }

  #end(party: Party): void {
    if (this.#plan.end === "close") return this.#close(party);
    party.say(() => "resets the connection");
    party.settings.output.reset();
    party.wasReset();
  }

  #timeOut(): void {
    for (const party of [this.client, this.server]) {
      if (party.ends === 0) party.wasReset();
    }
  }

  #close(party: Party): void {
    if (party.endpoint.state !== "open") return;
    party.closedWith = 4000 + this.#world.random.below(1000);
    party.say(() => `closes with ${party.closedWith}`);
    party.endpoint.close(party.closedWith, "done");
    party.flush();
  }

  // ---- What has to hold afterwards

  check(): void {
    const { tally } = this.#world;
    tally.conversations++;
    for (const party of [this.client, this.server]) this.#checkEnd(party);
    const isClean = [this.client, this.server].every(({ endpoint }) => endpoint.outcome.wasClean);
    if (isClean) tally.clean++;
    else tally.broken++;
    if (this.#plan.isGarbled || this.client.isReset || this.server.isReset) return;
    for (const party of [this.client, this.server]) this.#checkWhole(party);
  }

  #checkEnd(party: Party): void {
    const { endpoint, ends, settings } = party;
    const check = (isFine: boolean, oracle: "closedOnce" | "retained", text: string): void =>
      this.#world.check(isFine, oracle, settings.name, () => text);
    const { state, bufferedBytes, unreadBytes, unfinishedFrameBytes } = endpoint;
    check(ends === 1 && state === "closed", "closedOnce", `ended ${ends} times, is ${state}`);
    const left = bufferedBytes + unreadBytes + unfinishedFrameBytes;
    check(left === 0 && !endpoint.isEncoding, "retained", `${left} bytes are left`);
  }

  /** Nothing broke the connection: what was sent has arrived, and the codes are those that were given. */
  #checkWhole(party: Party): void {
    const { endpoint, settings, ledger, failure } = party;
    const peer = party.peer as Party;
    const { name } = settings;
    // Whoever fails the connection gives up what waits for its encoding.
    const isGivenUp = failure !== undefined && settings.extension !== undefined;
    const missing = ledger.deliverable - ledger.received;
    this.#world.check(
      missing === 0 || isGivenUp,
      "complete",
      name,
      () => `${missing} of ${ledger.sent.length} messages have not arrived`,
    );
    const { code, wasClean } = endpoint.outcome;
    if (failure !== undefined) return;
    const failureCode = peer.failure === "HAWSER_MESSAGE_TOO_BIG" ? 1009 : 1008;
    const own = peer.closedWith ?? party.closedWith;
    const expected =
      peer.failure === undefined || peer.closedWith !== undefined ? own : failureCode;
    this.#world.check(
      code === expected && wasClean,
      "closeCode",
      name,
      () => `${code} (clean: ${wasClean}), not ${expected}`,
    );
    if (party.wasBackedUp || peer.wasBackedUp || peer.failure !== undefined) return;
    if (peer.closedWith !== undefined) return;
    const { sent, answered } = party.pings;
    this.#world.check(
      sent === answered,
      "pendingPongs",
      name,
      () => `${answered} of ${sent} pings were answered`,
    );
  }
}
