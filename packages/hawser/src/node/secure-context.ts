// New certificates for a server that goes on: connections that are open keep theirs, the next handshake has
// the new ones. What can't be used is found before anything has changed.

import type { Server as HttpServer } from "node:http";
import { createSecureContext, type SecureContextOptions, type Server as TlsServer } from "node:tls";
import { UsageError } from "../protocol/index.ts";

/** The options that are other ways to name the same: where one is given, the old ones are not kept. */
const identity = ["cert", "key", "pfx", "passphrase"] as const;

/**
 * Changes what the server shows and asks for in TLS; returns all that holds from then on.
 *
 * @throws UsageError HAWSER_NO_TLS, HAWSER_OPTION_INVALID
 */
export function changeSecureContext(
  http: HttpServer | undefined,
  before: SecureContextOptions | undefined,
  changes: SecureContextOptions,
): SecureContextOptions {
  if (http === undefined || before === undefined) {
    throw new UsageError("HAWSER_NO_TLS", "only a server that listens with `tls` has certificates");
  }
  // Node forgets what is not named again, a minimum version or an authority too.
  const kept: SecureContextOptions = { ...before };
  if (identity.some((name) => changes[name] !== undefined)) {
    for (const name of identity) delete kept[name];
  }
  const all = { ...kept, ...changes };
  try {
    // Node takes a certificate without its key, and no client could connect.
    if (all.cert && !all.key && !all.privateKeyIdentifier) throw new Error("cert without key");
    createSecureContext(all);
    (http as unknown as TlsServer).setSecureContext(all);
  } catch (error) {
    const { message } = error as Error;
    throw new UsageError("HAWSER_OPTION_INVALID", `the new certificates: ${message}`, error);
  }
  return all;
}
