// `connect(url, { http: 2 })` and `{ http: "auto" }`: a stream of a session that is shared, or word that it is to be
// HTTP/1.1, with the socket that ALPN chose it on, if there is one.

import { constants } from "node:http2";
import type { Duplex } from "node:stream";
import {
  type Accepted,
  type ClientRequest,
  ConnectHandshake,
  headersFromRaw,
  responseFault,
} from "../../protocol/index.ts";
import type { Trip } from "../dial/trip.ts";
import { checkInteger, optionError } from "../check-option.ts";
import { nodePlatform } from "../platform.ts";
import type { ClientSession } from "./client-session.ts";
import { openStream, type OpenedStream } from "./open-stream.ts";
import { enterSession, type Road } from "./session-pool.ts";

/** The version of HTTP that a client asks for its WebSocket with. */
export type HttpVersion = 1 | 2 | "auto";

/** @throws UsageError HAWSER_OPTION_INVALID */
export function checkHttpVersion(given: HttpVersion | undefined): HttpVersion {
  if (given === undefined || given === 1 || given === 2 || given === "auto") return given ?? 1;
  throw optionError("http", given, '1, 2 or "auto"');
}

/** @throws UsageError HAWSER_OPTION_INVALID */
export function checkMaxSessions(given: number | undefined): number {
  return checkInteger("maxSessions", given ?? 100, 1, 2 ** 31 - 1);
}

/** What is asked of whom. */
export interface Http2Attempt {
  readonly version: HttpVersion;
  readonly isSecure: boolean;
  readonly host: string;
  /** All options of the client: those about the road tell which sessions it may share. */
  readonly options: object;
  /** How many sessions there may be to the server. */
  readonly maxSessions: number;
  request(): ClientRequest;
  /** Opens a socket on which ALPN may choose between these. */
  dial(alpn: string[], trip: Trip): Promise<Duplex>;
}

/** A stream behind its handshake, or HTTP/1.1, on that socket or a new one. */
export type Http2Way =
  | { readonly stream: Duplex; readonly accepted: Accepted }
  | { readonly stream: undefined; readonly socket: Duplex | undefined };

const http1: Http2Way = { stream: undefined, socket: undefined };

/** How often a request is sent again that the server says it has not looked at. */
const maxTries = 5;

/**
 * Finds the way.
 *
 * @throws HandshakeError, TransportError, LimitError HAWSER_TOO_MANY_SESSIONS, UsageError HAWSER_HEADER_INVALID, or the
 * reason of the signal
 */
export async function connectOver(attempt: Http2Attempt, trip: Trip): Promise<Http2Way> {
  const { version, isSecure } = attempt;
  if (version === 1 || (version === "auto" && !isSecure)) return http1;
  const scheme = isSecure ? "https" : "http";
  const handshake = new ConnectHandshake(nodePlatform, attempt.request(), scheme);
  const road: Road = { origin: `${scheme}://${attempt.host}`, options: attempt.options };
  for (let tries = 0; tries < maxTries; ) {
    const { session, isNew } = enterSession(road, attempt.maxSessions, (shared) =>
      attempt.dial(["h2", "http/1.1"], shared),
    );
    const opened = await tryOn(session, isNew, handshake, version, trip);
    if (opened === "elsewhere") continue;
    if (opened !== "unused") return opened;
    tries++;
  }
  throw responseFault("HAWSER_RESPONSE_CUT");
}

/** Opens a stream on the session, in which a place is taken, and gives the place back when it is over. */
async function tryOn(
  session: ClientSession,
  isNew: boolean,
  handshake: ConnectHandshake,
  version: HttpVersion,
  trip: Trip,
): Promise<Http2Way | "elsewhere" | "unused"> {
  let opened: OpenedStream | "unused" | undefined;
  try {
    const outcome = await session.ready(trip);
    if (outcome !== "ready") {
      if (version === 2) throw responseFault("HAWSER_HTTP2_UNAVAILABLE");
      // The socket is its who had it dialled; one who only waited dials anew.
      return { stream: undefined, socket: isNew ? session.takeLeftOver() : undefined };
    }
    if (session.isOverfull || !(await session.isThere(trip))) return "elsewhere";
    opened = await openStream(session.session, handshake, trip.signal);
    if (opened === "unused") session.retire();
  } catch (error) {
    // Perhaps nobody is there who could answer.
    if (trip.signal.aborted) session.doubt();
    throw error;
  } finally {
    if (opened === undefined || opened === "unused") session.leave();
  }
  if (opened === "unused") return "unused";
  const { stream, agreed, raw } = opened;
  stream.once("close", () => {
    // Perhaps for want of a pong.
    if (stream.rstCode === constants.NGHTTP2_CANCEL) session.doubt();
    session.leave();
  });
  const accepted: Accepted = { ...agreed, headers: headersFromRaw(raw), rest: new Uint8Array(0) };
  return { stream, accepted };
}
