// One HTTP/2 session of a client, which WebSockets share: dialled once for all who wait for it, open to as many streams
// as the server allows, and ended when nobody has used it for a while. An idle one keeps no process alive.

import { type ClientHttp2Session, connect, type Settings } from "node:http2";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import { type ConnectPhase, responseFault } from "../../protocol/index.ts";
import { type Trip, unlessAborted } from "../dial/trip.ts";
import { widenWindow } from "./session-window.ts";

/** The most WebSockets on one session, whatever the server allows. */
const maxStreams = 100;

/** Milliseconds without a stream after which a session ends. */
const idleMs = 5_000;

/** Milliseconds that a server has for a PING, when there is doubt whether it is still there. */
const answerMs = 2_000;

/** What a dialled socket has come to. */
export type SessionOutcome =
  /** HTTP/2 with extended CONNECT. */
  | "ready"
  /** HTTP/2 without. */
  | "no extended CONNECT"
  /** ALPN chose HTTP/1.1; whoever had the socket dialled may have it. */
  | "no HTTP/2";

/** One who waits for it. */
interface Waiter {
  readonly trip: Trip;
  settle(outcome: Promise<SessionOutcome>): void;
}

export class ClientSession {
  readonly #authority: string;
  readonly #giveUp = new AbortController();
  readonly #waiters = new Set<Waiter>();
  #phase: ConnectPhase = "TCP connect";
  /** Settled, once it is known. */
  #outcome: Promise<SessionOutcome> | undefined;
  #session: ClientHttp2Session | undefined;
  /** Those who wait for it or have a stream on it. */
  #users = 0;
  #max = maxStreams;
  #idleTimer: NodeJS.Timeout | undefined;
  #isOver = false;
  /** Whether the server is there, while that is in doubt. */
  #answer: Promise<boolean> | undefined;
  #isSilent = false;
  readonly #onEnd: () => void;
  #leftOver: Duplex | undefined;

  /** @param onEnd called when there is no connection any more, or it is none of HTTP/2 */
  constructor(authority: string, dial: (trip: Trip) => Promise<Duplex>, onEnd: () => void) {
    this.#authority = authority;
    this.#onEnd = onEnd;
    const outcome = this.#open(dial);
    const settle = (): void => {
      this.#outcome = outcome;
      for (const waiter of this.#waiters) waiter.settle(outcome);
      this.#waiters.clear();
    };
    outcome.then(settle, () => {
      this.retire();
      this.#onEnd();
      settle();
    });
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
   * What it has come to. Until then the trip is in its phase.
   *
   * @throws what dialling failed with, or the reason of the signal
   */
  ready(trip: Trip): Promise<SessionOutcome> {
    trip.phase = this.#phase;
    if (this.#outcome !== undefined) return this.#outcome;
    return new Promise((resolve, reject) => {
      const { signal } = trip;
      const settle = (outcome: Promise<SessionOutcome>): void => {
        signal.removeEventListener("abort", onAbort);
        resolve(outcome);
      };
      const waiter: Waiter = { trip, settle };
      const onAbort = (): void => {
        this.#waiters.delete(waiter);
        reject(signal.reason as Error);
      };
      this.#waiters.add(waiter);
      signal.addEventListener("abort", onAbort, { once: true });
      if (signal.aborted) onAbort();
    });
  }

  #reach(phase: ConnectPhase): void {
    this.#phase = phase;
    for (const { trip } of this.#waiters) trip.phase = phase;
  }

  /** A request or a ping on it was not answered: has the server asked whether it is there at all. */
  doubt(): void {
    const session = this.#session;
    if (session === undefined || session.destroyed || this.#answer !== undefined) return;
    this.#answer = answers(session).then((isThere) => {
      this.#answer = undefined;
      if (isThere) return true;
      this.#isSilent = true;
      this.retire();
      if (this.#users === 0) session.destroy();
      return false;
    });
  }

  /** Whether the server is there, as far as anybody can tell. */
  isThere(trip: Trip): boolean | Promise<boolean> {
    return this.#answer === undefined ? !this.#isSilent : unlessAborted(this.#answer, trip);
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
    this.#isOver = true;
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
    // It would wait for an answer to its end. Not while Node reads what came on it.
    if (this.#isSilent) {
      setImmediate(() => session.destroy());
      return;
    }
    session.unref();
    this.#idleTimer = setTimeout(() => session.close(), this.#isOver ? 0 : idleMs).unref();
  }

  async #open(dial: (trip: Trip) => Promise<Duplex>): Promise<SessionOutcome> {
    const socket = await dial(this.#trip());
    this.#reach("waiting for 101");
    const { encrypted, alpnProtocol } = socket as Partial<TLSSocket>;
    // Without TLS there is nothing to choose by: HTTP/2 is known to be there.
    if (encrypted === true && alpnProtocol !== "h2") {
      this.retire();
      this.#onEnd();
      this.#leftOver = socket;
      if (this.#users === 0) this.takeLeftOver()?.destroy();
      return "no HTTP/2";
    }
    const session = connect(this.#authority, {
      createConnection: () => socket,
      settings: { enablePush: false },
    });
    this.#session = session;
    session.once("close", () => {
      this.retire();
      this.#onEnd();
    });
    session.once("goaway", () => this.retire());
    try {
      await firstSettings(session, this.#giveUp.signal);
    } catch (cause) {
      throw responseFault("HAWSER_HTTP2_UNAVAILABLE", { cause });
    }
    widenWindow(session);
    const heed = ({ maxConcurrentStreams = maxStreams }: Settings): void => {
      this.#max = Math.min(maxStreams, maxConcurrentStreams);
    };
    heed(session.remoteSettings);
    session.on("remoteSettings", heed);
    const { enableConnectProtocol } = session.remoteSettings;
    if (this.#users === 0) this.#rest();
    return enableConnectProtocol === true && this.#max > 0 ? "ready" : "no extended CONNECT";
  }

  /** The way to the session, for those who wait: given up when all of them have. */
  #trip(): Trip {
    const phase = (): ConnectPhase => this.#phase;
    const reach = (now: ConnectPhase): void => this.#reach(now);
    return {
      signal: this.#giveUp.signal,
      get phase() {
        return phase();
      },
      set phase(now) {
        reach(now);
      },
    };
  }
}

/** Sends a PING; whether it is answered in time. */
function answers(session: ClientHttp2Session): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), answerMs).unref();
    session.ping((error) => {
      clearTimeout(timer);
      resolve(error === null);
    });
  });
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
