// The HTTP/2 sessions of this process's clients. WebSockets to one server go over one session until it is full, those
// only that get there in the same way: with the same options of TLS, and of everything else on the road. A session is
// in the pool, and counts, for as long as it has a connection.

import type { Duplex } from "node:stream";
import { CloseCode, LimitError } from "../../protocol/index.ts";
import type { Trip } from "../dial/trip.ts";
import { ClientSession } from "./client-session.ts";

/** A way to a server: what has to be the same for a session to be shared. */
export interface Road {
  /** Such as "https://example.com:8443". */
  readonly origin: string;
  readonly options: object;
}

/** The options that say how to get to a server. */
const roadNames = ["tls", "tcp", "unix", "proxy", "createConnection", "agent"] as const;

interface Pooled {
  readonly road: Road;
  readonly session: ClientSession;
}

const pools = new Map<string, Set<Pooled>>();

/**
 * A session to the server with a place taken; dialled if there is none with room.
 *
 * @throws LimitError HAWSER_TOO_MANY_SESSIONS
 */
export function enterSession(
  road: Road,
  maxSessions: number,
  dial: (trip: Trip) => Promise<Duplex>,
): { readonly session: ClientSession; readonly isNew: boolean } {
  const pool = pools.get(road.origin) ?? new Set();
  for (const pooled of pool) {
    if (!pooled.session.hasRoom || !isSameRoad(pooled.road, road)) continue;
    pooled.session.enter();
    return { session: pooled.session, isNew: false };
  }
  if (pool.size >= maxSessions) throw tooMany(road, maxSessions, pool.size + 1);
  const session = new ClientSession(road.origin, dial, () => {
    pool.delete(pooled);
    if (pool.size === 0 && pools.get(road.origin) === pool) pools.delete(road.origin);
  });
  const pooled: Pooled = { road, session };
  pools.set(road.origin, pool.add(pooled));
  session.enter();
  return { session, isNew: true };
}

function tooMany({ origin }: Road, limit: number, actual: number): LimitError {
  return new LimitError(
    "HAWSER_TOO_MANY_SESSIONS",
    `this process may have ${limit} HTTP/2 sessions to ${origin}: raise maxSessions, or have the server allow more streams on each`,
    limit,
    actual,
    CloseCode.tryAgainLater,
  );
}

function isSameRoad(a: Road, b: Road): boolean {
  const [one, other] = [a.options, b.options] as [Record<string, unknown>, Record<string, unknown>];
  return roadNames.every((name) => isSame(one[name], other[name]));
}

/** The same value, or objects whose members are the same. */
function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (!isPlain(a) || !isPlain(b)) return false;
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && Object.is(a[name], b[name]))
  );
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype;
}
