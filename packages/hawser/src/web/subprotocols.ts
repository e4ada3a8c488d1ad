// The subprotocols that a WebSocket asks for: what may stand in Sec-WebSocket-Protocol, each once.

import { areSubprotocols } from "../protocol/index.ts";

/** @throws DOMException SyntaxError */
export function checkSubprotocols(protocols: readonly string[]): void {
  const invalid = protocols.find((protocol) => !areSubprotocols([protocol]));
  if (invalid !== undefined) {
    throw new DOMException(`The subprotocol '${invalid}' is invalid.`, "SyntaxError");
  }
  if (!areSubprotocols(protocols)) {
    throw new DOMException(
      `A subprotocol of '${protocols.join("', '")}' is duplicated.`,
      "SyntaxError",
    );
  }
}
