// Why there is no connection, and what to do about it: one table by the status of the answer, one by the error code of
// hawser, one by that of Node.

import { STATUS_CODES } from "node:http";
import { HandshakeError, TransportError } from "hawser";
import { exitCode } from "./exit-code.ts";

/** What is said of a failure to connect, and what it means for a script. */
export interface Explanation {
  readonly lines: readonly string[];
  readonly exitCode: number;
  /** Whether another attempt may do better. */
  readonly isTemporary: boolean;
}

const path = "look at the path and the query of the URL: the server has no WebSocket there";

const notAWebSocket =
  "this is an ordinary page, not a WebSocket: another path? Or a proxy before the server drops the header fields " +
  "Upgrade and Connection (nginx: proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade;)";

const tryLater = "try again later; --reconnect does that by itself";

const byStatus: Readonly<Record<number, string>> = {
  400: "the server does not like the request: look at the path, at --header, and whether it wants a --subprotocol",
  401: "it wants to know who you are: --auth user:password, --auth 'Bearer TOKEN', or --header 'Cookie: …'",
  403: "it knows who you are and says no, or wants a page's origin: --origin https://the.page.example",
  404: path,
  405: path,
  407: "this is a proxy's answer: give its user and password with --proxy http://user:password@host:port",
  410: path,
  421: "the server has nothing for this host: look at the host of the URL",
  426: "it wants another protocol or version: see its Upgrade and Sec-WebSocket-Version above; if it is an ordinary web server, look at the path",
  429: `too many connections or attempts: ${tryLater}`,
  431: "the header fields are too large: fewer of --header, or a shorter cookie",
  502: `a proxy can't reach the server behind it: ${tryLater}`,
  503: `the server takes no connections now: ${tryLater}`,
  504: `the server behind a proxy does not answer: ${tryLater}`,
};

const byHawserCode: Readonly<Record<string, string>> = {
  HAWSER_RESPONSE_MALFORMED:
    "what answers speaks no HTTP/1.1: with TLS on the port the URL begins with wss:; or the port is another service's",
  HAWSER_RESPONSE_CUT:
    "it hung up instead of answering: with TLS on the port the URL begins with wss:; a proxy or firewall may do it, too",
  HAWSER_RESPONSE_UPGRADE:
    "something between drops or changes header fields; try wss:, which nothing between can read",
  HAWSER_RESPONSE_CONNECTION:
    "something between drops or changes header fields; try wss:, which nothing between can read",
  HAWSER_RESPONSE_ACCEPT:
    "the server, or a cache before it, gives the answer to another request; try wss:, which nothing between can read",
  HAWSER_RESPONSE_EXTENSIONS: "the server is at fault; without --compression it may work",
  HAWSER_RESPONSE_SUBPROTOCOL:
    "the server speaks one subprotocol only: offer it with --subprotocol",
  HAWSER_RESPONSE_NO_SUBPROTOCOL: "offer one that the server knows, or none: --subprotocol",
  HAWSER_HTTP2_UNAVAILABLE:
    "leave --http2 away: the server can do it over HTTP/1.1 only, or not at all",
  HAWSER_HANDSHAKE_TIMEOUT:
    "a firewall may drop what is sent there; --connect-timeout SECONDS waits longer",
  HAWSER_PROXY_AUTHENTICATION:
    "give the proxy a user and a password: --proxy http://user:password@host:port",
  HAWSER_PROXY_REFUSED: "the proxy does not let you there: ask who runs it, or go without --proxy",
  HAWSER_PROXY_MALFORMED: "look at the scheme of --proxy: http:, https:, socks5: or socks5h:",
  HAWSER_PROXY_CUT: "look at the scheme of --proxy: http:, https:, socks5: or socks5h:",
};

const untrusted =
  "nobody whom you trust has signed the certificate: --ca FILE trusts one (a self-signed one itself); --insecure trusts all, for trying only";

