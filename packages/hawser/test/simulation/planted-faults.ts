// Faults, to see that the oracles can say no: each is planted in the library as it runs, and has to be found by the
// oracle that it names. A fault that no oracle finds is a hole in the simulation.

import { Endpoint, Output, Receiver } from "../../dist/protocol/index.js";
import { Ending } from "../../dist/node/ending.js";
import { HandledLink } from "../../dist/node/handled-link.js";
import { Heartbeat } from "../../dist/node/heartbeat.js";
import { Link } from "../../dist/node/link.js";
import { linkEvents } from "../../dist/node/link-events.js";
import { Writer } from "../../dist/node/writer.js";
import { type Oracle, slack } from "./oracles.ts";
import type { Level } from "./world.ts";

type Method = (this: never, ...rest: never[]) => unknown;

export interface PlantedFault {
  readonly title: string;
  readonly level: Level;
  /** Those of which one finds it first, whatever the seed. */
  readonly oracles: readonly Oracle[];
  /** Plants it; what it returns takes it out. */
  plant(): () => void;
}

/** Puts another method in the place of one, made from that. */
function replace(where: object, name: string, make: (original: Method) => Method): () => void {
  const methods = where as Record<string, Method>;
  const original = methods[name] as Method;
  methods[name] = make(original);
  return () => {
    methods[name] = original;
  };
}

const missing = (where: object, name: string): (() => void) =>
  replace(where, name, () => () => undefined);

function loosen(name: keyof typeof slack, by: number): () => void {
  slack[name] = by;
  return () => {
    slack[name] = 0;
  };
}

/** Calls a method as it was. */
function call(original: Method, self: unknown, rest: readonly unknown[]): unknown {
  return Reflect.apply(original, self, rest);
}

