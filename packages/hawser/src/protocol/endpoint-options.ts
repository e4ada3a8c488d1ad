// What is said to an endpoint and by it, as types: what endpoints of one kind share, the events that
// they report, how a message is sent, and how a connection ended.

import type { Message } from "./content.ts";
import type { InternalError, LimitError, ProtocolError } from "./errors.ts";
import type { OutputOptions } from "./output.ts";
import type { ReceiverOptions } from "./frame-reader.ts";
import type { OnWritten } from "./write-marks.ts";

/**
 * What an endpoint reports. One table serves all endpoints: `owner` is what the endpoint was made
 * for. The functions must not throw. `hold` takes effect before the next event.
 */
export interface EndpointEvents<Owner> {
  /** `isText` tells a text that is given as bytes from a binary message. */
  message(owner: Owner, message: Message, isText: boolean): void;
  /** A message begins, after `announceMessages`: the time for `receiveInParts`, or for `hold` until then. */
  begin?(owner: Owner, isText: boolean): void;
  /** A part of a message, after `receiveInParts`: a view that is valid until this returns. */
  part?(owner: Owner, bytes: Uint8Array, isLast: boolean): void;
  ping(owner: Owner, payload: Uint8Array): void;
  pong(owner: Owner, payload: Uint8Array): void;
  /**
   * Something was put into `output` that the endpoint wrote by itself: a pong, a Close frame, or what
   * had to wait for an encoding.
   */
  output(owner: Owner): void;
  /**
   * The peer's Close frame came; 1005 when it carried no code. The answer is in `output`, or behind
   * what is still being encoded.
   */
  close(owner: Owner, code: number, reason: string): void;
  /**
   * The peer broke a rule or passed a limit, or a message of ours could not be encoded (InternalError):
   * the connection has failed.
   */
  failed(owner: Owner, error: ProtocolError | LimitError | InternalError): void;
  /** The decoding that `isDecoding` told of is over: bytes may be read from the transport again. */
  ready(owner: Owner): void;
  /** The transport has ended and all that came before was reported. */
  end(owner: Owner): void;
}

/** What endpoints of one kind share: one object for all connections of a server. */
export interface EndpointOptions<Owner> extends ReceiverOptions, OutputOptions {
  readonly events: EndpointEvents<Owner>;
  /** False leaves it to the owner to answer pings. Default true. */
  readonly answersPings?: boolean;
  /** False leaves the reason out of the Close frame of a failure; the code is there. Default true. */
  readonly givesReasons?: boolean;
  /** Whether the answer to a Close frame repeats its reason, too. Default false. */
  readonly echoesReasons?: boolean;
}

/** How one message is sent. */
export interface MessageOptions {
  /** False begins a message, or goes on with it, without ending it. */
  readonly fin?: boolean;
  /** Whether it is a text, though it is given as bytes, which have to be UTF-8. */
  readonly isText?: boolean;
  /**
   * Part of a message that is sent as it is made: other messages that are sent before its end wait for
   * that, where otherwise they would be parts of it.
   */
  readonly ofStream?: boolean;
  /** False sends it without asking the extension. */
  readonly compress?: boolean;
  /** Told once it is written, or never will be: see `Output.takeWritten`. */
  readonly onWritten?: OnWritten;
}

/** How a connection ended, RFC 6455 §7.1.5, §7.1.6. */
export interface CloseOutcome {
  /** The code of the peer's Close frame; 1005 when it had none, 1006 when no Close frame came. */
  readonly code: number;
  readonly reason: string;
  /** Whether both Close frames were exchanged. */
  readonly wasClean: boolean;
}
