// Every way in which a proxy says no, or says what it must not, as data: error code → message and source.
// None of them repeats a credential.

import { type ConnectPhase, HandshakeError, type HandshakeDetails } from "../../protocol/index.ts";

/** Why a proxy opens no tunnel: error code → message, source. */
export const proxyFaults = {
  HAWSER_PROXY_REFUSED: { rfc: "RFC 9110 §9.3.6, RFC 1928 §6", message: "it opens no tunnel" },
  HAWSER_PROXY_AUTHENTICATION: {
    rfc: "RFC 9110 §15.5.8, RFC 1929 §2",
    message: "it wants a user and a password, or others than it was given",
  },
  HAWSER_PROXY_MALFORMED: {
    rfc: "RFC 9112 §4, RFC 1928 §3",
    message: "its answer is not of its protocol",
  },
  HAWSER_PROXY_TOO_LARGE: {
    rfc: "RFC 9110 §5.4",
    message: "the head of its answer is larger than 16 KiB or has more than 128 fields",
  },
  HAWSER_PROXY_CUT: { rfc: "RFC 9112 §8", message: "the connection ended before its answer did" },
} as const;

export type ProxyFaultCode = keyof typeof proxyFaults;

/** Makes the error of a row; `said` is what the proxy gave as its reason. */
export function proxyFault(
  code: ProxyFaultCode,
  proxy: string,
  phase: ConnectPhase,
  details: HandshakeDetails & { readonly said?: string } = {},
): HandshakeError {
  const { message } = proxyFaults[code];
  const { said, ...rest } = details;
  const why = said === undefined ? message : `${message}; it says ${said}`;
  return new HandshakeError(code, `${proxy} (${phase}): ${why}`, { ...rest, phase });
}
