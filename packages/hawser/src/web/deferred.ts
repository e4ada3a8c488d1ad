// A promise that is settled from outside. A rejection that nobody looks at is no unhandled one: of the two
// promises of a WebSocketStream that fail together, most programs wait for one.

export class Deferred<Value> {
  readonly promise: Promise<Value>;
  resolve!: (value: Value) => void;
  reject!: (reason: unknown) => void;

  constructor() {
    this.promise = new Promise((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.promise.catch(() => undefined);
  }
}
