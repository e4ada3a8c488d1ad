// Whether a user's function went on asynchronously. Anything with a `then` counts: promises of other
// libraries and realms are no instances of our Promise, and must not pass for an answer.

/** Whether the value is a promise of any kind. */
export function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === "function";
}
