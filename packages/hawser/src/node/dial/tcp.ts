// The first phase: a connection over TCP, or to a unix socket or a named pipe.

import { connect as connectSocket, type LookupFunction, type Socket } from "node:net";
import { UsageError } from "../../protocol/index.ts";
import { type Hop, happens, ignore, titleOf, type Trip } from "./trip.ts";

/** How TCP connects; each has the meaning and the default that `node:net` gives it. */
export interface TcpOptions {
  /** Finds the addresses of a name. Default `dns.lookup`. */
  readonly lookup?: LookupFunction;
  /** 4 or 6: only addresses of that version of IP; 0 for both, as without it. */
  readonly family?: 0 | 4 | 6;
  /** The address to connect from. */
  readonly localAddress?: string;
  /** The port to connect from. */
  readonly localPort?: number;
  /** Tries the addresses of a name by turns, IPv6 and IPv4 (RFC 8305). Default Node's, true. */
  readonly autoSelectFamily?: boolean;
  /** Milliseconds after which the next address is tried. Default Node's. */
  readonly autoSelectFamilyAttemptTimeout?: number;
  /** Sends at once what is small, without Nagle's algorithm. Default true. */
  readonly noDelay?: boolean;
  /** Has the operating system probe a silent connection. Default false: the heartbeat does it better. */
  readonly keepAlive?: boolean;
  /** Milliseconds of silence before the first of those probes. Default the operating system's. */
  readonly keepAliveInitialDelay?: number;
}

/** @throws TransportError HAWSER_CONNECT; UsageError HAWSER_OPTION_INVALID */
export async function connectTcp(hop: Hop, tcp: TcpOptions = {}, trip: Trip): Promise<Socket> {
  trip.phase = "TCP connect";
  const { host, port } = hop;
  let socket: Socket;
  try {
    socket = connectSocket({ noDelay: true, ...tcp, host, port });
  } catch (error) {
    throw optionError("tcp", error);
  }
  return connected(socket, titleOf(hop), trip);
}

/** @throws TransportError HAWSER_CONNECT */
export async function connectUnix(path: string, trip: Trip): Promise<Socket> {
  trip.phase = "unix connect";
  return connected(connectSocket({ path }), path, trip);
}

async function connected(socket: Socket, to: string, trip: Trip): Promise<Socket> {
  socket.on("error", ignore);
  try {
    await happens(socket, "connect", to, trip);
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** What Node says of an option that it can't work with. */
export function optionError(name: string, error: unknown): UsageError {
  const { message } = error as Error;
  return new UsageError("HAWSER_OPTION_INVALID", `the option ${name}: ${message}`, error);
}
