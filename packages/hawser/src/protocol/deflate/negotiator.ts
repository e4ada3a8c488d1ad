// How permessage-deflate is agreed on, in either role (RFC 7692 §5, §7.1). Each direction has its own
// rules: what the other endpoint asks for always holds, and beyond that each limits itself as it was
// set. A malformed offer is declined, and the client's next one looked at; a malformed response, or one
// that doesn't fit what was offered, is refused.

import type { ExtensionOffer } from "../handshake/extension-header.ts";
import { serializeExtensions } from "../handshake/extension-header.ts";
import type { AgreedExtension, ExtensionNegotiator } from "../handshake/negotiation.ts";
import { contextBytes, DeflateAgreement, type DeflateResources } from "./agreement.ts";
import type { CompressionBudget } from "./compression-budget.ts";
import type { DeflateEngine, DeflateParameters } from "./engine.ts";
import {
  listParameters,
  maxWindowBits,
  parseParameters,
  permessageDeflate,
  type PermessageDeflateParameters,
} from "./parameters.ts";

/** How connections are to be compressed. */
export interface DeflateSettings {
  /**
   * "shared" keeps no window from one message to the next, in neither direction: next to no memory per
   * connection, and one compressed message can be sent to many. "dedicated" keeps both windows, which
   * compresses small messages that resemble each other much better.
   */
  readonly mode: "shared" | "dedicated";
  /** The largest window, 8 to 15: of what is sent, and of what is received where that can be asked for. */
  readonly windowBits: number;
  /** Contents of fewer bytes are sent as they are. */
  readonly minBytes: number;
}

/** zlib takes 9 where 8 was agreed on, in peers too; a larger window inflates the same. */
const minInflateWindowBits = 9;

export class DeflateNegotiator implements ExtensionNegotiator {
  readonly name: string = permessageDeflate;
  readonly offers: readonly ExtensionOffer[];
  readonly #settings: DeflateSettings;
  readonly #resources: DeflateResources;
  readonly #agreements = new Map<string, DeflateAgreement>();

  /** Past the budget, connections are agreed on without context takeover. */
  constructor(engine: DeflateEngine, settings: DeflateSettings, budget?: CompressionBudget) {
    this.#settings = settings;
    this.#resources = { engine, budget, minBytes: settings.minBytes };
    this.offers = offersFor(settings);
  }

  /** A server's answer (§7.1). To be opened in the same turn: until then nothing is reserved. */
  accept(offer: ExtensionOffer): AgreedExtension | undefined {
    const offered = parseParameters(offer.parameters, "offer");
    if (offered === undefined) return undefined;
    const { windowBits } = this.#settings;
    const { serverMaxWindowBits, clientMaxWindowBits } = offered;
    const ownBits = Math.min(windowBits, serverMaxWindowBits ?? maxWindowBits);
    // "the server MUST NOT include" a limit for a client that doesn't know the parameter (§7.1.2.2).
    const peerBits = clientMaxWindowBits && Math.min(windowBits, clientMaxWindowBits);
    let sending = this.#sending(ownBits, offered.serverNoContextTakeover);
    const isKept = this.#settings.mode === "dedicated" && !offered.clientNoContextTakeover;
    let receiving = receivingWith(peerBits, isKept);
    if (!this.#hasRoom(sending, receiving)) {
      sending = { ...sending, takeover: false };
      receiving = { ...receiving, takeover: false };
    }
    const isOwnLimited = serverMaxWindowBits !== undefined || ownBits < maxWindowBits;
    const response = listParameters({
      serverNoContextTakeover: !sending.takeover,
      clientNoContextTakeover: !receiving.takeover,
      serverMaxWindowBits: isOwnLimited ? ownBits : undefined,
      clientMaxWindowBits: peerBits === maxWindowBits ? undefined : peerBits,
    });
    return this.#agree(response, sending, receiving);
  }

  /** A client's reading of the answer (§7.1). To be opened in the same turn. */
  confirm(response: ExtensionOffer): AgreedExtension | undefined {
    const agreed = parseParameters(response.parameters, "response");
    if (agreed === undefined || !this.#isAcceptable(agreed)) return undefined;
    const { windowBits } = this.#settings;
    const ownBits = Math.min(windowBits, agreed.clientMaxWindowBits ?? maxWindowBits);
    const receiving = receivingWith(agreed.serverMaxWindowBits, !agreed.serverNoContextTakeover);
    let sending = this.#sending(ownBits, agreed.clientNoContextTakeover);
    // To keep no window of its own needs nobody's consent; what the server keeps, a client has to.
    if (!this.#hasRoom(sending, receiving)) sending = { ...sending, takeover: false };
    return this.#agree(response, sending, receiving);
  }

  /**
   * Whether the answer fits the offers. An absent limit accepts the offer that asks for none; a larger
   * one than the best offer's comes from a server that knows the parameter and accepted no offer.
   */
  #isAcceptable(agreed: PermessageDeflateParameters): boolean {
    const { mode, windowBits } = this.#settings;
    if (mode === "shared" && !agreed.serverNoContextTakeover) return false;
    if (agreed.serverMaxWindowBits !== undefined && agreed.serverMaxWindowBits > windowBits) {
      return false;
    }
    return agreed.clientMaxWindowBits === undefined || agreed.clientMaxWindowBits <= windowBits;
  }

  #sending(windowBits: number, isForbidden: boolean): DeflateParameters {
    // Who can't compress within the window keeps none.
    const canDeflate = windowBits >= this.#resources.engine.minDeflateWindowBits;
    const takeover = this.#settings.mode === "dedicated" && !isForbidden && canDeflate;
    return { windowBits, takeover };
  }

  #hasRoom(sending: DeflateParameters, receiving: DeflateParameters): boolean {
    const { engine, budget } = this.#resources;
    return budget === undefined || budget.hasRoom(contextBytes(engine, sending, receiving));
  }

  /** Thousands of connections share the few different outcomes. */
  #agree(
    response: ExtensionOffer,
    sending: DeflateParameters,
    receiving: DeflateParameters,
  ): DeflateAgreement {
    const key = `${sending.takeover}: ${serializeExtensions([response])}`;
    let agreement = this.#agreements.get(key);
    if (agreement === undefined) {
      agreement = new DeflateAgreement(response, this.#resources, sending, receiving);
      this.#agreements.set(key, agreement);
    }
    return agreement;
  }
}

/** The window of a peer that was limited to so many bits, or not at all. */
function receivingWith(windowBits: number | undefined, takeover: boolean): DeflateParameters {
  return { windowBits: Math.max(windowBits ?? maxWindowBits, minInflateWindowBits), takeover };
}

/** What a client asks for; the last offer has nothing in it but what every server has to know. */
function offersFor({ mode, windowBits }: DeflateSettings): readonly ExtensionOffer[] {
  const isShared = mode === "shared";
  const simple = listParameters({
    serverNoContextTakeover: isShared,
    clientNoContextTakeover: isShared,
    serverMaxWindowBits: undefined,
    clientMaxWindowBits: undefined,
  });
  const isLimited = windowBits < maxWindowBits;
  const limits: [string, string | undefined][] = isLimited
    ? [
        ["server_max_window_bits", `${windowBits}`],
        ["client_max_window_bits", `${windowBits}`],
      ]
    : // Without a value: "the client supports" being limited (§7.1.2.2).
      [["client_max_window_bits", undefined]];
  return [{ name: permessageDeflate, parameters: [...simple.parameters, ...limits] }, simple];
}
