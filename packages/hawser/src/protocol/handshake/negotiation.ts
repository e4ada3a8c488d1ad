// How extensions are agreed on (RFC 6455 §9.1): the port that an extension fills for either role, and
// the choice itself. At most one that uses RSV1 can be in use, so the first that both know is taken.

import type { Extension } from "../extension.ts";
import type { ExtensionOffer } from "./extension-header.ts";

/** An extension in agreement: what the header says of it, and how to begin using it. */
export interface AgreedExtension {
  readonly response: ExtensionOffer;
  /** Makes the extension of one connection. */
  open(): Extension;
}

/** How one extension is negotiated. */
export interface ExtensionNegotiator {
  readonly name: string;
  /** What a client offers, best first. */
  readonly offers: readonly ExtensionOffer[];
  /** A server's answer to one offer; undefined declines it. */
  accept(offer: ExtensionOffer): AgreedExtension | undefined;
  /** A client's reading of the server's answer; undefined when it breaks what was offered. */
  confirm(response: ExtensionOffer): AgreedExtension | undefined;
}

/** A server's choice: the first offer, in the client's order, that one of the extensions accepts. */
export function chooseExtension(
  negotiators: readonly ExtensionNegotiator[],
  offers: readonly ExtensionOffer[],
): AgreedExtension | undefined {
  for (const offer of offers) {
    const agreed = negotiators.find(({ name }) => name === offer.name)?.accept(offer);
    if (agreed !== undefined) return agreed;
  }
  return undefined;
}

/**
 * A client's reading of the response: what is agreed on, undefined for nothing, or "refused" when the
 * server answers what was not offered, more than once, or with parameters that do not fit.
 */
export function confirmExtension(
  negotiators: readonly ExtensionNegotiator[],
  responses: readonly ExtensionOffer[],
): AgreedExtension | "refused" | undefined {
  const [response, ...others] = responses;
  if (response === undefined) return undefined;
  if (others.length > 0) return "refused";
  return negotiators.find(({ name }) => name === response.name)?.confirm(response) ?? "refused";
}
