// Every reason for which a server refuses an opening handshake, as data: error code → HTTP status,
// source, what the body says, and header fields that the status calls for.

import { HandshakeError } from "../errors.ts";

interface Refusal {
  readonly status: 400 | 403 | 404 | 405 | 408 | 414 | 426 | 431 | 500 | 501 | 503;
  readonly rfc: string;
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Refusals of an opening handshake: error code → status, source, body. */
export const refusals = {
  HAWSER_METHOD: {
    status: 405,
    rfc: "RFC 6455 §4.2.1 (1)",
    message: "a WebSocket handshake must be a GET request",
    headers: { allow: "GET" },
  },
  HAWSER_UPGRADE_REQUIRED: {
    status: 426,
    rfc: "RFC 9110 §15.5.22",
    message: "this is a WebSocket endpoint: connect with a WebSocket client",
    headers: { upgrade: "websocket" },
  },
  HAWSER_HTTP_VERSION: {
    status: 400,
    rfc: "RFC 6455 §4.2.1 (1)",
    message: "a WebSocket handshake needs HTTP/1.1 or higher",
  },
  HAWSER_REQUEST_MALFORMED: {
    status: 400,
    rfc: "RFC 9112 §2.2",
    message: "the request is not well-formed HTTP/1.1",
  },
  HAWSER_HOST: {
    status: 400,
    rfc: "RFC 6455 §4.2.1 (2)",
    message: "the Host header is missing, repeated or malformed",
  },
  HAWSER_UPGRADE: {
    status: 400,
    rfc: "RFC 6455 §4.2.1 (3)",
    message: 'the Upgrade header must contain "websocket"',
  },
  HAWSER_CONNECTION: {
    status: 400,
    rfc: "RFC 6455 §4.2.1 (4)",
    message: 'the Connection header must contain "Upgrade" (does a proxy on the way remove it?)',
  },
  HAWSER_KEY: {
    status: 400,
    rfc: "RFC 6455 §4.2.1 (5)",
    message: "the Sec-WebSocket-Key header must be there once, with 16 bytes in base64",
  },
  HAWSER_VERSION: {
    status: 426,
    rfc: "RFC 6455 §4.4",
    message: "the Sec-WebSocket-Version header must be 13",
    headers: { "sec-websocket-version": "13" },
  },
  HAWSER_SUBPROTOCOL: {
    status: 400,
    rfc: "RFC 6455 §11.3.4",
    message: "the Sec-WebSocket-Protocol header must be a list of different tokens",
  },
  HAWSER_EXTENSIONS: {
    status: 400,
    rfc: "RFC 6455 §9.1",
    message: "the Sec-WebSocket-Extensions header is malformed",
  },
  HAWSER_BODY: {
    status: 400,
    rfc: "RFC 9110 §7.8",
    message: "a WebSocket handshake must not have a body",
  },
  HAWSER_PIPELINED: {
    status: 400,
    rfc: "RFC 6455 §4.1",
    message: "a second HTTP request came behind the WebSocket handshake",
  },
  HAWSER_ORIGIN: {
    status: 403,
    rfc: "RFC 6455 §10.2",
    message:
      "pages of this origin may not connect (the server's option `origins` lists those that may)",
  },
  HAWSER_NO_SUCH_PATH: {
    status: 404,
    rfc: "RFC 9110 §15.5.5",
    message: "there is no WebSocket at this path",
  },
  HAWSER_HEADERS_TOO_LARGE: {
    status: 431,
    rfc: "RFC 6585 §5",
    message: "the request has too many header fields, or too large ones",
  },
  HAWSER_URL_TOO_LONG: {
    status: 414,
    rfc: "RFC 9110 §15.5.15",
    message: "the request's URL is too long",
  },
  HAWSER_HANDSHAKE_TIMEOUT: {
    status: 408,
    rfc: "RFC 9110 §15.5.9",
    message: "the WebSocket handshake took too long",
  },
  HAWSER_UPGRADE_FAILED: {
    status: 500,
    rfc: "RFC 9110 §15.6.1",
    message: "the server could not decide on the WebSocket handshake",
  },
  HAWSER_METHOD_UNKNOWN: {
    status: 501,
    rfc: "RFC 9110 §15.6.2",
    message: "the server does not know this method",
  },
  HAWSER_CONNECT_PROTOCOL: {
    status: 501,
    rfc: "RFC 9220 §3",
    message: 'the :protocol of an extended CONNECT must be "websocket"',
  },
  HAWSER_CONNECT_TARGET: {
    status: 400,
    rfc: "RFC 8441 §5",
    message: "the :scheme, :authority and :path must be those of a WebSocket URL",
  },
  HAWSER_CLOSING: {
    status: 503,
    rfc: "RFC 9110 §15.6.4",
    message: "the server is closing: try again",
  },
} as const;

/** The code of a row of `refusals`. */
export type RefusalCode = keyof typeof refusals;

/** Makes the error of a row of `refusals`; it carries the response that the client gets. */
export function refusal(code: RefusalCode, cause?: unknown): HandshakeError {
  const row: Refusal = refusals[code];
  const headers = new Map<string, readonly string[]>([
    ["content-type", ["text/plain; charset=utf-8"]],
  ]);
  for (const [name, value] of Object.entries(row.headers ?? {})) headers.set(name, [value]);
  const body = `${row.message} (${row.rfc})\n`;
  return new HandshakeError(code, `${row.status}: ${row.message}`, {
    status: row.status,
    headers,
    body,
    cause,
  });
}
