// npm `undici`: the WebSocket API, and a ping() beside it.

import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { ping, WebSocket } from "undici";
import type { Peer } from "../contract.ts";
import { pageLacks, PagePlayer, type PageSocket, toReport } from "./page.ts";

const { ping: _ping, ...lacks } = pageLacks;

// Its types want listeners that know its own events.
const Api = WebSocket as unknown as new (url: string, protocols: string[]) => PageSocket;

/** Its pongs show in a diagnostics channel only. */
function pingAndWait(ws: PageSocket, payload: string): Promise<void> {
  return new Promise((resolve) => {
    const onPong = (message: unknown): void => {
      const pong = message as { payload: Buffer; websocket: unknown };
      if (pong.websocket !== ws || pong.payload.toString() !== payload) return;
      unsubscribe("undici:websocket:pong", onPong);
      resolve();
    };
    subscribe("undici:websocket:pong", onPong);
    ping(ws as unknown as WebSocket, Buffer.from(payload));
  });
}

export const undiciClient: Peer = {
  name: "undici",
  role: "client",
  answers: "the code",
  deflates: false,
  lacks: { ...lacks, "leading BOM": "it is taken for a mark of the encoding and dropped" },
  start: () =>
    Promise.resolve({
      url: "",
      run: async (order) =>
        toReport(await new PagePlayer(order, { Api, ping: pingAndWait }).play()),
      end: () => Promise.resolve(),
    }),
};
