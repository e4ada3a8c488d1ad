// Every reason for which a client gives up an opening handshake, as data: error code → source and
// message. A status other than 101 is no fault of the server's, but ends the handshake just the same.

import { HandshakeError, type HandshakeDetails } from "../errors.ts";

/** Why a response does not open a connection: error code → source, message. */
export const responseFaults = {
  HAWSER_REFUSED: {
    rfc: "RFC 6455 §4.1",
    message: "the server did not accept the WebSocket handshake",
  },
  HAWSER_RESPONSE_MALFORMED: {
    rfc: "RFC 9112 §4",
    message: "the server's response is not well-formed HTTP/1.1",
  },
  HAWSER_RESPONSE_TOO_LARGE: {
    rfc: "RFC 9110 §5.4",
    message: "the head of the server's response is larger than 16 KiB or has more than 128 fields",
  },
  HAWSER_RESPONSE_CUT: {
    rfc: "RFC 6455 §4.1",
    message: "waiting for 101: the connection ended before the server's response did",
  },
  HAWSER_RESPONSE_UPGRADE: {
    rfc: "RFC 6455 §4.1 (2)",
    message: 'the Upgrade header of the response is not "websocket"',
  },
  HAWSER_RESPONSE_CONNECTION: {
    rfc: "RFC 6455 §4.1 (3)",
    message: 'the response has no Connection header with "Upgrade"',
  },
  HAWSER_RESPONSE_ACCEPT: {
    rfc: "RFC 6455 §4.1 (4)",
    message: "the Sec-WebSocket-Accept header is missing or does not answer our key",
  },
  HAWSER_RESPONSE_EXTENSIONS: {
    rfc: "RFC 6455 §4.1 (5)",
    message: "the server answers with an extension, or parameters, that we did not offer",
  },
  HAWSER_RESPONSE_SUBPROTOCOL: {
    rfc: "RFC 6455 §4.1 (6)",
    message: "the server chose a subprotocol that we did not offer",
  },
  HAWSER_RESPONSE_NO_SUBPROTOCOL: {
    rfc: "WHATWG WebSockets §2",
    message: "the server chose none of the subprotocols that we offered",
  },
  HAWSER_HTTP2_UNAVAILABLE: {
    rfc: "RFC 8441 §3",
    message:
      "the server offers no WebSocket over HTTP/2: ALPN did not choose h2, or its SETTINGS have no ENABLE_CONNECT_PROTOCOL",
  },
} as const;

/** Makes the error of a row of `responseFaults`. */
export function responseFault(
  code: keyof typeof responseFaults,
  details: HandshakeDetails = {},
): HandshakeError {
  const { rfc, message } = responseFaults[code];
  const said = details.status === undefined ? "" : `; it answered ${details.status}`;
  return new HandshakeError(code, `${message}${said} (${rfc})`, {
    ...details,
    phase: "waiting for 101",
  });
}
