// Who a client of TLS says that it is, and whether somebody whom the server trusts says so, too.

import type { PeerCertificate, TLSSocket } from "node:tls";

/** The certificate that a client has shown; a server asks for it with `requestCert` in `tls`. */
export interface ClientCertificate {
  /** As `node:tls` gives it: `subject`, `subjectaltname`, `fingerprint256`, `valid_to` and more. */
  readonly certificate: PeerCertificate;
  /** Whether an authority of the option `ca` vouches for it. Without that anybody may have made it. */
  readonly isAuthorized: boolean;
  /** Why not, such as "SELF_SIGNED_CERT_IN_CHAIN"; undefined when it is authorized. */
  readonly reason: string | undefined;
}

/** What the client at the other end of the socket has shown; undefined for nothing, and without TLS. */
export function clientCertificateOf(socket: object): ClientCertificate | undefined {
  // Not `in`: the socket that a request over HTTP/2 has is a stand-in that knows only what is read.
  if (typeof (socket as TLSSocket).getPeerCertificate !== "function") return undefined;
  const { authorized, authorizationError } = socket as TLSSocket;
  const certificate = (socket as TLSSocket).getPeerCertificate() as PeerCertificate | null;
  // Node gives an object without properties where there is no certificate.
  if (certificate?.raw === undefined) return undefined;
  // An Error by Node's types, and its code in truth.
  const reason = authorized ? undefined : String(authorizationError);
  return { certificate, isAuthorized: authorized, reason };
}
