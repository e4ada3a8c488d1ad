// The errors of `ws`, by name and by letter: programs match their codes and their messages.

import { InternalError, LimitError, ProtocolError } from "../protocol/index.ts";

interface Row {
  readonly code: string;
  readonly message: string | ((actual: number) => string);
  readonly isRangeError: boolean;
}

const frame = (code: string, message: string | ((actual: number) => string)): Row => ({
  code: `WS_ERR_${code}`,
  message:
    typeof message === "string"
      ? `Invalid WebSocket frame: ${message}`
      : (actual) => `Invalid WebSocket frame: ${message(actual)}`,
  isRangeError: true,
});

const invalidOpcode = frame("INVALID_OPCODE", (opcode) => `invalid opcode ${opcode}`);
const invalidLength = frame(
  "INVALID_CONTROL_PAYLOAD_LENGTH",
  (length) => `invalid payload length ${length}`,
);
const tooLong: Row = {
  code: "WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH",
  message: "Unsupported WebSocket frame: payload length > 2^53 - 1",
  isRangeError: true,
};
const invalidUtf8: Row = {
  ...frame("INVALID_UTF8", "invalid UTF-8 sequence"),
  isRangeError: false,
};
const rsv1 = frame("UNEXPECTED_RSV_1", "RSV1 must be clear");
const rsv23 = frame("UNEXPECTED_RSV_2_3", "RSV2 and RSV3 must be clear");

/** By the code of our own error. */
const rows: Readonly<Record<string, Row>> = {
  HAWSER_RESERVED_OPCODE: invalidOpcode,
  HAWSER_UNEXPECTED_CONTINUATION: invalidOpcode,
  HAWSER_EXPECTED_CONTINUATION: invalidOpcode,
  HAWSER_MASK_MISSING: frame("EXPECTED_MASK", "MASK must be set"),
  HAWSER_MASK_UNEXPECTED: frame("UNEXPECTED_MASK", "MASK must be clear"),
  HAWSER_CONTROL_FRAGMENTED: frame("EXPECTED_FIN", "FIN must be set"),
  HAWSER_CONTROL_TOO_LONG: invalidLength,
  HAWSER_CLOSE_PAYLOAD: invalidLength,
  HAWSER_CLOSE_CODE: frame("INVALID_CLOSE_CODE", (code) => `invalid status code ${code}`),
  HAWSER_INVALID_UTF8: invalidUtf8,
  HAWSER_CLOSE_REASON_UTF8: invalidUtf8,
  HAWSER_MESSAGE_TOO_BIG: {
    code: "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH",
    message: "Max payload size exceeded",
    isRangeError: true,
  },
  HAWSER_TOO_MANY_FRAGMENTS: {
    code: "WS_ERR_TOO_MANY_BUFFERED_PARTS",
    message: "Too many message fragments",
    isRangeError: true,
  },
  HAWSER_TOO_MANY_CHUNKS: {
    code: "WS_ERR_TOO_MANY_BUFFERED_PARTS",
    message: "Too many buffered chunks",
    isRangeError: true,
  },
};

/** The error that `ws` has for one of the connection's; our own is its cause. */
export function translated(error: Error): Error {
  if (error instanceof InternalError) return asError(error.cause) ?? error;
  if (!(error instanceof ProtocolError || error instanceof LimitError)) return error;
  if (error.code === "HAWSER_BAD_COMPRESSION") return asError(error.cause) ?? error;
  const row = rowOf(error);
  if (row === undefined) return error;
  const { code, message, isRangeError } = row;
  const text = typeof message === "string" ? message : message(error.actual ?? 0);
  return withCode(isRangeError ? new RangeError(text) : new Error(text), code);
}

function rowOf(error: ProtocolError | LimitError): Row | undefined {
  if (error instanceof LimitError && error.actual > Number.MAX_SAFE_INTEGER) return tooLong;
  if (error.code !== "HAWSER_UNEXPECTED_RSV") return rows[error.code];
  return ((error.actual ?? 0) & 3) === 0 ? rsv1 : rsv23;
}

function asError(cause: unknown): Error | undefined {
  return cause instanceof Error ? cause : undefined;
}

/** The error with that code. */
export function withCode<E extends Error>(error: E, code: string): E {
  return Object.assign(error, { code });
}
