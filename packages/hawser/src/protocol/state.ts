// The life of a connection as a table: state → move → next state. A pair that is not in the table is
// an illegal move and does not happen. "closing" of RFC 6455 §7.1.3 is split by whose Close frame
// has been seen, because that decides what may still be sent and what is still read.

/** Where a connection stands (RFC 6455 §4.1, §7.1). */
export type State =
  /** The opening handshake is done; data flows both ways. */
  | "open"
  /** Our Close frame is out; the peer may still send, we may not. */
  | "close-sent"
  /** Both Close frames are exchanged; only the transport is left to end. */
  | "close-exchanged"
  /** We failed the connection (§7.1.7): nothing is read any more. */
  | "failed"
  /** The transport has ended. */
  | "closed";

/** What moves a connection from state to state. */
export type Move = "sendClose" | "receiveClose" | "fail" | "end";

/** The transition table. */
export const moves: Readonly<Record<State, Readonly<Partial<Record<Move, State>>>>> = {
  // A Close frame that comes is answered at once, so receiving one exchanges both (§5.5.1).
  open: {
    sendClose: "close-sent",
    receiveClose: "close-exchanged",
    fail: "failed",
    end: "closed",
  },
  "close-sent": { receiveClose: "close-exchanged", fail: "failed", end: "closed" },
  "close-exchanged": { end: "closed" },
  failed: { end: "closed" },
  closed: {},
};

/** Whether frames that arrive in this state are still processed. */
export function isReading(state: State): boolean {
  return state === "open" || state === "close-sent";
}
