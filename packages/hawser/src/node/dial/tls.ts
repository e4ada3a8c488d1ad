// The phase of TLS, over whatever stream leads to the one who is to speak it: the server, or a proxy. What
// is agreed on by ALPN is the socket's `alpnProtocol`.

import type { Duplex } from "node:stream";
import {
  connect as connectTls,
  type ConnectionOptions as TlsOptions,
  type TLSSocket,
} from "node:tls";
import { optionError } from "./tcp.ts";
import { type Hop, happens, ignore, titleOf, type Trip } from "./trip.ts";

/**
 * Speaks TLS over the stream.
 *
 * @throws TransportError HAWSER_CONNECT; UsageError HAWSER_OPTION_INVALID
 */
export async function startTls(
  stream: Duplex,
  hop: Hop,
  tls: TlsOptions | undefined,
  trip: Trip,
): Promise<TLSSocket> {
  trip.phase = hop.isProxy ? "proxy TLS" : "TLS";
  let socket: TLSSocket;
  try {
    socket = connectTls({ ...tlsDefaults(hop.host), ...tls, socket: stream });
  } catch (error) {
    throw optionError(hop.isProxy ? "proxy.tls" : "tls", error);
  }
  socket.on("error", ignore);
  try {
    await happens(socket, "secureConnect", titleOf(hop), trip);
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/** What is said to and expected of a host, where the user does not say otherwise. */
export function tlsDefaults(host: string): TlsOptions {
  // SNI is for names, not for addresses (RFC 6066 §3).
  const isAddress = host.includes(":") || /^[\d.]+$/.test(host);
  return { ALPNProtocols: ["http/1.1"], host, ...(isAddress ? {} : { servername: host }) };
}
