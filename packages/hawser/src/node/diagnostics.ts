// What can be watched from outside without patching anything: Node's `diagnostics_channel`. Nothing is
// built or published while nobody listens.

import { channel, type Channel } from "node:diagnostics_channel";

/**
 * - `hawser:upgrade` `{ request, error }`: a server decided on a handshake; `error` when refused
 * - `hawser:open` `{ connection }`: a connection opened, in either role
 * - `hawser:message` `{ connection, message }`: a message came, before its handler runs
 * - `hawser:close` `{ connection, code, reason, wasClean }`: a connection ended
 * - `hawser:error` `{ connection, error }`: something failed: a handler, the peer, the transport
 *
 * `connection` is a `Connection`; of a WebSocket or a WebSocketStream it is a `WatchedConnection`.
 */
export const diagnostics: Readonly<
  Record<"upgrade" | "open" | "message" | "close" | "error", Channel>
> = {
  upgrade: channel("hawser:upgrade"),
  open: channel("hawser:open"),
  message: channel("hawser:message"),
  close: channel("hawser:close"),
  error: channel("hawser:error"),
};
