// `subprotocol` of `ws`: the Sec-WebSocket-Protocol header as a set.

import { HeaderCursor } from "./header-cursor.ts";

/** Reads the header. @throws SyntaxError */
export function parse(header: string): Set<string> {
  const protocols = new Set<string>();
  const cursor = new HeaderCursor(header);
  for (;;) {
    const protocol = cursor.token();
    cursor.skipSpaceBetween();
    const isLast = cursor.isAtEnd;
    if (!isLast && !cursor.eat(",")) throw cursor.unexpected();
    if (protocols.has(protocol)) {
      throw new SyntaxError(`The "${protocol}" subprotocol is duplicated`);
    }
    protocols.add(protocol);
    if (isLast) return protocols;
    cursor.skipSpace();
  }
}

/** As `ws` exports it. */
export const subprotocol: { readonly parse: typeof parse } = { parse };