export const plantedFaults: readonly PlantedFault[] = [
  {
    title: "what is left of a chunk that was lent is not copied",
    level: "protocol",
    oracles: ["order", "falseFailure", "closedOnce", "complete"],
    plant: () => missing(Receiver.prototype, "keep"),
  },
  {
    title: "a message is sent twice",
    level: "protocol",
    oracles: ["order"],
    plant: () =>
      replace(
        Endpoint.prototype,
        "send",
        (original) =>
          function (this: unknown, ...rest: unknown[]) {
            call(original, this, rest);
            if (rest[1] === undefined) call(original, this, rest);
          },
      ),
  },
  {
    title: "the end of the input is missed",
    level: "protocol",
    oracles: ["closedOnce"],
    plant: () => missing(Endpoint.prototype, "receiveEnd"),
  },
  {
    title: "release does not go on",
    level: "protocol",
    oracles: ["closedOnce"],
    plant: () => missing(Endpoint.prototype, "release"),
  },
  {
    title: "pongs are queued while output is backed up",
    level: "protocol",
    oracles: ["pendingPongs"],
    plant: () => missing(Endpoint.prototype, "setBackedUp"),
  },
  {
    title: "blocks don't come back to their pool",
    level: "protocol",
    oracles: ["retained"],
    plant: () => missing(Output.prototype, "written"),
  },
  {
    title: "what waits is not forgotten when the transport is gone",
    level: "protocol",
    oracles: ["retained"],
    plant: () => missing(Output.prototype, "clear"),
  },
  {
    title: "a chunk that was taken is lost now and then",
    level: "protocol",
    oracles: ["complete", "order", "closedOnce", "falseFailure"],
    plant: () =>
      replace(
        Output.prototype,
        "take",
        (original) =>
          function (this: unknown, ...rest: unknown[]) {
            const chunk = call(original, this, rest) as Uint8Array | undefined;
            return chunk?.length === 33 ? call(original, this, rest) : chunk;
          },
      ),
  },
  {
    title: "a Close frame has another code",
    level: "protocol",
    oracles: ["closeCode"],
    plant: () =>
      replace(
        Endpoint.prototype,
        "close",
        (original) =>
          function (this: unknown, code: unknown, reason: unknown) {
            call(original, this, [(code as number) ^ 1, reason]);
          },
      ),
  },
  {
    title: "maxMessageBytes is too large by one",
    level: "protocol",
    oracles: ["messageLimit"],
    plant: () => loosen("messageBytes", 1),
  },
  {
    title: "maxMessageBytes is too small",
    level: "protocol",
    oracles: ["falseFailure"],
    plant: () => loosen("messageBytes", -40),
  },
  {
    title: "maxFragments is too large by one",
    level: "protocol",
    oracles: ["fragmentLimit"],
    plant: () => loosen("fragments", 1),
  },
  {
    title: "pinging throws",
    level: "protocol",
    oracles: ["crash"],
    plant: () =>
      replace(Endpoint.prototype, "ping", () => () => {
        throw new Error("planted");
      }),
  },
  {
    title: "a connection is reported closed twice",
    level: "node",
    oracles: ["closedOnce", "retained"],
    plant: () =>
      replace(
        linkEvents,
        "end",
        (original) =>
          function (this: unknown, ...rest: unknown[]) {
            call(original, this, rest);
            call(original, this, rest);
          },
      ),
  },
  {
    title: "bytes from the peer don't count as life",
    level: "node",
    oracles: ["living"],
    plant: () =>
      replace(
        Link.prototype,
        "socketRead",
        (original) =>
          function (this: Link, ...rest: unknown[]) {
            const { silentTicks } = this;
            call(original, this, rest);
            this.silentTicks = silentTicks;
          },
      ),
  },
  {
    title: "the heartbeat gives peers up without a ping",
    level: "node",
    oracles: ["living"],
    plant: () => missing(Link.prototype, "beat"),
  },
  {
    title: "a peer that is gone is not given up",
    level: "node",
    oracles: ["dead"],
    plant: () => missing(Link.prototype, "lost"),
  },
  {
    title: "the heartbeat's timer runs on when nobody is left",
    level: "node",
    oracles: ["retained"],
    plant: () => missing(Heartbeat.prototype, "left"),
  },
  {
    title: "the time to close is not limited",
    level: "node",
    oracles: ["inTime"],
    plant: () => missing(Ending.prototype, "arm"),
  },
  {
    title: "the timer of the end is not cleared",
    level: "node",
    oracles: ["retained"],
    plant: () => missing(Ending.prototype, "disarm"),
  },
  {
    title: "a connection that has ended stays in its group",
    level: "node",
    oracles: ["retained"],
    plant: () =>
      replace(
        Link.prototype,
        "ended",
        (original) =>
          function (this: Link, ...rest: unknown[]) {
            call(original, this, rest);
            this.group.links.add(this);
          },
      ),
  },
  {
    title: "maxQueuedBytes is not kept",
    level: "node",
    oracles: ["queueLimit"],
    plant: () => loosen("queuedBytes", 1024 * 1024),
  },
  {
    title: "nobody is told that there is room again",
    level: "node",
    oracles: ["drain"],
    plant: () => missing(HandledLink.prototype, "onDrain"),
  },
  {
    title: "a flush is forgotten now and then",
    level: "node",
    oracles: ["complete", "closeCode", "inTime", "drain", "living"],
    plant: () => {
      const counts = new WeakMap<object, number>();
      return replace(
        Writer.prototype,
        "outputReady",
        (original) =>
          function (this: Writer, ...rest: unknown[]) {
            const count = (counts.get(this) ?? 0) + 1;
            counts.set(this, count);
            if (count % 10 > 0) call(original, this, rest);
          },
      );
    },
  },
  {
    title: "a busy handler holds nothing back",
    level: "node",
    oracles: ["held"],
    plant: () => missing(Endpoint.prototype, "hold"),
  },
  {
    title: "a handler that fails closes all connections of its group",
    level: "node",
    oracles: ["isolation"],
    plant: () =>
      replace(
        Link.prototype,
        "close",
        (original) =>
          function (this: Link, ...rest: unknown[]) {
            const all = rest[0] === 1011 ? [...this.group.links] : [this];
            for (const link of all) call(original, link, rest);
          },
      ),
  },
  {
    title: "two messages change places",
    level: "node",
    oracles: ["order"],
    plant: () => {
      const kept = new WeakMap<object, unknown[]>();
      return replace(
        linkEvents,
        "message",
        (original) =>
          function (this: unknown, ...rest: unknown[]) {
            const [link] = rest as [Link];
            const before = kept.get(link);
            if (before === undefined) kept.set(link, rest);
            else {
              kept.delete(link);
              call(original, this, rest);
              call(original, this, before);
            }
          },
      );
    },
  },
];
