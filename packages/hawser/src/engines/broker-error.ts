// What goes wrong between nodes. One table of what each code means; every rejection of a broker is made here.

import { HawserError } from "../protocol/index.ts";

const messages = {
  HAWSER_BROKER_AWAY: "the engine is away",
  HAWSER_BROKER_CLOSED: "the broker is closed",
  HAWSER_BROKER_GAP: "publications of another node to this topic did not come",
  HAWSER_BROKER_MALFORMED:
    "what came through the engine is no publication that this version can read",
  HAWSER_BROKER_PENDING: "too much is waiting for the engine's confirmation",
  HAWSER_BROKER_REFUSED: "the engine refused",
  HAWSER_BROKER_TOO_BIG: "the publication is larger than the broker takes",
  HAWSER_BROKER_UNCONFIRMED:
    "the engine went away before it confirmed: the publication may have arrived, or may arrive yet",
} as const;

export type BrokerErrorCode = keyof typeof messages;

/** Something failed between this node and the others; its own connections and topics go on. */
export class BrokerError extends HawserError {
  override readonly name: string = "BrokerError";
  /** The topic that it is about, if it is about one. */
  readonly topic: string | undefined;

  constructor(
    code: BrokerErrorCode,
    details: { readonly topic?: string; readonly cause?: unknown; readonly more?: string } = {},
  ) {
    const more = details.more === undefined ? "" : `: ${details.more}`;
    super(code, messages[code] + more, details.cause);
    this.topic = details.topic;
  }
}
