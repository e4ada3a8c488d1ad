// Who listens to which topic on this node: the engine is asked once for each, by who comes first and goes last.

import type { BrokerListener } from "./broker.ts";

export class Listeners {
  readonly #byTopic = new Map<string, BrokerListener[]>();

  has(topic: string): boolean {
    return this.#byTopic.has(topic);
  }

  add(topic: string, listener: BrokerListener): void {
    const listeners = this.#byTopic.get(topic) ?? [];
    if (!listeners.includes(listener)) this.#byTopic.set(topic, [...listeners, listener]);
  }

  /** True when it was the last. */
  remove(topic: string, listener: BrokerListener): boolean {
    const listeners = this.#byTopic.get(topic);
    if (listeners?.includes(listener) !== true) return false;
    const left = listeners.filter((one) => one !== listener);
    if (left.length > 0) this.#byTopic.set(topic, left);
    else this.#byTopic.delete(topic);
    return left.length === 0;
  }

  /** Every listener gets bytes of its own. */
  deliver(topic: string, content: Buffer): void {
    const listeners = this.#byTopic.get(topic) ?? [];
    for (const [index, listener] of listeners.entries()) {
      listener(index === 0 ? content : Buffer.from(content));
    }
  }

  clear(): void {
    this.#byTopic.clear();
  }
}
