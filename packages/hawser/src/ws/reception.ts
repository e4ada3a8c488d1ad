// The reception of a server's own HTTP server: what reads handshakes for `hawser` does so here, and the
// HTTP server tells of them as it would have by itself, by its event `upgrade` and with a request of Node's.

import { Buffer } from "node:buffer";
import type { Server } from "node:http";
import { type Reception, receiveFirst } from "../node/reception.ts";
import { leaveToNobody, nobody, own } from "../node/socket-owner.ts";
import type { HandshakeRules } from "../protocol/index.ts";

/** What is longer than this is read by Node, which has the limits that it has with `ws`. */
const rules: HandshakeRules = {
  maxUrlBytes: 4 * 1024,
  maxHeaderBytes: 8 * 1024,
  maxHeaders: 100,
  origins: "*",
};

/** How long Node's own time-outs are put off for a client that says nothing. */
const patienceMs = 1_000;

/** Undefined, and nothing is changed, when the server is not as Node makes it. */
export function receiveHandshakes(http: Server): Reception | undefined {
  return receiveFirst(http, "connection", {
    rules,
    patienceMs,
    accept({ socket, incoming }, _offer, early) {
      // Whoever takes the socket owns it in place of nobody.
      own(socket, nobody);
      http.emit("upgrade", incoming, socket, Buffer.from(early));
      leaveToNobody(socket);
    },
  });
}
