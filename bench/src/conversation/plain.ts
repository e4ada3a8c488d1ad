// Plain WebSocket: binary messages that are all the same. Every right answer is known byte for byte, so
// counting bytes counts answers; the first ones on each connection are compared.

import type { Buffer } from "node:buffer";
import type { AnswerCounter, Conversation } from "./conversation.ts";
import { firstByte, maskedFrame, repeated, unmaskedFrame } from "./frame.ts";
import { FrameCycle } from "./frame-cycle.ts";
import { upgradeRequest } from "./handshake.ts";

/** The payload of every binary message of that size. */
export function payloadOf(messageBytes: number): Uint8Array {
  return Uint8Array.from({ length: messageBytes }, (_, i) => i % 251);
}

export function requestFrame(messageBytes: number): Buffer {
  return maskedFrame(firstByte.binary, payloadOf(messageBytes));
}

export function answerFrame(messageBytes: number): Buffer {
  return unmaskedFrame(firstByte.binary, payloadOf(messageBytes));
}

export function plainConversation(messageBytes: number, most: number): Conversation {
  const answers = repeated(answerFrame(messageBytes), most);
  return {
    upgradeRequest: upgradeRequest(),
    isOpen: isUpgraded,
    requests: new FrameCycle([requestFrame(messageBytes)], most),
    newCounter: () => new ByteCounter(answers, most),
  };
}

/** @throws Error when the response is not a 101, or something follows on it */
export function isUpgraded(received: string): boolean {
  if (!received.endsWith("\r\n\r\n")) return false;
  if (received.startsWith("HTTP/1.1 101 ")) return true;
  throw new Error(`not a 101: ${received}`);
}

/** Counts answers that are all the same. */
export class ByteCounter implements AnswerCounter {
  readonly #answers: Buffer;
  readonly #answerBytes: number;
  #checkedBytes = 0;
  #openBytes = 0;

  /** @param answers the first `count` ones, to compare with */
  constructor(answers: Buffer, count: number) {
    this.#answers = answers;
    this.#answerBytes = answers.length / count;
  }

  count(bytes: Buffer, byteCount: number): number {
    if (this.#checkedBytes < this.#answers.length) this.#check(bytes, byteCount);
    this.#openBytes += byteCount;
    const whole = Math.floor(this.#openBytes / this.#answerBytes);
    this.#openBytes -= whole * this.#answerBytes;
    return whole;
  }

  #check(bytes: Buffer, byteCount: number): void {
    const checked = this.#checkedBytes;
    const length = Math.min(byteCount, this.#answers.length - checked);
    if (bytes.compare(this.#answers, checked, checked + length, 0, length) !== 0) {
      throw new Error("the server answered something else than the message");
    }
    this.#checkedBytes += length;
  }
}
