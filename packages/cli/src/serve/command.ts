// `hawser serve` on the command line.

import type { Command } from "commander";
import type { Io } from "../io.ts";
import { appendTo, parsePort } from "../shared/arguments.ts";
import type { CommandContext } from "../shared/command-context.ts";
import { compressionOf, readText } from "../shared/road-options.ts";
import { serveUntilEnd } from "./server.ts";

interface ServeValues {
  readonly port: number;
  readonly host: string;
  readonly echo?: boolean;
  readonly topic?: string;
  readonly static?: string;
  readonly tls?: boolean;
  readonly cert?: string;
  readonly key?: string;
  readonly http2?: boolean;
  readonly compression?: boolean;
  readonly contextTakeover?: boolean;
  readonly subprotocol: readonly string[];
  readonly allowOrigin: readonly string[];
  readonly verbose?: boolean;
  readonly quiet?: boolean;
}

const help = `
Pages of this host may connect, and those that --allow-origin names. With --tls the server makes a
certificate that signs itself, prints its fingerprint, and says how a client comes to trust it; the
certificate lies in a file as long as the server runs, the key is in memory only.

Examples:
  hawser serve                              an echo server on localhost:8080
  hawser serve --topic news --verbose       what one sends, all get; and the messages are shown
  hawser serve --static public --port 3000  files, and an echo server for their scripts
  hawser serve --tls --http2 --port 8443    wss and https, over HTTP/1.1 and HTTP/2
  hawser serve --host 0.0.0.0 --port 0      for other machines, on a free port

Ctrl+C closes the connections with 1001 and ends; exit code 0. What can't be served is exit code 1.
`;

/** Adds the command to the program. */
export function addServe(program: Command, { io, done }: CommandContext): void {
  program
    .command("serve")
    .description("run a server to try clients against")
    .option("-p, --port <number>", "port to listen on; 0 picks a free one", parsePort, 8080)
    .option("--host <name>", "address to listen on", "localhost")
    .option("--echo", "send every message back to who sent it; that is the default")
    .option("--topic <name>", "send every message to all who are connected")
    .option("--static <folder>", "serve the files of a folder over HTTP, too")
    .option("--tls", "wss, with a certificate made on the spot")
    .option("--cert <file>", "wss, with this certificate (PEM) and --key")
    .option("--key <file>", "its private key (PEM)")
    .option("--http2", "with TLS: HTTP/2 as well, for WebSockets and files")
    .option("--compression", "permessage-deflate, for clients that offer it")
    .option("--context-takeover", "the same, going on with what was sent before")
    .option(
      "-s, --subprotocol <name>",
      "subprotocol to accept; may be repeated",
      appendTo<string>,
      [],
    )
    .option(
      "--allow-origin <origin>",
      "origin whose pages may connect, * for all; may be repeated",
      appendTo<string>,
      [],
    )
    .option("-v, --verbose", "print messages, too")
    .option("-q, --quiet", "print the address only")
    .addHelpText("after", help)
    .action(async (values: ServeValues) => {
      done(await serveWith(values, io));
    });
}

/** @throws Error for options that don't go together, and files that can't be read */
function serveWith(values: ServeValues, io: Io): Promise<number> {
  const { topic, verbose, quiet } = values;
  if (values.echo === true && topic !== undefined) {
    throw new Error("--echo and --topic: a message goes back, or to all, not both");
  }
  const tls = tlsOf(values);
  if (values.http2 === true && tls === undefined) {
    throw new Error("--http2 needs --tls, or --cert and --key: clients choose it by ALPN");
  }
  return serveUntilEnd(
    {
      port: values.port,
      host: values.host,
      topic,
      staticFolder: values.static,
      tls,
      http2: values.http2 === true,
      compression: compressionOf(values),
      protocols: values.subprotocol,
      origins: values.allowOrigin,
      verbosity: quiet === true ? "quiet" : verbose === true ? "messages" : "connections",
    },
    io,
  );
}

function tlsOf({ tls, cert, key }: ServeValues): { cert: string; key: string } | "own" | undefined {
  if ((cert === undefined) !== (key === undefined)) {
    throw new Error("--cert and --key go together: the certificate and its private key");
  }
  if (cert === undefined || key === undefined) return tls === true ? "own" : undefined;
  return { cert: readText("--cert", cert), key: readText("--key", key) };
}
