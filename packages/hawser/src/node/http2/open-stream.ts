// A client's opening handshake on a stream of HTTP/2: the request is sent, and the response read, with the first bytes of
// its body when it is a refusal.

import { Buffer } from "node:buffer";
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  constants,
  type IncomingHttpHeaders,
} from "node:http2";
import {
  type Agreed,
  type ConnectHandshake,
  responseFault,
  UsageError,
} from "../../protocol/index.ts";
import { cutOff, rawOf, toHeaders } from "./stream.ts";

export interface OpenedStream {
  readonly stream: ClientHttp2Stream;
  readonly agreed: Agreed;
  /** The fields of the response, names and values by turns. */
  readonly raw: readonly string[];
}

/** How much of a refusal's body is kept. */
const maxBodyBytes = 16 * 1024;

/**
 * Opens a stream for a WebSocket; "unused" when the server has not looked at the request, which may be sent again
 * (RFC 9113 §8.7).
 *
 * @throws HandshakeError, UsageError HAWSER_HEADER_INVALID, or the reason of the signal
 */
export async function openStream(
  session: ClientHttp2Session,
  handshake: ConnectHandshake,
  signal: AbortSignal,
): Promise<OpenedStream | "unused"> {
  if (session.closed || session.destroyed) return "unused";
  const stream = request(session, handshake);
  return new Promise((resolve, reject) => {
    let refusal: { readonly status: number; readonly raw: readonly string[] } | undefined;
    let failure: Error | undefined;
    let body: Buffer = Buffer.alloc(0);
    const settle = (): void => {
      signal.removeEventListener("abort", onAbort);
      stream.removeListener("close", onEnd).removeListener("end", onEnd);
    };
    const fail = (error: unknown): void => {
      settle();
      cutOff(stream);
      reject(error);
    };
    /** The response is a refusal, and this is all of it. */
    const refuse = (): void => {
      const { status, raw } = refusal as { status: number; raw: readonly string[] };
      try {
        handshake.refuse(status, raw, body);
      } catch (error) {
        fail(error);
      }
    };
    const onResponse = (headers: IncomingHttpHeaders, _flags: number, lines?: string[]): void => {
      const raw = regular(lines ?? rawOf(headers));
      const status = Number(headers[":status"]);
      try {
        const agreed = handshake.receive(status, raw);
        if (agreed === "refused") refusal = { status, raw };
        else {
          settle();
          resolve({ stream, agreed, raw });
          return;
        }
      } catch (error) {
        fail(error);
        return;
      }
      stream.on("data", (chunk: Buffer) => {
        body = Buffer.concat([body, chunk.subarray(0, maxBodyBytes - body.length)]);
        if (body.length === maxBodyBytes) refuse();
      });
    };
    const onEnd = (): void => {
      if (refusal !== undefined) refuse();
      else if (isUnused(stream, session)) {
        settle();
        resolve("unused");
      } else fail(responseFault("HAWSER_RESPONSE_CUT", { cause: failure }));
    };
    const onAbort = (): void => {
      // A refusal whose body is slow is still a refusal.
      if (refusal !== undefined) refuse();
      else fail(signal.reason);
    };
    stream.once("response", onResponse);
    stream.once("close", onEnd).once("end", onEnd);
    // Until the connection listens, and when nobody does any more.
    stream.on("error", (error: Error) => {
      failure = error;
    });
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
}

/** @throws UsageError HAWSER_HEADER_INVALID for what Node doesn't take, such as a field twice that may be there once */
function request(session: ClientHttp2Session, { fields }: ConnectHandshake): ClientHttp2Stream {
  try {
    return session.request(toHeaders(fields), { endStream: false });
  } catch (error) {
    throw new UsageError("HAWSER_HEADER_INVALID", `HTTP/2: ${(error as Error).message}`, error);
  }
}

/** The field lines that are no pseudo-header fields. */
function regular(raw: readonly string[]): string[] {
  return raw.filter((_, i) => !(raw[i - (i % 2)] as string).startsWith(":"));
}

function isUnused(stream: ClientHttp2Stream, session: ClientHttp2Session): boolean {
  const isRefused = stream.rstCode === constants.NGHTTP2_REFUSED_STREAM;
  return isRefused || (stream.pending && (session.closed || session.destroyed));
}
