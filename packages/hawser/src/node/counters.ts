// What a group of connections counts.

/** Counts over all connections of a group, from its beginning. */
export interface Counters {
  /** Connections opened. */
  opened: number;
  /** Connections ended. */
  closed: number;
  messagesReceived: number;
  messagesSent: number;
  /** Bytes on the wire, frame headers included, opening handshakes not. */
  bytesReceived: number;
  bytesSent: number;
  /** Messages dropped by the overflow policies "drop" and "latest". */
  messagesDropped: number;
}

export function newCounters(): Counters {
  return {
    opened: 0,
    closed: 0,
    messagesReceived: 0,
    messagesSent: 0,
    bytesReceived: 0,
    bytesSent: 0,
    messagesDropped: 0,
  };
}