const byNodeCode: Readonly<Record<string, string>> = {
  ECONNREFUSED: "nothing listens on that port: is the server running, and is the port right?",
  ENOTFOUND: "there is no such name: look at the host of the URL",
  EAI_AGAIN: "names can't be looked up now: is there a network, and a DNS server?",
  ETIMEDOUT: "nothing answers there: is the host right, and does a firewall stand between?",
  EHOSTUNREACH: "there is no way to that host: is there a network, or a VPN to switch on?",
  ENETUNREACH: "there is no way to that network: is there a network, or a VPN to switch on?",
  ECONNRESET: "it hung up at once: look at the port, and whether it is ws: or wss:",
  ENOENT: "there is no such unix socket: look at --unix",
  EACCES: "you may not use that socket or port",
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  CERT_HAS_EXPIRED:
    "the certificate is too old: the server needs a new one; --insecure takes it, for trying only",
  CERT_NOT_YET_VALID:
    "the certificate is not valid yet: is your clock right? --insecure takes it, for trying only",
  ERR_TLS_CERT_ALTNAME_INVALID:
    "the certificate is for other names: take one of those in the URL; --insecure does not look, for trying only",
  ERR_SSL_WRONG_VERSION_NUMBER: "no TLS is spoken there: the URL begins with ws: then",
  ERR_SSL_PACKET_LENGTH_TOO_LONG: "no TLS is spoken there: the URL begins with ws: then",
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED:
    "the server wants a certificate: --cert FILE --key FILE",
  ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE:
    "the server may want a certificate: --cert FILE --key FILE",
};

/** Explains an error of `connect`; undefined when it is none of those. */
export function explain(error: unknown): Explanation | undefined {
  if (error instanceof TransportError) {
    const advice = nodeCodesOf(error).flatMap((code) => byNodeCode[code] ?? []);
    const lines = [`hawser: ${error.message}`, ...adviceLine(advice[0])];
    return { lines, exitCode: exitCode.unreachable, isTemporary: true };
  }
  if (!(error instanceof HandshakeError)) return undefined;
  const { status, code } = error;
  return {
    lines: [`hawser: ${error.message}`, ...answerOf(error), ...adviceLine(adviceOn(error))],
    exitCode:
      status > 0 || code.startsWith("HAWSER_RESPONSE") || code === "HAWSER_HTTP2_UNAVAILABLE"
        ? exitCode.refused
        : exitCode.unreachable,
    isTemporary: status === 0 || status >= 500 || [408, 425, 429].includes(status),
  };
}

/** The answer as it came. */
function answerOf({ status, headers, body }: HandshakeError): string[] {
  if (status === 0) return [];
  const fields = [...headers].flatMap(([name, values]) =>
    values.map((value) => `  ${name}: ${value}`),
  );
  const text = body.trimEnd();
  return [
    `  HTTP ${status} ${STATUS_CODES[status] ?? ""}`.trimEnd(),
    ...fields,
    ...(text ? ["", text] : []),
  ];
}

function adviceOn({ status, code, headers }: HandshakeError): string | undefined {
  if (code !== "HAWSER_REFUSED") return byHawserCode[code] ?? byStatus[status];
  if (status >= 300 && status < 400 && headers.has("location")) {
    return `it is elsewhere: ${String(headers.get("location"))}; --redirects 5 goes there (wss: never leads to ws:)`;
  }
  if (status >= 200 && status < 300) return notAWebSocket;
  return byStatus[status] ?? (status >= 500 ? `the server failed: ${tryLater}` : undefined);
}

function adviceLine(advice: string | undefined): string[] {
  if (advice === undefined) return [];
  return [`What to do: ${advice}${/[?)]$/.test(advice) ? "" : "."}`];
}

/** The codes of the error's causes: of an AggregateError those of all attempts. */
function nodeCodesOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  const { code, cause } = error as NodeJS.ErrnoException;
  const inner = error instanceof AggregateError ? error.errors : [cause];
  return [...(code === undefined ? [] : [code]), ...inner.flatMap(nodeCodesOf)];
}
