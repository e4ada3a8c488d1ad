// The error of the streams of a WebSocketStream: a DOMException with a close code and a reason. Pages make it
// to say what a stream that they abort or cancel should close with.

import { fromCloseInfo, type WebSocketCloseInfo } from "./close-arguments.ts";
import { defineInterface, illegalInvocation, toDomString } from "./webidl.ts";

/** What only this module may make: the peer's codes, and none of ours, are not those of a page. */
let withOutcome: (
  message: string,
  closeCode: number | null,
  reason: string,
  cause: unknown,
) => WebSocketError;

/** A WebSocketStream that could not connect, or ended without a closing handshake; or how to close one. */
export class WebSocketError extends DOMException {
  #closeCode: number | null;
  #reason: string;

  static {
    withOutcome = (message, closeCode, reason, cause) => {
      const error = new WebSocketError(message);
      error.#closeCode = closeCode;
      error.#reason = reason;
      // As the constructors of the language do it.
      const property = { value: cause, writable: true, configurable: true };
      if (cause !== undefined) Object.defineProperty(error, "cause", property);
      return error;
    };
  }

  /**
   * @param init what to close with: a code of 1000 or 3000 to 4999, and a reason of up to 123 bytes
   * @throws DOMException InvalidAccessError for the code, SyntaxError for the reason
   */
  constructor(message: string = "", init: WebSocketCloseInfo = {}) {
    const text = toDomString(message);
    const { code, reason } = fromCloseInfo(init);
    super(text, "WebSocketError");
    this.#closeCode = code ?? null;
    this.#reason = reason;
  }

  /** The close code, null for none; 1006 when the connection ended without the peer's Close frame. */
  get closeCode(): number | null {
    if (!(#closeCode in this)) throw illegalInvocation();
    return this.#closeCode;
  }

  get reason(): string {
    if (!(#reason in this)) throw illegalInvocation();
    return this.#reason;
  }
}

defineInterface(WebSocketError, { members: ["closeCode", "reason"], required: {} });

/** There is no connection, and there won't be one; `cause` says why. */
export function notConnected(cause: unknown): WebSocketError {
  return withOutcome("WebSocket closed before handshake complete.", null, "", cause);
}

/** The connection ended without both Close frames, or never was; `cause` says why. */
export function notCleanlyClosed(
  closeCode: number,
  reason: string,
  cause: unknown,
): WebSocketError {
  return withOutcome("WebSocket was not cleanly closed.", closeCode, reason, cause);
}
