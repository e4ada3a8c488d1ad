// A question and its answer, on a stream that is something else afterwards: what came behind the answer
// is put back, and the stream waits, paused, for whoever reads it next.

import type { Duplex } from "node:stream";
import type { Trip } from "./trip.ts";

/** A dialogue with a proxy, without I/O. */
export interface Dialogue {
  /** What is said first. */
  readonly opening: Uint8Array;
  /** Takes bytes, and may answer them; returns what came behind the end, once it is there. @throws HandshakeError */
  receive(bytes: Uint8Array, answer: (bytes: Uint8Array) => void): Uint8Array | undefined;
  /** Whether the answer is a no, and only the rest of its reason is missing. */
  readonly isRefused?: boolean;
  /** Nothing more will come. */
  cut(cause?: Error): Error;
}

/** Holds the dialogue. @throws what the dialogue throws, or the reason of the signal */
export function exchange(stream: Duplex, dialogue: Dialogue, { signal }: Trip): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      stream.removeListener("data", onData).removeListener("end", onEnd);
      stream.removeListener("error", onError).removeListener("close", onEnd);
      signal.removeEventListener("abort", onAbort);
    };
    const fail = (error: unknown): void => {
      settle();
      reject(error);
    };
    const onData = (bytes: Uint8Array): void => {
      try {
        const rest = dialogue.receive(bytes, (answer) => void stream.write(answer));
        if (rest === undefined) return;
        settle();
        stream.pause();
        if (rest.length > 0) stream.unshift(rest);
        resolve();
      } catch (error) {
        fail(error);
      }
    };
    const onEnd = (): void => fail(dialogue.cut());
    const onError = (error: Error): void => fail(dialogue.cut(error));
    // A refusal whose body is slow is still a refusal.
    const onAbort = (): void => fail(dialogue.isRefused === true ? dialogue.cut() : signal.reason);
    stream.on("data", onData).once("end", onEnd).once("error", onError).once("close", onEnd);
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) return onAbort();
    if (stream.destroyed) return onEnd();
    stream.write(dialogue.opening);
    // Whoever had it before may have left it paused.
    stream.resume();
  });
}
