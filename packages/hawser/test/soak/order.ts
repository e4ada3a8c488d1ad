// What the processes of a soak say to each other: an order with its argument, and one answer, which is
// an Error where it failed.

export interface Order {
  readonly id: number;
  readonly name: string;
  readonly argument: unknown;
}

export interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly failure?: string;
}

/** How a server compresses, by which it is known. */
export const modes = ["plain", "shared", "dedicated"] as const;
export type Mode = (typeof modes)[number];

/** Where a server listens: TCP, and TLS for both versions of HTTP. */
export interface Ports {
  readonly ws: number;
  readonly wss: number;
}

/** What the clients are told of the servers. */
export interface Servers {
  readonly ports: Readonly<Record<Mode, Ports>>;
  /** The certificate of all of them, PEM. */
  readonly ca: string;
}

/** What is done between two samples. */
export interface Tally {
  conversations: number;
  messages: number;
  bytes: number;
  readonly faults: string[];
}

/** Obeys orders until the parent is gone, however that came about. Ctrl+C is the parent's to answer. */
export function obey(orders: Readonly<Record<string, (argument: never) => unknown>>): void {
  process.on("disconnect", () => process.exit());
  process.on("SIGINT", () => undefined);
  process.on("message", ({ id, name, argument }: Order) => {
    const answer = (said: Omit<Answer, "id">): void => {
      if (process.connected) process.send?.({ id, ...said }, () => undefined);
    };
    const run = async (): Promise<unknown> => orders[name]?.(argument as never);
    run().then(
      (value) => answer({ value }),
      (error: Error) => answer({ failure: error.stack ?? String(error) }),
    );
  });
}
