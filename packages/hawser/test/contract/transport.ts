// What a connection runs over: TCP, TLS, a stream of HTTP/2, and whatever else brings bytes from one end to the other. A
// transport fills this narrow port, and `holdToContract` (contract.ts) holds it to what every connection does.
//
// To add one: an object with `start` that starts a server of Hawser, with whatever has to be before it, and gives clients
// that come that way. A test starts one server, and the next one begins when that has ended. Nothing in the contract looks
// at sockets, so it also runs whole in any runtime that has Hawser's API. The proxies' transports are with the pages of
// the docs that have their configurations (docs/test/harness/proxy-transport.ts).

import type {
  Connection,
  ConnectionFunction,
  ConnectOptions,
  ListenOptions,
  Server,
  ServerOptions,
} from "../../dist/index.js";

/** What a test wants of the server; where it listens is the transport's affair. */
export type ServerWishes = Omit<ServerOptions, keyof ListenOptions>;

export interface Transport {
  readonly name: string;
  /** As `request.httpVersion` has it on the server. */
  readonly httpVersion: "1.1" | "2.0";
  readonly isSecure: boolean;
  start(wishes: ServerWishes, run?: ConnectionFunction<unknown>): Promise<Running>;
}

/** A server that is reached over the transport. */
export interface Running {
  readonly server: Server;
  connect(options?: ConnectOptions): Promise<Connection>;
  /** Ends the server, and what `start` has started with it. */
  end(): Promise<void>;
}
