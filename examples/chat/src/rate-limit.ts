// How fast one connection may send: ten messages in five seconds. A person who hits that is told to
// wait; a program that goes on at twice the rate is cut off. Fixed windows let short bursts of up to
// twenty through at a boundary, which a chat can bear.

const windowMs = 5_000;
const politeCount = 10;

export class RateLimit {
  #windowStartMs = -Infinity;
  #count = 0;

  /** Counts one message, and judges it. `nowMs` is of any clock that does not jump. */
  count(nowMs: number = performance.now()): "fine" | "too fast" | "flood" {
    if (nowMs - this.#windowStartMs >= windowMs) {
      this.#windowStartMs = nowMs;
      this.#count = 0;
    }
    this.#count++;
    if (this.#count <= politeCount) return "fine";
    return this.#count <= 2 * politeCount ? "too fast" : "flood";
  }
}
