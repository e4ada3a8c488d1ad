// Close codes: which exist, and which may travel in a Close frame.
// 1005, 1006 and 1015 only ever describe what an endpoint saw locally (RFC 6455 §7.4.1); whoever
// finds one of them, or an unassigned one, on the wire fails the connection with 1002.

/** Close codes by name: RFC 6455 §7.4.1 and the IANA registry that it founds. */
export const CloseCode = {
  normal: 1000,
  goingAway: 1001,
  protocolError: 1002,
  unsupportedData: 1003,
  /** Never on the wire: the peer's Close frame carried no code. */
  noCode: 1005,
  /** Never on the wire: the connection ended without a Close frame. */
  abnormal: 1006,
  invalidPayload: 1007,
  policyViolation: 1008,
  messageTooBig: 1009,
  mandatoryExtension: 1010,
  internalError: 1011,
  serviceRestart: 1012,
  tryAgainLater: 1013,
  badGateway: 1014,
} as const;

/** The largest close reason, in bytes of UTF-8: 125 of a control frame less 2 of the code. */
export const maxCloseReasonBytes = 123;

/**
 * Whether the code may travel in a Close frame: 1000–1003, 1007–1014, and 3000–4999 for libraries
 * and applications (RFC 6455 §7.4.1, §7.4.2; 1012–1014 are registered with IANA).
 */
export function isWireCloseCode(code: number): boolean {
  if (code >= 3000) return code <= 4999;
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
}
