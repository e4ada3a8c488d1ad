// Synchronous use of one zlib stream again and again, which Node's public API does not have: its
// synchronous functions make a stream per call. What is used here that Node does not document:
// `_handle.writeSync` (what zlib's own synchronous functions and npm's `minizlib` call) and
// `_writeState`. Measured for 1 KiB of JSON, CPU: deflate 6.2 µs instead of 10.9 (level 1), inflate
// 2.9 instead of 8.6 to 12.9. Node checks arguments of `writeSync` by ending the process, so this is
// done only in the versions that it is tested with, and there after `handlesWork()`; otherwise
// everything is done by public means (inflate-public.ts, `deflateByCall`, deflate-stream.ts).

import {
  constants,
  createDeflateRaw,
  createInflateRaw,
  type DeflateRaw,
  type InflateRaw,
} from "node:zlib";

interface Internals {
  readonly _handle: {
    writeSync(
      flush: number,
      input: Uint8Array,
      inputOffset: number,
      inputBytes: number,
      output: Uint8Array,
      outputOffset: number,
      outputBytes: number,
    ): void;
  };
  /** Bytes of output and of input that the last write has left. */
  readonly _writeState: Uint32Array;
}

/** A zlib stream that is written to synchronously, into memory of the caller's. */
export class HandleStream {
  readonly #stream: DeflateRaw | InflateRaw;
  readonly #internals: Internals;
  /** Bytes of input that the last write did not consume. */
  inputLeft = 0;
  /** Bytes of output memory that the last write did not fill. */
  outputLeft = 0;

  constructor(stream: DeflateRaw | InflateRaw) {
    this.#stream = stream.on("error", ignore);
    this.#internals = stream as unknown as Internals;
  }

  /** Whether it is of no use any more, after an error. */
  get destroyed(): boolean {
    return this.#stream.destroyed;
  }

  /**
   * Writes all of `input` from `inputOffset`, and has the output put at [outputOffset, outputEnd).
   *
   * @throws what zlib says of the input; the stream is destroyed then
   */
  write(
    flush: number,
    input: Uint8Array,
    inputOffset: number,
    output: Uint8Array,
    outputOffset: number,
    outputEnd: number,
  ): void {
    const { _handle, _writeState } = this.#internals;
    _handle.writeSync(
      flush,
      input,
      inputOffset,
      input.length - inputOffset,
      output,
      outputOffset,
      outputEnd - outputOffset,
    );
    if (this.#stream.destroyed)
      throw this.#stream.errored ?? new Error("the zlib stream is closed");
    this.outputLeft = _writeState[0] as number;
    this.inputLeft = _writeState[1] as number;
  }

  reset(): void {
    this.#stream.reset();
  }

  close(): void {
    this.#stream.close();
  }
}

/** The oldest and newest major version of Node that the tests of this folder have run on. */
const testedVersions = [20, 26] as const;

let works: boolean | undefined;

/** Whether streams can be written to in this way here; found out at the first call. */
export function handlesWork(version: string = process.versions.node): boolean {
  const major = Number.parseInt(version, 10);
  if (!(major >= testedVersions[0] && major <= testedVersions[1])) return false;
  works ??= deflates(createDeflateRaw()) && inflates(createInflateRaw());
  return works;
}

const hello = Uint8Array.of(0x48, 0x65, 0x6c, 0x6c, 0x6f);
/** RFC 7692 §7.2.3.1, and a byte more. */
const deflatedHello = Uint8Array.of(0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0, 0, 0, 0xff, 0xff, 0);
const { Z_BLOCK, Z_SYNC_FLUSH } = constants;

/** Whether "Hello" is deflated, twice with a reset between. */
export function deflates(stream: DeflateRaw): boolean {
  return passes(stream, (handle) => {
    const output = new Uint8Array(64);
    handle.write(Z_SYNC_FLUSH, hello, 0, output, 0, output.length);
    return handle.inputLeft === 0 && isStart(deflatedHello, output, 64 - handle.outputLeft, 11);
  });
}

/** Whether it is inflated, and zlib stops with Z_BLOCK where the block ends. */
export function inflates(stream: InflateRaw): boolean {
  return passes(stream, (handle) => {
    const output = new Uint8Array(64);
    handle.write(Z_SYNC_FLUSH, deflatedHello.subarray(0, 7), 0, output, 0, output.length);
    handle.write(Z_BLOCK, deflatedHello, 7, output, 64 - handle.outputLeft, output.length);
    return handle.inputLeft === 1 && isStart(hello, output, 64 - handle.outputLeft, 5);
  });
}

function passes(
  stream: DeflateRaw | InflateRaw,
  check: (handle: HandleStream) => boolean,
): boolean {
  const { _handle, _writeState } = stream as unknown as Partial<Internals>;
  if (typeof _handle?.writeSync !== "function") return false;
  if (!(_writeState instanceof Uint32Array) || _writeState.length !== 2) return false;
  const handle = new HandleStream(stream);
  try {
    if (!check(handle)) return false;
    handle.reset();
    return check(handle);
  } catch {
    return false;
  } finally {
    handle.close();
  }
}

function isStart(
  expected: Uint8Array,
  output: Uint8Array,
  written: number,
  length: number,
): boolean {
  if (written !== length) return false;
  return output.subarray(0, length).every((byte, index) => byte === expected[index]);
}

/** An error is thrown where it happens; the event that comes later has nothing to add. */
function ignore(): void {}
