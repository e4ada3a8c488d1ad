// A WebSocket that comes back: when it is lost, it is dialled again after a wait that doubles from one
// second to thirty, each time with up to half of it taken off at random, so that the clients of a
// server that restarts don't all return at once. Whatever a lost socket still reports is ignored.

/** Where the connection stands; `until` is by `performance.now()`. */
export type MooringState =
  | { readonly kind: "idle" | "connecting" | "open" }
  | { readonly kind: "waiting"; readonly until: number };

export interface MooringEvents {
  message(text: string): void;
  state(state: MooringState): void;
}

const firstWaitMs = 1_000;
const longestWaitMs = 30_000;
const connectTimeoutMs = 10_000;

export class Mooring {
  readonly #url: URL;
  readonly #events: MooringEvents;
  #socket: WebSocket | undefined;
  #state: MooringState = { kind: "idle" };
  #failures = 0;
  #timer: number | undefined;

  constructor(url: URL, events: MooringEvents) {
    this.#url = url;
    this.#events = events;
    // A phone that wakes up, or finds its network again, should not sit out the rest of a wait.
    addEventListener("online", () => this.retryNow());
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.retryNow();
    });
    // The browser would notice a dead network only when TCP gives up, minutes later.
    addEventListener("offline", () => {
      if (this.#socket !== undefined) this.#lost();
    });
  }

  get state(): MooringState {
    return this.#state;
  }

  start(): void {
    if (this.#state.kind === "idle") this.#dial();
  }

  /** Closes, and stays closed until `start`. */
  stop(): void {
    this.#letGo();
    this.#failures = 0;
    this.#enter({ kind: "idle" });
  }

  retryNow(): void {
    if (this.#state.kind === "waiting") this.#dial();
  }

  /** Whether the text was handed to an open connection; if not, it is still the caller's. */
  send(text: string): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(text);
    return true;
  }

  #dial(): void {
    this.#letGo();
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    this.#timer = setTimeout(() => this.#lost(), connectTimeoutMs);
    socket.addEventListener("open", () => {
      if (socket !== this.#socket) return;
      clearTimeout(this.#timer);
      this.#enter({ kind: "open" });
    });
    socket.addEventListener("message", ({ data }) => {
      if (socket !== this.#socket) return;
      // Only now: a proxy whose server is gone may accept, and close at once.
      this.#failures = 0;
      this.#events.message(String(data));
    });
    socket.addEventListener("close", () => {
      if (socket === this.#socket) this.#lost();
    });
    this.#enter({ kind: "connecting" });
  }

  #lost(): void {
    this.#letGo();
    const longest = Math.min(longestWaitMs, firstWaitMs * 2 ** this.#failures);
    const waitMs = longest * (1 - Math.random() / 2);
    this.#failures++;
    this.#timer = setTimeout(() => this.#dial(), waitMs);
    this.#enter({ kind: "waiting", until: performance.now() + waitMs });
  }

  #letGo(): void {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }

  #enter(state: MooringState): void {
    this.#state = state;
    this.#events.state(state);
  }
}
