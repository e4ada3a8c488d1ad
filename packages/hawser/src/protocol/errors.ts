// The classes of everything that can go wrong, told apart by who is to blame: the caller
// (UsageError), the peer (ProtocolError, LimitError), the network (TransportError), ourselves
// (InternalError), or nobody (ConnectionClosedError). Every error has a `code` that starts with "HAWSER_" and never changes.

/** Base of every error of Hawser. `code` is stable and starts with `HAWSER_`. */
export class HawserError extends Error {
  override readonly name: string = "HawserError";
  readonly code: string;

  constructor(code: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
  }
}

/** The caller's mistake: thrown at once, before anything reaches the wire. */
export class UsageError extends HawserError {
  override readonly name: string = "UsageError";
}

/** How far a client had come on its way to a server when it failed, or when its time was up. */
export type ConnectPhase =
  /** The address of the server, or of its proxy, and the connection to it. */
  | "TCP connect"
  /** A unix socket, or a named pipe of Windows. */
  | "unix connect"
  /** The option `createConnection` or `agent` opens the connection. */
  | "createConnection"
  /** TLS with an HTTPS proxy. */
  | "proxy TLS"
  /** An HTTP proxy was asked for a tunnel (RFC 9110 §9.3.6). */
  | "proxy CONNECT"
  /** A SOCKS5 proxy was asked for one (RFC 1928). */
  | "SOCKS5"
  /** TLS with the server. */
  | "TLS"
  /** The request is on its way, and the server's answer has not come, or is not what it has to be. */
  | "waiting for 101";

/** What a refused opening handshake tells, in either role. */
export interface HandshakeDetails {
  /** How far a client had come; undefined for a server. */
  readonly phase?: ConnectPhase;
  /** The HTTP status; 0 when there was no HTTP response at all. */
  readonly status?: number;
  /** Header fields; names in lower case. */
  readonly headers?: ReadonlyMap<string, readonly string[]>;
  /** The first bytes of the body, as text; at most 16 KiB. */
  readonly body?: string;
  readonly cause?: unknown;
}

/** The opening handshake did not end in a WebSocket connection (RFC 6455 §4). */
export class HandshakeError extends HawserError {
  override readonly name: string = "HandshakeError";
  /** The HTTP status of the refusal; 0 when no HTTP response came. */
  readonly status: number;
  /** Header fields of the refusal; names in lower case. */
  readonly headers: ReadonlyMap<string, readonly string[]>;
  /** The first bytes of the refusal's body, as text; at most 16 KiB. */
  readonly body: string;
  /** How far a client had come; undefined for a server. */
  readonly phase: ConnectPhase | undefined;

  constructor(code: string, message: string, details: HandshakeDetails = {}) {
    super(code, message, details.cause);
    this.status = details.status ?? 0;
    this.headers = details.headers ?? new Map();
    this.body = details.body ?? "";
    this.phase = details.phase;
  }
}

/** The peer broke a rule of the protocol; the connection fails with `closeCode`. */
export class ProtocolError extends HawserError {
  override readonly name: string = "ProtocolError";
  /** The code that our Close frame says: 1002, or 1007 for data that is not what it claims. */
  readonly closeCode: number;
  /** The rule that was broken, such as "RFC 6455 §5.2". */
  readonly rfc: string;
  /**
   * What broke it, where that is a number: the reserved bits (4, 2, 1 for RSV1, RSV2, RSV3), the
   * opcode, the length of the payload, the code of a Close frame.
   */
  readonly actual: number | undefined;

  constructor(
    code: string,
    message: string,
    closeCode: number,
    rfc: string,
    details: { readonly cause?: unknown; readonly actual?: number | undefined } = {},
  ) {
    super(code, message, details.cause);
    this.closeCode = closeCode;
    this.rfc = rfc;
    this.actual = details.actual;
  }
}

/** A limit was passed; the connection closes with `closeCode`. */
export class LimitError extends HawserError {
  override readonly name: string = "LimitError";
  /** What the limit allows. */
  readonly limit: number;
  /** What was seen when it was passed. */
  readonly actual: number;
  /** The code that our Close frame says: 1008, 1009 or 1013. */
  readonly closeCode: number;

  constructor(code: string, message: string, limit: number, actual: number, closeCode: number) {
    super(code, message);
    this.limit = limit;
    this.actual = actual;
    this.closeCode = closeCode;
  }
}

/** Our own fault: the connection fails with 1011, and the peer is not told why. `cause` says it. */
export class InternalError extends HawserError {
  override readonly name: string = "InternalError";
  /** The code that our Close frame says: 1011. */
  readonly closeCode: number = 1011;
}

/** The transport failed or ended without a closing handshake: seen locally as 1006. `cause` says why. */
export class TransportError extends HawserError {
  override readonly name: string = "TransportError";
  /** How far a client had come that could not connect; undefined for anything else. */
  readonly phase: ConnectPhase | undefined;

  constructor(code: string, message: string, cause?: unknown, phase?: ConnectPhase) {
    super(code, message, cause);
    this.phase = phase;
  }
}

/** Something was awaited on a connection that has closed. */
export class ConnectionClosedError extends HawserError {
  override readonly name: string = "ConnectionClosedError";
  /** The close code (RFC 6455 §7.1.5): 1005 without one, 1006 without a Close frame. */
  readonly closeCode: number;
  readonly reason: string;
  /** Whether both Close frames were exchanged. */
  readonly wasClean: boolean;

  constructor(closeCode: number, reason: string, wasClean: boolean, cause?: unknown) {
    const why = reason === "" ? `${closeCode}` : `${closeCode}: ${reason}`;
    super("HAWSER_CONNECTION_CLOSED", `the connection is closed (${why})`, cause);
    this.closeCode = closeCode;
    this.reason = reason;
    this.wasClean = wasClean;
  }
}
