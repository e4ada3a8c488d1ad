// What one client may cost over one HTTP/2 connection beyond what Node limits by itself: a connection without
// streams ends after a while, and one whose streams are reset again and again ends at once (CVE-2023-44487).

import { constants, type ServerHttp2Session, type ServerHttp2Stream } from "node:http2";

/** How many resets a second are nobody's business. */
const resetsPerSecond = 32;

export class SessionGuard {
  readonly #session: ServerHttp2Session;
  readonly #idleTimeoutMs: number;
  readonly #maxResets: number;
  #streams = 0;
  #resets = 0;
  #resetsSince = performance.now();
  #idleTimer: NodeJS.Timeout | undefined;
  #isOver = false;

  /**
   * @param firstMs milliseconds until the first stream
   * @param maxStreams streams at a time; twice as many resets at once are taken
   */
  constructor(
    session: ServerHttp2Session,
    firstMs: number,
    idleTimeoutMs: number,
    maxStreams: number,
  ) {
    this.#session = session;
    this.#idleTimeoutMs = idleTimeoutMs;
    this.#maxResets = 2 * maxStreams;
    this.#waitForStreams(firstMs);
    session.once("close", () => clearTimeout(this.#idleTimer));
  }

  /** A stream was opened. */
  opened(stream: ServerHttp2Stream): void {
    this.#streams++;
    clearTimeout(this.#idleTimer);
    stream.once("close", () => this.#closed(stream));
  }

  #closed(stream: ServerHttp2Stream): void {
    this.#streams--;
    if (this.#session.destroyed) return;
    if (this.#streams === 0) this.#waitForStreams(this.#idleTimeoutMs);
    if (stream.rstCode !== constants.NGHTTP2_NO_ERROR) this.#countReset();
  }

  #waitForStreams(timeoutMs: number): void {
    this.#idleTimer = setTimeout(() => this.#session.close(), timeoutMs).unref();
  }

  /** A bucket that leaks: a burst may fill it, a stream of resets overflows it. */
  #countReset(): void {
    const now = performance.now();
    const leaked = ((now - this.#resetsSince) / 1000) * resetsPerSecond;
    this.#resetsSince = now;
    this.#resets = Math.max(0, this.#resets - leaked) + 1;
    if (this.#resets <= this.#maxResets || this.#isOver) return;
    this.#isOver = true;
    this.#session.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    // Not while Node reads what came on it: that would never end.
    setImmediate(() => this.#session.destroy());
  }
}
