// Bun's own server, as its documentation shows it. This file runs in Bun.

import type { Service } from "../peer.ts";

/** As much of Bun as is used here; its types are not installed. */
declare const Bun: {
  gc(synchronously: boolean): void;
  serve(options: object): { port: number; publish: Send<[topic: string]> };
};
type Send<Before extends unknown[] = []> = (
  ...args: [...Before, message: unknown, compress: boolean]
) => void;
interface BunSocket {
  send: Send;
  subscribe(topic: string): void;
}

export function listen({ answers, deflate }: Service): Promise<number> {
  // What server.ts calls before the memory is read.
  globalThis.gc = (() => Bun.gc(true)) as typeof globalThis.gc;
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch(request: unknown, self: { upgrade(request: unknown): boolean }) {
      return self.upgrade(request) ? undefined : new Response(null, { status: 400 });
    },
    websocket: {
      perMessageDeflate: deflate,
      open(ws: BunSocket) {
        if (answers === "all") ws.subscribe("all");
      },
      message(ws: BunSocket, message: unknown) {
        if (answers === "all") server.publish("all", message, deflate);
        else ws.send(message, deflate);
      },
    },
  });
  return Promise.resolve(server.port);
}
