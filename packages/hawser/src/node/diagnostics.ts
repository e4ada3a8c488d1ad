// What can be watched from outside without patching anything: Node's `diagnostics_channel`. Nothing is
// built or published while nobody listens.

import { channel, type Channel } from "node:diagnostics_channel";

/**
 * - `hawser:upgrade` `{ request, error }`: a server decided on a handshake; `error` when refused
 * - `hawser:open` `{ connection }`: a connection opened, in either role
 * - `hawser:message` `{ connection, message }`: a message came, before its handler runs
 * - `hawser:close` `{ connection, code, reason, wasClean }`: a connection ended
 * - `hawser:error` `{ connection, error }`: something failed: a handler, the peer, the transport
 * - `hawser:broker` `{ broker, state, error }`: the broker of a server went away, or is back
 *
 * `connection` is a `Connection`; of a WebSocket or a WebSocketStream it is a `WatchedConnection`.
 */
export const diagnostics: Readonly<
  Record<"upgrade" | "open" | "message" | "close" | "error" | "broker", Channel>
> = {
  upgrade: channel("hawser:upgrade"),
  open: channel("hawser:open"),
  message: channel("hawser:message"),
  close: channel("hawser:close"),
  error: channel("hawser:error"),
  broker: channel("hawser:broker"),
};
