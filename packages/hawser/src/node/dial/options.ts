// The roads to a server: what `connect` may be told about how to get there, and which of it goes together.

import type { ConnectionOptions as TlsOptions } from "node:tls";
import { UsageError } from "../../protocol/index.ts";
import type { ConnectionAgent, CreateConnection } from "./own-stream.ts";
import type { ProxyOption } from "./proxy.ts";
import type { TcpOptions } from "./tcp.ts";

/** How to get to the server. */
export interface RoadOptions {
  /** For wss: what `node:tls` takes, such as `ca`, `cert`, `key` or `servername`. */
  readonly tls?: TlsOptions;
  /** What `node:net` takes for TCP, such as `lookup`, `family`, `localAddress` or `keepAlive`. */
  readonly tcp?: TcpOptions;
  /** Connects to this unix socket or named pipe instead of the URL's host and port. */
  readonly unix?: string;
  /**
   * A proxy to go through, by its URL: http:, https:, socks5: or socks5h:. "environment" has HTTP_PROXY,
   * HTTPS_PROXY, ALL_PROXY and NO_PROXY decide. Default none, whatever the environment says.
   */
  readonly proxy?: ProxyOption;
  /** Opens the connection to the server, or to the proxy: any stream. TLS is spoken over it, unless it is a TLSSocket. */
  readonly createConnection?: CreateConnection;
  /** An agent of `node:http` or `node:https` that opens the connection. */
  readonly agent?: ConnectionAgent;
}

/** @throws UsageError HAWSER_OPTION_INVALID */
export function checkRoad(options: RoadOptions): void {
  const { unix, createConnection, agent, proxy } = options;
  const given = Object.entries({ unix, createConnection, agent }).filter(([, one]) => one);
  if (given.length > 1 || (proxy !== undefined && (unix || agent))) {
    throw invalid(
      "unix, createConnection and agent exclude each other, and proxy the first and the last",
    );
  }
  if (createConnection !== undefined && typeof createConnection !== "function") {
    throw invalid("the option createConnection must be a function");
  }
  if (agent !== undefined && typeof agent.createConnection !== "function") {
    throw invalid("the option agent must be an agent of node:http or node:https");
  }
}

function invalid(message: string): UsageError {
  return new UsageError("HAWSER_OPTION_INVALID", message);
}
