// Hawser's own WebSocket as a client of Hawser's server, by the contract of the interop tests: the scenarios
// that Chromium and all others play.

import { WebSocket } from "../../dist/index.js";
import type { Peer } from "../interop/contract.ts";
import { pageLacks, PagePlayer, type PageSocket, toReport } from "../interop/peers/page.ts";
import { checkContract } from "../interop/run-contract.ts";

const Api = WebSocket as unknown as new (url: string, protocols: string[]) => PageSocket;

const ownWebSocket: Peer = {
  name: "Hawser's WebSocket",
  role: "client",
  answers: "the code",
  deflates: false,
  lacks: pageLacks,
  start: () =>
    Promise.resolve({
      url: "",
      run: async (order) =>
        toReport(
          await new PagePlayer(order, {
            Api,
            ping: () => Promise.reject(new Error("there is no ping()")),
          }).play(),
        ),
      end: () => Promise.resolve(),
    }),
};

checkContract(ownWebSocket);
