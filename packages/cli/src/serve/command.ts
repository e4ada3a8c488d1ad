// `hawser serve` on the command line.

import type { Command } from "commander";
import { parsePort } from "../shared/arguments.ts";
import type { CommandContext } from "../shared/command-context.ts";
import { serveEcho } from "./server.ts";

/** Adds the command to the program. */
export function addServe(program: Command, { io, done }: CommandContext): void {
  program
    .command("serve")
    .description("run a server that sends every message back")
    .option("--port <number>", "port to listen on; 0 picks a free one", parsePort, 8080)
    .option("--host <name>", "address to listen on", "localhost")
    .action(async (options: { port: number; host: string }) => {
      done(await serveEcho(options, io));
    });
}
