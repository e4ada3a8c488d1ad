// `hawser serve`: a server to try a client against. It sends every message back to who sent it, or to all, and
// reads the next one only when the client keeps up with the answers.

import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ConnectionClosedError,
  type ListenOptions,
  type Server,
  serve,
  type ServerOptions,
} from "hawser";
import type { Io } from "../io.ts";
import { makeCertificate, type OwnCertificate } from "./certificate.ts";
import { Log, type Verbosity } from "./log.ts";
import { staticFolder } from "./static-folder.ts";

export interface ServeOptions {
  readonly port: number;
  readonly host: string;
  /** What a client sends goes to all; without it, back to the client. */
  readonly topic: string | undefined;
  readonly staticFolder: string | undefined;
  /** With a certificate, or one that is made. */
  readonly tls: { readonly cert: string; readonly key: string } | "own" | undefined;
  readonly http2: boolean;
  readonly compression: NonNullable<ServerOptions["compression"]>;
  readonly protocols: readonly string[];
  /** Pages of other hosts that may connect; "*" for all. */
  readonly origins: readonly string[];
  readonly verbosity: Verbosity;
}

/** As large as clients send things to try. */
const maxMessageBytes = 64 * 1024 * 1024;

/** The connection's number in the log. */
interface Data {
  readonly number: number;
}

/** Serves until `io.signal` aborts; resolves with the exit code once every connection has closed. */
export async function serveUntilEnd(options: ServeOptions, io: Io): Promise<number> {
  const log = new Log(io, options.verbosity);
  const own = options.tls === "own" ? makeCertificate(options.host) : undefined;
  const server = await listen(options, own, log);
  const certificateFolder = own && saved(own);
  try {
    greet(options, server, log);
    if (own !== undefined && certificateFolder !== undefined) {
      explain(own, join(certificateFolder, fileName), server.url, log);
    }
    if (!io.signal.aborted) await once(io.signal, "abort");
    await server.close();
  } finally {
    if (certificateFolder !== undefined) rmSync(certificateFolder, { recursive: true });
  }
  log.head("closed", "");
  return 0;
}

async function listen(
  options: ServeOptions,
  own: OwnCertificate | undefined,
  log: Log,
): Promise<Server<Data>> {
  const { topic, origins, staticFolder: folder } = options;
  const tls = own ?? (options.tls === "own" ? undefined : options.tls);
  let connections = 0;
  const listenOptions: ListenOptions = {
    port: options.port,
    hostname: options.host,
    http2: options.http2,
    ...(tls !== undefined && { tls: { cert: tls.cert, key: tls.key } }),
  };
  const server: Server<Data> = await serve<Data>({
    ...listenOptions,
    maxMessageBytes,
    compression: options.compression,
    protocols: options.protocols,
    origins: origins.includes("*") ? "*" : origins,
    ...(folder !== undefined && { fetch: await staticFolder(folder) }),
    upgrade: () => ({ data: { number: ++connections } }),
    open(ws, request) {
      if (topic !== undefined) ws.subscribe(topic);
      const extras = [ws.protocol, ws.extensions].filter((extra) => extra !== "").join(", ");
      const what = `connected: ${request.url}${extras === "" ? "" : ` (${extras})`}`;
      log.connection(ws.data.number, "green", `${what} from ${request.ip ?? "a proxy"}`);
    },
    message(ws, message) {
      if (log.showsMessages) log.message(ws.data.number, message);
      if (topic === undefined) return ws.send(message) ? undefined : ws.drained();
      server.publish(topic, message);
      return undefined;
    },
    close(ws, code, reason) {
      const why = reason === "" ? "" : `: ${reason}`;
      log.connection(ws.data.number, "dim", `closed with ${code}${why}`);
    },
    error(error, ws) {
      // That it has closed is said already.
      if (error instanceof ConnectionClosedError) return;
      log.failure(ws?.data.number, error);
    },
  });
  return server;
}

const fileName = "cert.pem";

/** For clients to trust, as long as the server runs; returns the folder. */
function saved({ cert }: OwnCertificate): string {
  const folder = mkdtempSync(join(tmpdir(), "hawser-"));
  writeFileSync(join(folder, fileName), cert);
  return folder;
}

function greet(
  { topic, staticFolder: folder }: ServeOptions,
  { url }: Server<Data>,
  log: Log,
): void {
  const [kind, what] =
    topic === undefined
      ? ["echo", "every message comes back"]
      : ["topic", `every message goes to all who are connected (${topic})`];
  log.head(`${kind} server on ${url}`, `: ${what}; Ctrl+C ends it`);
  if (folder !== undefined) log.head(`files of ${folder} on ${url.replace("ws", "http")}/`, "");
}

function explain(
  { fingerprint, names }: OwnCertificate,
  file: string,
  url: string,
  log: Log,
): void {
  log.head("certificate", ` of its own, for ${names.join(", ")}`);
  log.head("  SHA-256 ", fingerprint);
  log.head("  to trust it", " while this runs:");
  log.head("", `    hawser connect --ca ${file} ${url}`);
  log.head("", `    NODE_EXTRA_CA_CERTS=${file} node client.js`);
  log.head("", `    curl --cacert ${file} ${url.replace("ws", "http")}/`);
  log.head("", "    a browser: open that page, compare the fingerprint, and go on");
}
