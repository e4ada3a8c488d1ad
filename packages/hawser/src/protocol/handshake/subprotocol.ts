// The Sec-WebSocket-Protocol header (RFC 6455 §4.1 (10), §11.3.4): a list of tokens, each at most once.

import { isToken, splitList } from "./grammar.ts";

/**
 * The subprotocols in the header's value, in order; undefined when one is no token, one comes twice,
 * or there is none.
 */
export function parseSubprotocols(header: string): string[] | undefined {
  const protocols = splitList(header);
  return protocols.length > 0 && areSubprotocols(protocols) ? protocols : undefined;
}

/** Whether all are tokens and all differ. */
export function areSubprotocols(protocols: readonly string[]): boolean {
  return protocols.every(isToken) && new Set(protocols).size === protocols.length;
}
