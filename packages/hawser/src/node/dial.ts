// The way to a server, phase by phase: a connection over TCP or of the user's, TLS with a proxy and a tunnel
// through it, TLS with the server. Each phase is a function of its own in dial/, takes the stream of the
// one before, and says in its errors which it is.

import type { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import type { Destination } from "./dial/destination.ts";
import type { RoadOptions } from "./dial/options.ts";
import { createWith, openOwn } from "./dial/own-stream.ts";
import { openTunnel, proxyFor } from "./dial/proxy.ts";
import { connectTcp, connectUnix } from "./dial/tcp.ts";
import { startTls } from "./dial/tls.ts";
import type { Hop, Trip } from "./dial/trip.ts";

export { type Destination, parseUrl } from "./dial/destination.ts";

/** The server as the last hop. */
export function hopOf({ url, isSecure }: Destination): Hop {
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? (isSecure ? 443 : 80) : Number(url.port),
    isSecure,
    isProxy: false,
  };
}

/**
 * Opens a stream to the server, which is connected when the promise resolves. It may be paused, and has bytes
 * in it if some came early; `ignore` listens to its errors until somebody else does.
 *
 * @throws TransportError HAWSER_CONNECT; HandshakeError of the proxy; or the reason of the signal
 */
export async function dial(
  destination: Destination,
  options: RoadOptions,
  trip: Trip,
): Promise<Duplex> {
  const server = hopOf(destination);
  const proxy = proxyFor(server, options.proxy);
  let stream = await open(proxy?.hop ?? server, options, trip);
  try {
    let isEncrypted = stream instanceof TLSSocket;
    if (proxy !== undefined) {
      if (proxy.hop.isSecure && !isEncrypted) {
        stream = await startTls(stream, proxy.hop, proxy.tls, trip);
      }
      await openTunnel(stream, server, proxy, options.tcp, trip);
      isEncrypted = false;
    }
    return server.isSecure && !isEncrypted
      ? await startTls(stream, server, options.tls, trip)
      : stream;
  } catch (error) {
    stream.destroy();
    throw error;
  }
}

/** The first stream, to the proxy if there is one. */
function open(hop: Hop, options: RoadOptions, trip: Trip): Promise<Duplex> {
  const { unix, createConnection, agent, tls, tcp } = options;
  if (unix !== undefined) return connectUnix(unix, trip);
  if (createConnection !== undefined) return openOwn(createConnection, hop, trip);
  if (agent !== undefined) return openOwn(createWith(agent, tls), hop, trip);
  return connectTcp(hop, tcp, trip);
}
