// One HTTP/2 session of a client, which WebSockets share: dialled once for all who wait for it, open to as many streams
// as the server allows, and ended when nobody has used it for a while. An idle one keeps no process alive.

import { type ClientHttp2Session, connect } from "node:http2";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import { responseFault } from "../../protocol/index.ts";
import { widenWindow } from "./session-window.ts";

/** The most WebSockets on one session, whatever the server allows. */
export const maxStreams = 100;

/** Milliseconds without a stream after which a session ends. */
export const idleMs = 5_000;

/** What a dialled socket has come to. */
export type SessionOutcome =
  /** HTTP/2 with extended CONNECT. */
  | "ready"
  /** HTTP/2 without. */
  | "no extended CONNECT"
  /** ALPN chose HTTP/1.1; whoever had the socket dialled may have it. */
  | "no HTTP/2";

export class ClientSession {
  readonly #authority: string;
  readonly #giveUp = new AbortController();
  readonly #ready: Promise<SessionOutcome>;
  #session: ClientHttp2Session | undefined;
  /** Those who wait for it or have a stream on it. */
  #users = 0;
  #max = maxStreams;
  #idleTimer: NodeJS.Timeout | undefined;
  #isOver = false;
  readonly #onOver: () => void;
  #leftOver: Duplex | undefined;

  /** @param onOver called when no further stream can be opened on it */
  constructor(
    authority: string,
    dial: (signal: AbortSignal) => Promise<Duplex>,
    onOver: () => void,
  ) {
    this.#authority = authority;
    this.#onOver = onOver;
    this.#ready = this.#open(dial);
    this.#ready.catch(() => this.retire());
  }

  get hasRoom(): boolean {
    return !this.#isOver && this.#users < this.#max;
  }

  /** Whether more were let in than the server turned out to allow. */
  get isOverfull(): boolean {
    return this.#users > this.#max;
  }

  /** Takes a place, which has to be given back by `leave`. */
  enter(): void {
    this.#users++;
    clearTimeout(this.#idleTimer);
    if (this.#session?.destroyed === false) this.#session.ref();
  }

  leave(): void {
    this.#users--;
    if (this.#users === 0) this.#rest();
  }

  /**
   * What it has come to.
   *
   * @throws what dialling failed with, or the reason of the signal
   */
  ready(signal: AbortSignal): Promise<SessionOutcome> {
    return new Promise((resolve, reject) => {
      const onAbort = (): void => reject(signal.reason as Error);
      signal.addEventListener("abort", onAbort, { once: true });
      this.#ready.finally(() => signal.removeEventListener("abort", onAbort)).then(resolve, reject);
      if (signal.aborted) onAbort();
    });
  }

  /** The socket on which ALPN chose HTTP/1.1, once. */
  takeLeftOver(): Duplex | undefined {
    const socket = this.#leftOver;
    this.#leftOver = undefined;
    return socket;
  }

  /** Node's session; there once it is ready. */
  get session(): ClientHttp2Session {
    return this.#session as ClientHttp2Session;
  }

  /** No further stream is opened on it. */
  retire(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#onOver();
  }

  /** Nobody uses it just now. */
  #rest(): void {
    const session = this.#session;
    // Nobody waits any more for what is being dialled.
    if (session === undefined) {
      this.retire();
      this.#giveUp.abort(new Error("nobody waits for the session"));
      this.takeLeftOver()?.destroy();
      return;
    }
    if (session.destroyed) return;
    session.unref();
    this.#idleTimer = setTimeout(() => session.close(), this.#isOver ? 0 : idleMs).unref();
  }

  async #open(dial: (signal: AbortSignal) => Promise<Duplex>): Promise<SessionOutcome> {
    const socket = await dial(this.#giveUp.signal);
    const { encrypted, alpnProtocol } = socket as Partial<TLSSocket>;
    // Without TLS there is nothing to choose by: HTTP/2 is known to be there.
    if (encrypted === true && alpnProtocol !== "h2") {
      this.retire();
      this.#leftOver = socket;
      if (this.#users === 0) this.takeLeftOver()?.destroy();
      return "no HTTP/2";
    }
    const session = connect(this.#authority, {
      createConnection: () => socket,
      settings: { enablePush: false },
    });
    this.#session = session;
    session.once("close", () => this.retire());
    session.once("goaway", () => this.retire());
    try {
      await firstSettings(session, this.#giveUp.signal);
    } catch (cause) {
      throw responseFault("HAWSER_HTTP2_UNAVAILABLE", { cause });
    }
    widenWindow(session);
    const { enableConnectProtocol, maxConcurrentStreams = maxStreams } = session.remoteSettings;
    this.#max = Math.min(maxStreams, maxConcurrentStreams);
    if (this.#users === 0) this.#rest();
    return enableConnectProtocol === true && this.#max > 0 ? "ready" : "no extended CONNECT";
  }
}

/** Waits for the server's SETTINGS, which are the first thing it says (RFC 9113 §3.4). */
function firstSettings(session: ClientHttp2Session, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    let failure: Error | undefined;
    const onAbort = (): void => session.destroy();
    session.once("remoteSettings", () => resolve());
    // Also later, when its streams say it.
    session.on("error", (error: Error) => {
      failure = error;
    });
    session.once("close", () => {
      signal.removeEventListener("abort", onAbort);
      reject(failure ?? new Error("the HTTP/2 session ended before the server's SETTINGS"));
    });
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
}
