// DEFLATE by zlib streams that stay, in parts as they are given: for who uses `PerMessageDeflate` by itself,
// as `ws` does it. Connections have their own way, which is node/deflate.

import { Buffer } from "node:buffer";
import zlib, { type DeflateRaw, type InflateRaw } from "node:zlib";
import { withCode } from "./errors.ts";

export type DeflateCallback = (error: Error | null, result?: Buffer) => void;

/** One call: what goes in, and who is told what came out. */
interface Job {
  readonly parts: readonly Uint8Array[];
  /** Whether the stream forgets all when this is done. */
  readonly resets: boolean;
  readonly callback: DeflateCallback;
}

// How many of all streams of the process work at once: as in `ws`, the first one says it.
let concurrencyLimit: number | undefined;
let running = 0;
const waitingForOthers: (() => void)[] = [];

function admit(work: () => void): void {
  if (running >= (concurrencyLimit ?? 1)) waitingForOthers.push(work);
  else {
    running++;
    work();
  }
}

function left(): void {
  const next = waitingForOthers.shift();
  if (next === undefined) running--;
  else next();
}

/** One direction. */
export class DeflateStream {
  readonly #make: () => DeflateRaw | InflateRaw;
  readonly #maxBytes: number;
  #stream: DeflateRaw | InflateRaw | undefined;
  readonly #jobs: Job[] = [];
  #chunks: Buffer[] = [];
  #bytes = 0;

  /** `maxBytes` is the most that may come out of one job; 0 for no limit. */
  constructor(make: () => DeflateRaw | InflateRaw, maxBytes: number, limit: number) {
    this.#make = make;
    this.#maxBytes = maxBytes;
    concurrencyLimit ??= limit === 0 ? Number.POSITIVE_INFINITY : limit;
  }

  /** Runs it after those before it, and calls back later. */
  run(job: Job): void {
    this.#jobs.push(job);
    if (this.#jobs.length === 1) this.#begin(job);
  }

  #begin(job: Job): void {
    admit(() => {
      // It may have been closed meanwhile.
      if (this.#jobs[0] !== job) return left();
      const stream = (this.#stream ??= this.#open());
      for (const part of job.parts) stream.write(part);
      stream.flush(zlib.constants.Z_SYNC_FLUSH, () => this.#done(job, null));
    });
  }

  #open(): DeflateRaw | InflateRaw {
    const stream = this.#make();
    stream.on("data", (chunk: Buffer) => this.#take(stream, chunk));
    stream.on("error", (error) => this.#fail(stream, error));
    // A final block: what comes next begins anew.
    stream.on("end", () => {
      const [job] = this.#jobs;
      if (stream !== this.#stream) return;
      this.#stream = undefined;
      if (job !== undefined) this.#done(job, null);
    });
    return stream;
  }

  #take(stream: DeflateRaw | InflateRaw, chunk: Buffer): void {
    if (stream !== this.#stream) return;
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#maxBytes === 0 || this.#bytes <= this.#maxBytes) return;
    const error = new RangeError("Max payload size exceeded");
    this.#fail(stream, withCode(error, "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH"));
    stream.close();
  }

  #fail(stream: DeflateRaw | InflateRaw, error: Error): void {
    const [job] = this.#jobs;
    if (stream !== this.#stream) return;
    this.#stream = undefined;
    if (job !== undefined) this.#done(job, error);
  }

  #done(job: Job, error: Error | null): void {
    if (this.#jobs[0] !== job) return;
    this.#jobs.shift();
    const result = Buffer.concat(this.#chunks);
    this.#chunks = [];
    this.#bytes = 0;
    if (job.resets && error === null) this.#stream?.reset();
    left();
    const [next] = this.#jobs;
    if (next !== undefined) this.#begin(next);
    if (error === null) job.callback(null, result);
    else job.callback(error);
  }

  /** Lets go of the stream; who waits for it is told so. */
  close(): void {
    const jobs = this.#jobs.splice(0);
    this.#stream?.close();
    if (jobs.length > 0 && this.#stream !== undefined) left();
    this.#stream = undefined;
    this.#chunks = [];
    this.#bytes = 0;
    const message = "The deflate stream was closed while data was being processed";
    for (const { callback } of jobs) callback(new Error(message));
  }
}
