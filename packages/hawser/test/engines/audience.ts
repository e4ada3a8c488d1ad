// The clients of all nodes, and what each of them must see: the numbers of every publisher, never twice, never
// backwards, and what is missing is known by publisher and number.

import assert from "node:assert/strict";
import { connect, type Connection } from "../../dist/index.js";
import { deferred, within } from "../support/deferred.ts";

/** A publication that a client did not get. */
export interface Loss {
  /** The client's node. */
  readonly node: string;
  readonly topic: string;
  readonly publisher: string;
  readonly number: number;
}

class Member {
  readonly node: string;
  readonly topic: string;
  /** Publisher → the last number. */
  readonly last = new Map<string, number>();
  ws: Connection | undefined;

  constructor(node: string, topic: string) {
    this.node = node;
    this.topic = topic;
  }
}

export class Audience {
  readonly #members: Member[] = [];
  readonly faults: string[] = [];
  losses: Loss[] = [];
  received = 0;
  #onMessage: () => void = () => undefined;

  async join(node: string, url: string, topics: readonly string[], each: number): Promise<void> {
    const members = topics.flatMap((topic) =>
      Array.from({ length: each }, () => new Member(node, topic)),
    );
    this.#members.push(...members);
    await Promise.all(
      members.map(async (member) => {
        const message = (_ws: Connection, text: unknown): void => this.#take(member, String(text));
        member.ws = await connect(`${url}/${member.topic}`, { message });
      }),
    );
  }

  #take(member: Member, text: string): void {
    this.received++;
    const { node, topic, last } = member;
    const [publisher = "", written] = text.split(" ");
    const number = Number(written);
    const before = last.get(publisher) ?? -1;
    if (number <= before) this.faults.push(`${node}/${topic} got ${text} after ${before}`);
    for (let missing = before + 1; missing < number; missing++) {
      this.losses.push({ node, topic, publisher, number: missing });
    }
    last.set(publisher, Math.max(before, number));
    this.#onMessage();
  }

  /** Waits until everybody on these nodes has got that many of each topic from this publisher. */
  async caughtUp(
    nodes: readonly string[],
    publisher: string,
    counts: ReadonlyMap<string, number>,
  ): Promise<void> {
    const behind = (): Member[] =>
      this.#members.filter(
        ({ node, topic, last }) =>
          nodes.includes(node) && (last.get(publisher) ?? -1) < (counts.get(topic) ?? 0) - 1,
      );
    const { promise, resolve } = deferred();
    this.#onMessage = () => {
      if (behind().length === 0) resolve();
    };
    this.#onMessage();
    await within(promise, `all have what ${publisher} published`, 10_000).catch(
      (error: unknown) => {
        const [first] = behind();
        assert.fail(`${String(error)}: ${behind().length} don't, ${first?.node}/${first?.topic}`);
      },
    );
    this.#onMessage = () => undefined;
  }

  leave(): void {
    for (const { ws } of this.#members) ws?.terminate();
  }
}
