// Everything a peer can do wrong on an open connection, as data: error code → close code, the rule's
// source, and what the error says. The error classes, the tests and the reference of the docs are
// made from these tables, and the functions below are the only places that turn a row into an error.

import { LimitError, ProtocolError } from "./errors.ts";

interface Fault {
  readonly closeCode: 1002 | 1007 | 1008 | 1009;
  readonly rfc: string;
  readonly message: string;
}

/** Violations of the protocol by the peer: error code → close code, source, message. */
export const violations = {
  HAWSER_UNEXPECTED_RSV: {
    closeCode: 1002,
    rfc: "RFC 6455 §5.2",
    message: "a frame has a reserved bit set that no negotiated extension defines for it",
  },
  HAWSER_RESERVED_OPCODE: {
    closeCode: 1002,
    rfc: "RFC 6455 §5.2",
    message: "a frame has a reserved opcode",
  },
  HAWSER_LENGTH_NOT_MINIMAL: {
    closeCode: 1002,
    rfc: "RFC 6455 §5.2",
    message: "a payload length is not in its shortest form",
  },
  HAWSER_LENGTH_TOP_BIT: {
    closeCode: 1002,
    rfc: "RFC 6455 §5.2",
    message: "a 64-bit payload length has its most significant bit set",
  },
  HAWSER_MASK_MISSING: {
    closeCode: 1002,
    rfc: "RFC 6455 §5.1",
    message: "a client sent a frame that is not masked",
  },
  HAWSER_MASK_UNEXPECTED: {
    closeCode: 1002,
    rfc: "RFC 6455 §5.1",
    message: "a server sent a masked frame",
  },
  HAWSER_CONTROL_FRAGMENTED: {
    closeCode: 1002,
    rfc: "RFC 6455 §5.5",
    message: "a control frame is fragmented",
  },
  HAWSER_CONTROL_TOO_LONG: {
    closeCode: 1002,
    rfc: "RFC 6455 §5.5",
    message: "a control frame has a payload of more than 125 bytes",
  },
  HAWSER_UNEXPECTED_CONTINUATION: {
    closeCode: 1002,
    rfc: "RFC 6455 §5.4",
    message: "a continuation frame came while no message was open",
  },
  HAWSER_EXPECTED_CONTINUATION: {
    closeCode: 1002,
    rfc: "RFC 6455 §5.4",
    message: "a new message began before the fragments of the last one had ended",
  },
  HAWSER_CLOSE_PAYLOAD: {
    closeCode: 1002,
    rfc: "RFC 6455 §5.5.1",
    message: "a Close frame has a payload of one byte: too short for a code",
  },
  HAWSER_CLOSE_CODE: {
    closeCode: 1002,
    rfc: "RFC 6455 §7.4",
    message: "a Close frame carries a code that must not be sent",
  },
  HAWSER_INVALID_UTF8: {
    closeCode: 1007,
    rfc: "RFC 6455 §8.1",
    message: "a text message is not valid UTF-8",
  },
  HAWSER_CLOSE_REASON_UTF8: {
    closeCode: 1007,
    rfc: "RFC 6455 §8.1",
    message: "the reason in a Close frame is not valid UTF-8",
  },
  HAWSER_BAD_COMPRESSION: {
    closeCode: 1007,
    rfc: "RFC 7692 §7.2.2",
    message: "a compressed message could not be decompressed",
  },
} as const;

/** Limits that a peer can run into: error code → close code, source, message. */
export const limits = {
  HAWSER_MESSAGE_TOO_BIG: {
    closeCode: 1009,
    rfc: "RFC 6455 §10.4",
    message: "a message is larger than maxMessageBytes",
  },
  HAWSER_TOO_MANY_FRAGMENTS: {
    closeCode: 1008,
    rfc: "RFC 6455 §10.4",
    message: "a message has more fragments than maxFragments",
  },
} as const;

/** Makes the error of a row of `violations`. */
export function violation(
  code: keyof typeof violations,
  details?: { readonly cause?: unknown; readonly actual?: number },
): ProtocolError {
  const { closeCode, rfc, message }: Fault = violations[code];
  return new ProtocolError(code, `${message} (${rfc})`, closeCode, rfc, details);
}

/** Makes the error of a row of `limits`: `limit` is what is allowed, `actual` what came. */
export function limitExceeded(
  code: keyof typeof limits,
  limit: number,
  actual: number,
): LimitError {
  const { closeCode, message }: Fault = limits[code];
  return new LimitError(
    code,
    `${message}: ${actual}, allowed are ${limit}`,
    limit,
    actual,
    closeCode,
  );
}
