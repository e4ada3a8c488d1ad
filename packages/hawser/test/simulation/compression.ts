// Both ends of permessage-deflate, agreed on as in an opening handshake, once for all conversations.

import { zlibEngine } from "../../dist/node/deflate/engine.js";
import { type AgreedExtension, DeflateNegotiator, type Role } from "../../dist/protocol/index.js";

function agree(mode: "shared" | "dedicated"): Record<Role, AgreedExtension> {
  const negotiator = new DeflateNegotiator(zlibEngine(), { mode, minBytes: 0, windowBits: 9 });
  const [offer] = negotiator.offers;
  const server = offer && negotiator.accept(offer);
  const client = server && negotiator.confirm(server.response);
  if (server === undefined || client === undefined) throw new Error("no agreement");
  return { server, client };
}

export const agreed: Readonly<Record<"shared" | "dedicated", Record<Role, AgreedExtension>>> = {
  shared: agree("shared"),
  dedicated: agree("dedicated"),
};
