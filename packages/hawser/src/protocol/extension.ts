// The port of an extension that transforms whole messages and marks them with RSV1, as
// permessage-deflate does (RFC 7692 §6). An extension sees messages, never frames: fragmentation,
// masking, limits on what comes over the wire and the order of messages stay with the endpoint.

/** An extension in use on one connection. */
export interface Extension {
  /** The registered name, such as "permessage-deflate". */
  readonly name: string;
  /**
   * Turns the payload of a message that came with RSV1 set into its content, of at most `maxBytes`
   * bytes: past that it throws (or rejects with) a LimitError, and it never holds more than that and
   * 64 KiB. Any other error fails the connection with 1007. While a promise is pending no further
   * message is read, so order is kept.
   */
  decode(payload: Uint8Array, maxBytes: number): Uint8Array | Promise<Uint8Array>;
  /**
   * Turns the content of a message into the payload that goes out with RSV1 set, or returns undefined
   * to send it as it is.
   */
  encode(content: Uint8Array): Uint8Array | undefined;
}
