// A client of HTTP/2 that does what it is told: it opens streams with any field lines, well-formed or not as far as
// Node lets it, and each stream is a raw peer that writes literal bytes and reads frames.

import assert from "node:assert/strict";
import { once } from "node:events";
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type SecureClientSessionOptions,
} from "node:http2";
import type { Socket } from "node:net";
import { within } from "./deferred.ts";
import { RawPeer } from "./raw-peer.ts";

/** An extended CONNECT as RFC 8441 §5.1 shows it. */
export const connectFields: OutgoingHttpHeaders = {
  ":method": "CONNECT",
  ":protocol": "websocket",
  ":path": "/",
  "sec-websocket-version": "13",
};

export interface Http2Response {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export class Http2Peer {
  readonly session: ClientHttp2Session;

  private constructor(session: ClientHttp2Session) {
    this.session = session;
  }

  /** Connects, and waits for the server's SETTINGS. */
  static async connect(url: string, options: SecureClientSessionOptions = {}): Promise<Http2Peer> {
    const session = connect(url.replace(/^ws/, "http"), {
      rejectUnauthorized: false,
      ...options,
      settings: { enablePush: false, ...options.settings },
    });
    await within(once(session, "remoteSettings"), "the server's SETTINGS");
    session.on("error", () => undefined);
    return new Http2Peer(session);
  }

  /** A stream whose response is not waited for. */
  ask(changes: OutgoingHttpHeaders = {}): ClientHttp2Stream {
    const stream = this.session.request(merged(changes), { endStream: false });
    stream.on("error", () => undefined);
    return stream;
  }

  /** A stream behind its opening handshake. */
  async open(
    changes: OutgoingHttpHeaders = {},
  ): Promise<{ peer: RawPeer; stream: ClientHttp2Stream; headers: IncomingHttpHeaders }> {
    const stream = this.ask(changes);
    const [headers] = (await within(once(stream, "response"), "the response")) as [
      IncomingHttpHeaders & { ":status": number },
    ];
    assert.equal(headers[":status"], 200);
    return { peer: new RawPeer(stream as unknown as Socket), stream, headers };
  }

  /** The whole response to a handshake, or to any request whose fields replace all. */
  async response(changes: OutgoingHttpHeaders = {}, body?: string): Promise<Http2Response> {
    const isPlain = changes[":method"] !== undefined && changes[":method"] !== "CONNECT";
    const stream = isPlain
      ? this.session.request(changes, { endStream: body === undefined })
      : this.ask(changes);
    if (body !== undefined) stream.end(body);
    const [headers] = (await within(once(stream, "response"), "the response")) as [
      IncomingHttpHeaders & { ":status": number },
    ];
    let text = "";
    for await (const chunk of stream) text += String(chunk);
    return { status: headers[":status"], headers, body: text };
  }

  /** The code that the server resets the stream with. */
  async reset(changes: OutgoingHttpHeaders): Promise<number> {
    const stream = this.ask(changes);
    stream.resume();
    if (!stream.destroyed) await within(once(stream, "close"), "the reset");
    return stream.rstCode;
  }

  destroy(): void {
    this.session.destroy();
  }
}

/** Undefined leaves a field out. */
function merged(changes: OutgoingHttpHeaders): OutgoingHttpHeaders {
  const fields = Object.entries({ ...connectFields, ...changes });
  return Object.fromEntries(fields.filter(([, value]) => value !== undefined));
}
