// Debian's two WebSocket packages for Python, in processes of their own.

import { fileURLToPath } from "node:url";
import { startChild } from "../child.ts";
import {
  type Ability,
  type Peer,
  type PeerDeflate,
  refusedPath,
  type RunningPeer,
  spokenProtocol,
} from "../contract.ts";

const python = "/usr/bin/python3";
// The programs are no TypeScript: they stay where the sources are.
const folder = new URL("../../../test/interop/peers/", import.meta.url);

async function start(program: string, debian: string, args: string[]): Promise<RunningPeer> {
  try {
    return await startChild(python, [fileURLToPath(new URL(program, folder)), ...args]);
  } catch (error) {
    throw new Error(`the peer did not start; missing? apt-get install python3 ${debian}`, {
      cause: error,
    });
  }
}

/** As the program wants it: JSON, null for its own default. */
const toArgument = (deflate?: PeerDeflate): string => JSON.stringify(deflate ?? null);

const websocketsLacks: Readonly<Partial<Record<Ability, string>>> = {
  "split characters": "send() takes whole strings",
  "close without a code": "close() takes only codes that may be sent, by default 1000",
  plain: "send() has no options",
};

export const websocketsClient: Peer = {
  name: "Python websockets, client",
  role: "client",
  answers: "the same",
  deflates: true,
  lacks: websocketsLacks,
  start: (_url, deflate) =>
    start("websockets_peer.py", "python3-websockets", ["client", toArgument(deflate)]),
};

export const websocketsServer: Peer = {
  name: "Python websockets, server",
  role: "server",
  answers: "the same",
  deflates: true,
  lacks: websocketsLacks,
  start: (_url, deflate) =>
    start("websockets_peer.py", "python3-websockets", [
      "server",
      toArgument(deflate),
      spokenProtocol,
      refusedPath,
    ]),
};

export const websocketClient: Peer = {
  name: "Python websocket-client",
  role: "client",
  answers: "1000",
  deflates: false,
  lacks: {
    "take 1012": "it knows no such code",
    "take 1013": "it knows no such code",
  },
  start: () => start("websocket_client_peer.py", "python3-websocket", []),
};
