// Which end of the connection speaks: the rules of masking (RFC 6455 §5.1) and of who closes TCP
// first (§7.1.1) hang on it, and nothing else does.

/** The end of the connection that an endpoint plays, RFC 6455 §1.2. */
export type Role = "client" | "server";
