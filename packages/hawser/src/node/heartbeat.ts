// Finds peers that are gone: one timer for all connections with the same settings, none of their own.
// Time is counted in ticks of that timer, not read from a clock: a clock that jumps changes nothing,
// and an event loop that stood still for ten seconds has seen one tick, not ten seconds of silence
// from everybody.

/** A connection as the heartbeat sees it. */
export interface Beating {
  /** Ticks since the peer was last heard; the heartbeat counts it up, the connection sets it to 0. */
  silentTicks: number;
  /** Whether silence means nothing just now: because we don't read, or the socket is gone already. */
  readonly isDeaf: boolean;
  /** Sends a ping. */
  beat(): void;
  /** The peer is gone. */
  lost(): void;
}

/** Ticks per the shorter of the two times: with four, a ping goes out at most two quarters early. */
const ticksPerTime = 4;

export class Heartbeat {
  readonly #tickMs: number;
  readonly #pingTicks: number;
  readonly #lostTicks: number;
  /** The connections of each group; only groups that have some. */
  readonly #groups = new Set<ReadonlySet<Beating>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(pingIntervalMs: number, pongTimeoutMs: number) {
    // The pong time is a whole number of ticks, so that no peer has less of it than it was promised.
    const pongTicks = Math.ceil(
      (ticksPerTime * pongTimeoutMs) / Math.min(pingIntervalMs, pongTimeoutMs),
    );
    this.#tickMs = Math.ceil(pongTimeoutMs / pongTicks);
    // At n silent ticks the silence has lasted between n and n + 1 of them: the ping goes out before
    // the interval is over, and a lost peer is found within both times together.
    this.#pingTicks = Math.max(1, Math.floor(pingIntervalMs / this.#tickMs) - 1);
    this.#lostTicks = this.#pingTicks + pongTicks;
  }

  /** From now on looks after the connections of the group, whichever are in it at the time. */
  watch(group: ReadonlySet<Beating>): void {
    this.#groups.add(group);
    this.#timer ??= setInterval(() => this.#tick(), this.#tickMs).unref();
  }

  /** A connection has left the group: an empty one is not looked after any more. */
  left(group: ReadonlySet<Beating>): void {
    if (group.size > 0) return;
    this.#groups.delete(group);
    if (this.#groups.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tick(): void {
    for (const group of this.#groups) {
      for (const connection of group) this.#count(connection);
    }
  }

  #count(connection: Beating): void {
    connection.silentTicks++;
    // Also to a peer that we don't listen to: if it is gone, its system answers with a reset, which
    // is noticed without reading.
    if (connection.silentTicks === this.#pingTicks) connection.beat();
    if (connection.silentTicks < this.#lostTicks) return;
    if (connection.isDeaf) connection.silentTicks = 0;
    else connection.lost();
  }
}

const shared = new Map<string, Heartbeat>();

/** The heartbeat with these settings, shared in this process; undefined when the interval is 0. */
export function heartbeatFor(pingIntervalMs: number, pongTimeoutMs: number): Heartbeat | undefined {
  if (pingIntervalMs === 0) return undefined;
  const name = `${pingIntervalMs}/${pongTimeoutMs}`;
  let heartbeat = shared.get(name);
  if (heartbeat === undefined) {
    heartbeat = new Heartbeat(pingIntervalMs, pongTimeoutMs);
    shared.set(name, heartbeat);
  }
  return heartbeat;
}
