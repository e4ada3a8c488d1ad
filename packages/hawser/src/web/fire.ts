// Events as the user agent fires them: trusted, each in a task of its own. Between two of them the promise
// jobs of the first are done, so that code that waits for an event is back before the next one.

/** Fires an event at a target, past any `dispatchEvent` of a subclass. */
export function fire(target: EventTarget, event: Event): void {
  // By the DOM's IDL each event has this one of its own. The platform's says false for whatever was not
  // made inside of it, and in Bun it can't be changed: there it stays false.
  Reflect.defineProperty(event, "isTrusted", { get: isTrusted, enumerable: true });
  EventTarget.prototype.dispatchEvent.call(target, event);
}

function isTrusted(): boolean {
  return true;
}

/** Calls back when all promise jobs are done, those too that they bring about. */
export function nextTask(callback: () => void): void {
  // A tick that is asked for from within the promise jobs comes behind all of them.
  queueMicrotask(() => process.nextTick(callback));
}
