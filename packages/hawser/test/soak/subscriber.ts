// A subscriber of a topic, to which it publishes as well. Each publication says who sent it, its number,
// and which slice it is: a subscriber checks the content of all, and that of each sender none is missing
// between two others; its own have to come back, all of them.

import { connect, type Connection } from "../../dist/index.js";
import { within } from "../support/deferred.ts";
import { anySlice, contentOf, describe, isSame, type Slice } from "./content.ts";
import type { Stage } from "./conversations.ts";
import { modes } from "./order.ts";
import { roads, toServer } from "./road.ts";

/** The largest publication: each goes to all subscribers. */
const largestPublication = 70_000;
const mostInFlight = 3;
const patienceMs = 60_000;

interface Publication {
  readonly sender: number;
  readonly number: number;
  readonly slice: Slice;
}

function encode({ sender, number, slice }: Publication): string | Buffer {
  const { kind, start, length } = slice;
  const head = `${sender} ${number} ${kind} ${start} ${length}\n`;
  const content = contentOf(slice);
  if (typeof content === "string") return head + content;
  return Buffer.concat([Buffer.from(head), content]);
}

function decode(message: string | Buffer): Publication {
  const [head = ""] = message.slice(0, 80).toString().split("\n", 1);
  const [sender, number, kind, start, length] = head.split(" ");
  const slice = { kind: kind as Slice["kind"], start: Number(start), length: Number(length) };
  return { sender: Number(sender), number: Number(number), slice };
}

export class Subscriber {
  readonly #ws: Connection;
  readonly #id: number;
  readonly #messages: AsyncIterator<string | Buffer, undefined>;
  /** The last number of each sender. */
  readonly #numbers = new Map<number, number>();
  #published = 0;
  #returned = 0;

  private constructor(ws: Connection, id: number) {
    this.#ws = ws;
    this.#id = id;
    this.#messages = ws[Symbol.asyncIterator]();
  }

  static async open({ servers, random }: Stage): Promise<Subscriber> {
    const way = [random.pick(modes), random.pick(roads)] as const;
    const [url, options] = toServer(servers, way, "/topic");
    const ws = await connect(url, {
      ...options,
      compression: random.pick([false, true, { mode: "dedicated" }] as const),
    });
    return new Subscriber(ws, random.bits());
  }

  /** Forgets the senders, most of whom have gone. */
  forget(): void {
    this.#numbers.clear();
  }

  /** Publishes, and takes what comes until all of its own are back, and so all that was sent before. */
  async publish(
    { random, tally }: Stage,
    count: number,
    mostBytes: number = largestPublication,
  ): Promise<void> {
    const last = this.#published + count;
    while (this.#returned < last) {
      while (this.#published < last && this.#published - this.#returned < mostInFlight) {
        const slice = anySlice(random, mostBytes);
        const message = encode({ sender: this.#id, number: ++this.#published, slice });
        this.#ws.send(message, { compress: !random.chance(0.1) });
      }
      const { value } = await within(this.#messages.next(), "a publication", patienceMs);
      if (value === undefined) throw new Error("a subscriber's connection has ended");
      this.#take(value);
      tally.messages++;
      tally.bytes += value.length;
    }
  }

  #take(message: string | Buffer): void {
    const publication = decode(message);
    const { sender, number } = publication;
    if (!isSame(message, encode(publication))) {
      throw new Error(`${describe(message)} is not what was published`);
    }
    const before = this.#numbers.get(sender) ?? (sender === this.#id ? this.#returned : number - 1);
    if (number !== before + 1) {
      throw new Error(`publication ${number} of ${sender} came behind ${before}`);
    }
    this.#numbers.set(sender, number);
    if (sender === this.#id) this.#returned++;
  }

  async leave(): Promise<void> {
    this.#ws.close(1000);
    // The Close frame comes behind what others have published meanwhile.
    for (;;) {
      const { value } = await within(this.#messages.next(), "the last publications", patienceMs);
      if (value === undefined) break;
      this.#take(value);
    }
    const { code } = await within(this.#ws.closed, "the end of a subscriber", patienceMs);
    if (code !== 1000) throw new Error(`a subscriber was closed with ${code}`);
  }

  end(): void {
    this.#ws.terminate();
  }
}

/** Subscribes, publishes some, and leaves. */
export async function subscribe(stage: Stage): Promise<void> {
  const subscriber = await Subscriber.open(stage);
  try {
    await subscriber.publish(stage, 1 + stage.random.below(8));
    await subscriber.leave();
  } finally {
    subscriber.end();
  }
}
