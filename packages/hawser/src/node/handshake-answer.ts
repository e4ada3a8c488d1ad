// How an opening handshake is answered on either transport: with a 101 or a whole response and the end of the
// socket on HTTP/1.1, with a status on a stream of HTTP/2 (RFC 8441 §5).

import { constants, type ServerHttp2Stream } from "node:http2";
import type { Duplex } from "node:stream";
import {
  type Acceptance,
  acceptanceFields,
  acceptanceText,
  framingNames,
  type HandshakeError,
  serializeRefusal,
  UsageError,
} from "../protocol/index.ts";
import { endSocket, lingerMs } from "./end-socket.ts";
import { cutOff, isHttp2Stream, toHeaders } from "./http2/stream.ts";
import { nodePlatform } from "./platform.ts";

/**
 * Says yes; false when the client has gone meanwhile.
 *
 * @throws UsageError HAWSER_HEADER_INVALID
 */
export function answerAcceptance(socket: Duplex, acceptance: Acceptance): boolean {
  const stream = isHttp2Stream(socket) ? (socket as ServerHttp2Stream) : undefined;
  // Whatever is wrong with it is found before anything is written.
  const text = stream === undefined ? acceptanceText(nodePlatform, acceptance) : "";
  const fields = stream === undefined ? [] : acceptanceFields(acceptance);
  if (socket.destroyed || !socket.writable) return false;
  if (stream === undefined) socket.write(text, "latin1");
  else respond(stream, fields);
  return true;
}

/**
 * Says no, and ends the socket or the stream.
 *
 * @throws UsageError HAWSER_HEADER_INVALID
 */
export function answerRefusal(socket: Duplex, error: HandshakeError): void {
  if (isHttp2Stream(socket)) refuseStream(socket as ServerHttp2Stream, error);
  else endSocket(socket, serializeRefusal(nodePlatform, error));
}

function refuseStream(stream: ServerHttp2Stream, error: HandshakeError): void {
  if (stream.destroyed || stream.closed || stream.headersSent) {
    cutOff(stream);
    return;
  }
  const fields: [string, string][] = [[":status", String(error.status)]];
  for (const [name, values] of error.headers) {
    // Over HTTP/2 nothing is upgraded, and no field is about the connection (RFC 9113 §8.2.2).
    if (name === "upgrade" || framingNames.has(name)) continue;
    for (const value of values) fields.push([name.toLowerCase(), value]);
  }
  respond(stream, fields);
  const timer = setTimeout(() => cutOff(stream), lingerMs);
  stream.once("close", () => clearTimeout(timer));
  // "to request that the client abort transmission of a request without error" (RFC 9113 §8.1).
  stream.end(error.body, () => stream.close(constants.NGHTTP2_NO_ERROR));
}

/** @throws UsageError HAWSER_HEADER_INVALID for what Node doesn't take */
function respond(stream: ServerHttp2Stream, fields: [string, string][]): void {
  try {
    stream.respond(toHeaders(fields));
  } catch (cause) {
    throw new UsageError("HAWSER_HEADER_INVALID", `HTTP/2: ${(cause as Error).message}`);
  }
}
