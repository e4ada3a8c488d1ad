// How a command gets to a server: the options that every command with a URL has (credentials, header fields, TLS,
// proxies, compression, HTTP/2), and what `connect` of hawser is told for them.

import { readFileSync } from "node:fs";
import { type Command, InvalidArgumentError } from "commander";
import type { ConnectOptions } from "hawser";
import { appendHeader, appendTo, parseSeconds } from "./arguments.ts";

/** What commander makes of the options that `addRoadOptions` adds. */
export interface RoadValues {
  readonly header?: readonly (readonly [name: string, value: string])[];
  readonly auth?: string;
  readonly origin?: string;
  readonly subprotocol?: readonly string[];
  readonly compression?: boolean;
  readonly contextTakeover?: boolean;
  readonly http2?: boolean;
  readonly proxy?: string;
  readonly unix?: string;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly insecure?: boolean;
  readonly redirects?: number;
  readonly connectTimeout?: number;
}

/** Adds the options; read them with `connectOptionsOf(command.opts())`. */
export function addRoadOptions(command: Command): Command {
  return command
    .option("-H, --header <field>", "'Name: value' to send; may be repeated", appendHeader)
    .option("--auth <credentials>", "user:password, 'Bearer TOKEN', or @FILE with either in it")
    .option("--origin <origin>", "Origin to send, such as https://app.example.com")
    .option(
      "-s, --subprotocol <name>",
      "subprotocol to offer; may be repeated",
      appendTo<string>,
      [],
    )
    .option("--compression", "offer permessage-deflate")
    .option("--context-takeover", "the same, going on with what was sent before")
    .option("--http2", "WebSocket over HTTP/2 (RFC 8441); for ws: with prior knowledge")
    .option("--proxy <url>", "http:, https:, socks5: or socks5h: URL; or 'environment'")
    .option("--unix <path>", "connect to this unix socket, whatever the URL says")
    .option("--ca <file>", "certificates to trust (PEM), instead of the system's")
    .option("--cert <file>", "certificate to show to the server (PEM), with --key")
    .option("--key <file>", "its private key (PEM)")
    .option("--insecure", "accept any certificate: anybody may be listening in")
    .option("--redirects <number>", "how many redirects to follow; none by default", parseRedirects)
    .option("--connect-timeout <seconds>", "give up connecting after this; 10", parseSeconds);
}

/**
 * What `connect` is to be told.
 *
 * @throws Error for a file that can't be read, or options that don't go together
 */
export function connectOptionsOf(values: RoadValues): ConnectOptions {
  const { subprotocol = [], http2, proxy, unix, redirects, connectTimeout } = values;
  const tls = tlsOf(values);
  return {
    headers: headersOf(values),
    protocols: subprotocol,
    compression: compressionOf(values),
    ...(http2 === true && { http: 2 as const }),
    ...(proxy !== undefined && { proxy }),
    ...(unix !== undefined && { unix }),
    ...(tls !== undefined && { tls }),
    ...(redirects !== undefined && { maxRedirects: redirects }),
    ...(connectTimeout !== undefined && { handshakeTimeoutMs: connectTimeout }),
  };
}

/** The option `compression` of hawser, of a server or a client. */
export function compressionOf({
  compression = false,
  contextTakeover = false,
}: Pick<RoadValues, "compression" | "contextTakeover">): NonNullable<
  ConnectOptions["compression"]
> {
  return contextTakeover ? { mode: "dedicated" } : compression;
}

function headersOf({ header = [], auth, origin }: RoadValues): (readonly [string, string])[] {
  const headers = [...header];
  if (auth !== undefined) headers.push(["Authorization", authorizationOf(auth)]);
  if (origin !== undefined) headers.push(["Origin", origin]);
  return headers;
}

/** A scheme with what belongs to it is sent as it is; anything else is a user and a password (RFC 7617). */
function authorizationOf(auth: string): string {
  const given = auth.startsWith("@") ? readText("--auth", auth.slice(1)).trim() : auth;
  if (/^[A-Za-z][\w-]* +\S/.test(given)) return given;
  if (!given.includes(":")) {
    throw new Error("--auth takes user:password, or a scheme with its token: 'Bearer TOKEN'");
  }
  return `Basic ${Buffer.from(given).toString("base64")}`;
}

function tlsOf({ ca, cert, key, insecure }: RoadValues): ConnectOptions["tls"] | undefined {
  if ((cert === undefined) !== (key === undefined)) {
    throw new Error("--cert and --key go together: the certificate and its private key");
  }
  const tls = {
    ...(ca !== undefined && { ca: readText("--ca", ca) }),
    ...(cert !== undefined && { cert: readText("--cert", cert) }),
    ...(key !== undefined && { key: readText("--key", key) }),
    ...(insecure === true && { rejectUnauthorized: false }),
  };
  return Object.keys(tls).length > 0 ? tls : undefined;
}

/** @throws Error that names the option */
export function readText(option: string, path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new Error(`can't read the file of ${option}: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function parseRedirects(text: string): number {
  const redirects = Number(text);
  if (/^\d+$/.test(text) && redirects <= 100) return redirects;
  throw new InvalidArgumentError("A whole number from 0 to 100.");
}
