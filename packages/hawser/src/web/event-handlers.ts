// Event handler attributes (HTML §8.1.8.1), such as `onmessage`: a handler takes its place among the
// listeners when it is first set, keeps it when it is replaced, and loses it when it is set to null.

type Callback = (this: EventTarget, event: Event) => unknown;

interface Handler {
  value: object;
  readonly listener: (event: Event) => void;
}

export class EventHandlers {
  readonly #target: EventTarget;
  readonly #handlers = new Map<string, Handler>();

  constructor(target: EventTarget) {
    this.#target = target;
  }

  get(type: string): Callback | null {
    return (this.#handlers.get(type)?.value as Callback | undefined) ?? null;
  }

  /** `[LegacyTreatNonObjectAsNull]`: what is no object is null; an object that is no function does nothing. */
  set(type: string, value: unknown): void {
    const handler = this.#handlers.get(type);
    const isObject = typeof value === "function" || (typeof value === "object" && value !== null);
    if (!isObject) {
      if (handler !== undefined) this.#remove(type, handler);
    } else if (handler === undefined) {
      this.#add(type, value);
    } else {
      handler.value = value;
    }
  }

  #add(type: string, value: object): void {
    const handler: Handler = {
      value,
      listener: (event) => {
        if (typeof handler.value !== "function") return;
        const answer = (handler.value as Callback).call(this.#target, event);
        if (answer === false) event.preventDefault();
      },
    };
    this.#handlers.set(type, handler);
    EventTarget.prototype.addEventListener.call(this.#target, type, handler.listener);
  }

  #remove(type: string, { listener }: Handler): void {
    this.#handlers.delete(type);
    EventTarget.prototype.removeEventListener.call(this.#target, type, listener);
  }
}
