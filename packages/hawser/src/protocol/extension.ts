// The port of an extension that transforms whole messages and marks them with RSV1, as
// permessage-deflate does (RFC 7692 §6). An extension sees messages, never frames: fragmentation,
// masking, limits on what comes over the wire and the order of messages stay with the endpoint.

/** An extension in use on one connection. */
export interface Extension {
  /** The registered name, such as "permessage-deflate". */
  readonly name: string;
  /** Contents of fewer bytes go out as they are, without `encode` being asked. */
  readonly minBytes: number;
  /**
   * Set when `encode` depends on nothing but the content: all connections whose extension has the same
   * value here can be sent one and the same encoded message. Undefined when it depends on what the
   * connection has sent before.
   */
  readonly sharedEncoding: string | undefined;
  /**
   * Turns the payload of a message that came with RSV1 set into its content, of at most `maxBytes`
   * bytes: past that it throws (or rejects with) a LimitError, and while decoding it never holds more
   * than that and 64 KiB. Any other error fails the connection with 1007. While a promise is pending
   * no further message is read, so order is kept.
   */
  decode(payload: Uint8Array, maxBytes: number): Uint8Array | Promise<Uint8Array>;
  /**
   * Turns the content of a message into the payload that goes out with RSV1 set, or gives undefined
   * to send it as it is. While a promise is pending, all messages that are sent after it wait for it.
   */
  encode(content: Uint8Array): Uint8Array | undefined | Promise<Uint8Array | undefined>;
  /**
   * The same for a part of a message that is sent in fragments, the first of which has RSV1 set: the
   * payloads of all parts, one after the other, are what `decode` takes. Without this method such
   * messages are sent as they are.
   */
  encodePart?(content: Uint8Array, isLast: boolean): Uint8Array | Promise<Uint8Array>;
  /**
   * The connection has ended, or failed: lets go of all memory. Nothing is asked any more, and a
   * promise that is pending need not settle. May be called twice.
   */
  close(): void;
}
