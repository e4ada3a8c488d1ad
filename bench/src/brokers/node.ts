// One node: a server with a client that is subscribed, and counts. One of the nodes publishes, so many at a time.

import { type Broker, connect, serve, type Server } from "hawser";
import { makeBroker } from "./road.ts";

/** Publications that wait for confirmation at a time. */
const window = 256;
const text = "x".repeat(64);

/** A node, in a process of its own or not. */
export class Node {
  readonly #server: Server;
  #received = 0;
  #expected = 0;
  #onAll: (() => void) | undefined;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(broker: Broker): Promise<Node> {
    const server = await serve({ broker, open: (ws) => ws.subscribe("topic") });
    const node = new Node(server);
    await connect(server.url, { message: () => node.#count() });
    await broker.health();
    return node;
  }

  #count(): void {
    if (++this.#received === this.#expected) this.#onAll?.();
  }

  /** Resolves when so many more have come. */
  receive(count: number): Promise<void> {
    this.#expected = this.#received + count;
    return new Promise((resolve) => {
      this.#onAll = resolve;
    });
  }

  async publish(count: number): Promise<void> {
    let left = count;
    const publishOn = async (): Promise<void> => {
      while (left-- > 0) await this.#server.publishConfirmed("topic", text);
    };
    await Promise.all(Array.from({ length: window }, publishOn));
  }
}

if (process.argv[2] === "node") {
  const [, , , road = "", port] = process.argv;
  const node = await Node.start(await makeBroker(road, Number(port)));
  process.on("message", ([order, count]: ["receive" | "publish", number]) => {
    void node[order](count).then(() => process.send?.(order));
  });
  process.on("disconnect", () => process.exit());
  process.send?.("started");
}
