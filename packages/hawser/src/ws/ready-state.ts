// The four states, as the WHATWG and npm `ws` number them.

export const CONNECTING = 0;
export const OPEN = 1;
export const CLOSING = 2;
export const CLOSED = 3;

export type ReadyState = typeof CONNECTING | typeof OPEN | typeof CLOSING | typeof CLOSED;

/** By number. */
export const stateNames = ["CONNECTING", "OPEN", "CLOSING", "CLOSED"] as const;
