// The streams of an HTTP/2 server that are for a WebSocket: checked, and given to the upgrader as requests for an
// upgrade of HTTP/1.1 are.

import {
  constants,
  type IncomingHttpHeaders as Http2Headers,
  type ServerHttp2Stream,
} from "node:http2";
import { checkConnect, type HandshakeOffer, type HandshakeRules } from "../../protocol/index.ts";
import { nobody, own } from "../socket-owner.ts";
import { ConnectRequest } from "./connect-request.ts";

/** Whether a request is an extended CONNECT (RFC 8441 §4), whatever protocol it asks for. */
export function isExtendedConnect(headers: Http2Headers): boolean {
  return headers[":method"] === "CONNECT" && headers[":protocol"] !== undefined;
}

/** What takes the requests that are in order, and those that are not. */
export interface StreamTaker {
  readonly rules: HandshakeRules;
  accept(request: ConnectRequest, offer: HandshakeOffer): void;
  fail(request: ConnectRequest, error: unknown): void;
}

/** Checks an extended CONNECT and gives it to the taker; a malformed one is reset, with no answer. */
export function takeStream(
  stream: ServerHttp2Stream,
  headers: Http2Headers,
  raw: readonly string[],
  taker: StreamTaker,
): void {
  own(stream, nobody);
  const request = new ConnectRequest(stream, headers, raw);
  let offer: ReturnType<typeof checkConnect>;
  try {
    offer = checkConnect(raw, taker.rules);
  } catch (error) {
    taker.fail(request, error);
    return;
  }
  if (offer === "malformed") stream.close(constants.NGHTTP2_PROTOCOL_ERROR);
  else taker.accept(request, offer);
}
