// One thing that has to hold in a runtime, and the few tools that all of them need. What is in this file and in those
// that list checks runs in Node, Bun and Deno: nothing of the test runner, and assertions of their own.

/** A check: it throws, or rejects, when it does not hold. */
export interface Check {
  readonly name: string;
  readonly run: () => unknown;
}

/** What became of a check; `error` is undefined when it holds. */
export interface Outcome {
  readonly name: string;
  readonly error: string | undefined;
}

/** How long one check may take. */
const patienceMs = 6_000;

/** Runs them one after the other. */
export async function runAll(
  checks: readonly Check[],
  tell: (outcome: Outcome) => void,
): Promise<void> {
  for (const { name, run } of checks) {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error(`not within ${patienceMs} ms`)), patienceMs);
    });
    const error = await Promise.race([Promise.resolve().then(run), late]).then(
      () => undefined,
      (reason: unknown) => String(reason),
    );
    clearTimeout(timer);
    tell({ name, error });
  }
}

/** @throws when the two are not the same, as JSON */
export function same(actual: unknown, expected: unknown, what = ""): void {
  const [is, should] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (is === should) return;
  throw new Error(`${what} is ${is?.slice(0, 200)}, should be ${should?.slice(0, 200)}`);
}

/** A promise that is settled from outside. */
export class Later<Value> {
  readonly promise: Promise<Value>;
  resolve: (value: Value) => void = () => undefined;

  constructor() {
    this.promise = new Promise((resolve) => {
      this.resolve = resolve;
    });
  }
}
