// Connections that the user opens: with a function, or with an agent of node:http or node:https. What they
// give may be any stream, connected or about to be; where it is a TLSSocket, TLS is theirs as well.

import type { Agent } from "node:http";
import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { type ConnectionOptions as TlsOptions, TLSSocket } from "node:tls";
import { UsageError } from "../../protocol/index.ts";
import { tlsDefaults } from "./tls.ts";
import {
  connectError,
  type Hop,
  happens,
  ignore,
  titleOf,
  type Trip,
  unlessAborted,
} from "./trip.ts";

/** Where a connection of `createConnection` has to lead. */
export interface ConnectionTarget {
  /** A name or an address, without brackets. */
  readonly host: string;
  readonly port: number;
  /** Whether TLS is to be spoken: over the stream, unless it is a TLSSocket already. */
  readonly isSecure: boolean;
  /** Aborted when nobody waits for the connection any more. */
  readonly signal: AbortSignal;
}

/** Opens a connection to the server, or to the proxy if there is one. */
export type CreateConnection = (to: ConnectionTarget) => Duplex | PromiseLike<Duplex>;

/** What is needed of an agent: the method that `http.Agent` documents for opening connections. */
export type ConnectionAgent = Pick<Agent, "createConnection">;

/** @throws TransportError HAWSER_CONNECT; UsageError HAWSER_OPTION_INVALID */
export async function openOwn(create: CreateConnection, hop: Hop, trip: Trip): Promise<Duplex> {
  trip.phase = "createConnection";
  const { host, port, isSecure } = hop;
  const { signal } = trip;
  const opening = (async (): Promise<Duplex> => create({ host, port, isSecure, signal }))();
  let stream: Duplex;
  try {
    stream = await unlessAborted(opening, trip);
  } catch (error) {
    // It may come yet, and nobody waits for it.
    opening.then((late) => late?.destroy?.(), ignore);
    if (signal.aborted) throw error;
    throw connectError(trip, titleOf(hop), asError(error));
  }
  if (!(stream instanceof Duplex)) {
    throw new UsageError("HAWSER_OPTION_INVALID", "createConnection must give a Duplex stream");
  }
  stream.on("error", ignore);
  try {
    if ((stream as Socket).connecting) await happens(stream, "connect", titleOf(hop), trip);
    else signal.throwIfAborted();
    if (stream instanceof TLSSocket) await finishTls(stream, hop, trip);
    if (stream.destroyed) throw connectError(trip, titleOf(hop), new Error("the stream has ended"));
    return stream;
  } catch (error) {
    stream.destroy();
    throw error;
  }
}

/** What ALPN has chosen, and whether the certificate will do, is known once the handshake is over. */
async function finishTls(socket: TLSSocket, hop: Hop, trip: Trip): Promise<void> {
  // "Before a handshake has completed, this value is always null."
  if (socket.alpnProtocol !== null) return;
  trip.phase = hop.isProxy ? "proxy TLS" : "TLS";
  await happens(socket, "secureConnect", titleOf(hop), trip);
}

/** The function that opens connections with an agent. */
export function createWith(agent: ConnectionAgent, tls: TlsOptions | undefined): CreateConnection {
  return ({ host, port, isSecure }) =>
    new Promise((resolve, reject) => {
      const secure = isSecure ? { ...tlsDefaults(host), ...tls } : {};
      const stream = agent.createConnection({ ...secure, host, port }, (error, given) => {
        if (error) reject(error);
        else resolve(given);
      });
      if (stream) resolve(stream);
    });
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
