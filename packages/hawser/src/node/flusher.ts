// Writes at the end of the turn: whatever is sent to a connection outside of its own read is written
// once per turn of the event loop, so that many messages to it cost one write.

/** Something with bytes to write. */
export interface Flushable {
  flush(): void;
}

let waiting: Flushable[] = [];

/** Calls `flush` once this turn's callbacks have run. The caller makes sure to ask once a turn. */
export function flushSoon(one: Flushable): void {
  if (waiting.push(one) === 1) setImmediate(flushAll);
}

function flushAll(): void {
  const due = waiting;
  waiting = [];
  for (const one of due) one.flush();
}
