// The two connections to Redis: the user's publishes, and one of our own subscribes, since a connection that
// subscribes can do little else. The engine is connected while both are.

import type { DriverEvents } from "../driver.ts";

interface Emitter {
  on(event: string, listener: (...values: unknown[]) => void): unknown;
  off(event: string, listener: (...values: unknown[]) => void): unknown;
}

/** Watches both; returns a function that lets go of them. */
export function watchConnections(
  connections: readonly Emitter[],
  isConnected: () => boolean,
  lossEvents: readonly string[],
  events: DriverEvents,
): () => void {
  let lastError: unknown;
  const ready = (): void => {
    if (isConnected()) events.connected();
  };
  const lost = (): void => {
    if (!isConnected()) events.disconnected(lastError);
  };
  // Both clients treat an "error" event that nobody listens to as a failure of the program.
  const failed = (error: unknown): void => {
    lastError = error;
    lost();
  };
  const all: [string, (...values: unknown[]) => void][] = [
    ["ready", ready],
    ["error", failed],
    ...lossEvents.map((name): [string, () => void] => [name, lost]),
  ];
  for (const connection of connections) for (const [name, told] of all) connection.on(name, told);
  return () => {
    for (const connection of connections) {
      for (const [name, told] of all) connection.off(name, told);
    }
  };
}
