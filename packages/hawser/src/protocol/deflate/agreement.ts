// What a client and a server have agreed on for permessage-deflate, from one endpoint's point of view.
// One object serves all connections with the same outcome; what a connection needs of its own is made
// by `open`.

import { type ExtensionOffer, serializeExtensions } from "../handshake/extension-header.ts";
import type { AgreedExtension } from "../handshake/negotiation.ts";
import type { CompressionBudget } from "./compression-budget.ts";
import type { DeflateEngine, DeflateParameters } from "./engine.ts";
import { maxWindowBits, permessageDeflate } from "./parameters.ts";
import { PermessageDeflate } from "./permessage-deflate.ts";

/** What all agreements of one negotiator share. */
export interface DeflateResources {
  readonly engine: DeflateEngine;
  readonly budget: CompressionBudget | undefined;
  /** Contents of fewer bytes are not compressed. */
  readonly minBytes: number;
  /** Whether a message goes out compressed even if that makes it longer. Default false. */
  readonly sendsLonger?: boolean;
}

/** By window: what connections whose outgoing messages are compressed alike have in common. */
const sharedEncodings: readonly string[] = Array.from({ length: maxWindowBits + 1 }, (_, bits) =>
  serializeExtensions([
    { name: permessageDeflate, parameters: [["server_max_window_bits", `${bits}`]] },
  ]),
);

/** The memory that connections with these parameters hold between messages: what a budget is for. */
export function contextBytes(
  engine: DeflateEngine,
  sending: DeflateParameters,
  receiving: DeflateParameters,
): number {
  return (
    (sending.takeover ? engine.deflaterBytes(sending) : 0) +
    (receiving.takeover ? engine.inflaterBytes(receiving) : 0)
  );
}

export class DeflateAgreement implements AgreedExtension {
  readonly response: ExtensionOffer;
  readonly resources: DeflateResources;
  readonly sending: DeflateParameters;
  readonly receiving: DeflateParameters;
  /** Infinite when this endpoint can't compress within the window that it is held to. */
  readonly minBytes: number;
  readonly sharedEncoding: string | undefined;
  /** What each connection reserves of the budget. */
  readonly contextBytes: number;

  constructor(
    response: ExtensionOffer,
    resources: DeflateResources,
    sending: DeflateParameters,
    receiving: DeflateParameters,
  ) {
    const { engine, minBytes } = resources;
    this.response = response;
    this.resources = resources;
    this.sending = sending;
    this.receiving = receiving;
    this.minBytes = sending.windowBits < engine.minDeflateWindowBits ? Infinity : minBytes;
    this.sharedEncoding = sending.takeover ? undefined : sharedEncodings[sending.windowBits];
    this.contextBytes = contextBytes(engine, sending, receiving);
  }

  open(): PermessageDeflate {
    return new PermessageDeflate(this);
  }
}
