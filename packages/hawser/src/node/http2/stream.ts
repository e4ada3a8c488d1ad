// What a stream of HTTP/2 does otherwise than a socket: it is cut off with a reset that says CANCEL, is called
// closed before its input has been read, and has the addresses of the socket that its session is on.

import {
  constants,
  type Http2Session,
  type Http2Stream,
  type IncomingHttpHeaders,
} from "node:http2";
import { Socket } from "node:net";
import { type Duplex, Readable } from "node:stream";

/** Whether the transport of a connection is a stream of HTTP/2. */
export function isHttp2Stream(socket: Duplex): socket is Http2Stream {
  return "rstCode" in socket;
}

/**
 * Ends a transport at once: TCP with what the system makes of it, a stream with RST_STREAM and CANCEL, which
 * is what stands for a reset there (RFC 8441 §5).
 */
export function cutOff(socket: Duplex): void {
  if (isHttp2Stream(socket) && !socket.closed) socket.close(constants.NGHTTP2_CANCEL);
  socket.destroy();
}

/** Whether a transport is gone and nothing more comes of it. */
export function isGone(socket: Duplex): boolean {
  // A stream of HTTP/2 has a `closed` of its own, which is true while its input is still to be read.
  return isHttp2Stream(socket) ? Reflect.apply(isClosed, socket, []) === true : socket.closed;
}

const isClosed = Object.getOwnPropertyDescriptor(Readable.prototype, "closed")
  ?.get as () => unknown;

/** Stands for the socket of a session that has none any more. */
const noSocket: Socket = new Socket();

/** The socket under a session, of which only what doesn't write or read may be used. */
export function socketUnder(session: Http2Session | undefined): Socket {
  if (session === undefined || session.destroyed) return noSocket;
  return session.socket;
}

/** The address at the other end of a transport. */
export function peerAddress(socket: Duplex): string | undefined {
  const under = isHttp2Stream(socket) ? socketUnder(socket.session) : (socket as Socket);
  return under.remoteAddress;
}

/** Field lines by turns, from Node's object; those before the first regular one are pseudo-header fields. */
export function rawOf(headers: IncomingHttpHeaders): string[] {
  return Object.entries(headers).flatMap(([name, values]) =>
    [values ?? []].flat().flatMap((value) => [name, value]),
  );
}

/** Field lines as Node takes them for a response or request: a list where a field comes more than once. */
export function toHeaders(
  fields: Iterable<readonly [name: string, value: string]>,
): Record<string, string | string[]> {
  const headers = Object.create(null) as Record<string, string | string[]>;
  for (const [name, value] of fields) {
    const before = headers[name];
    if (before === undefined) headers[name] = value;
    else headers[name] = [before, value].flat();
  }
  return headers;
}
