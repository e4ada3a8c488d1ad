// The `hawser` command as a function: arguments in, exit code out; it touches the process only
// through `io`, and never ends it.

import { readFileSync } from "node:fs";
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { addConform } from "./conform/command.ts";
import { connectLines } from "./connect.ts";
import { type Io, processIo, say } from "./io.ts";
import { serveEcho } from "./serve.ts";

export type { Io } from "./io.ts";

/**
 * Runs the command with the arguments that follow its name; resolves with the exit code.
 *
 * @param io streams and signal; those of this process by default
 */
export async function run(argv: readonly string[], io: Partial<Io> = {}): Promise<number> {
  const surroundings: Io = {
    stdin: io.stdin ?? processIo.stdin,
    stdout: io.stdout ?? processIo.stdout,
    stderr: io.stderr ?? processIo.stderr,
    signal: io.signal ?? processIo.signal,
  };
  let exitCode = 0;
  const program = createProgram(surroundings, (code) => {
    exitCode = code;
  });
  try {
    await program.parseAsync(argv, { from: "user" });
    return exitCode;
  } catch (error) {
    // Commander has told it already: a wrong argument, or that help was asked for.
    if (error instanceof CommanderError) return error.exitCode;
    say(surroundings, `hawser: ${error instanceof Error ? error.message : String(error)}`);
    return 1;
  }
}

function createProgram(io: Io, done: (exitCode: number) => void): Command {
  const program = new Command("hawser")
    .description("WebSocket in the terminal")
    .version(version())
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
    });
  program
    .command("serve")
    .description("run a server that sends every message back")
    .option("--port <number>", "port to listen on; 0 picks a free one", parsePort, 8080)
    .option("--host <name>", "address to listen on", "localhost")
    .action(async (options: { port: number; host: string }) => {
      done(await serveEcho(options, io));
    });
  program
    .command("connect")
    .description("send each line of standard input as a message, print what comes (binary as hex)")
    .argument("<url>", "ws: or wss: URL")
    .option("--protocol <name>", "subprotocol to offer; may be repeated", appendTo<string>, [])
    .option("--header <field>", "'Name: value' to send; may be repeated", appendHeader, [])
    .action(async (url: string, options: { protocol: string[]; header: [string, string][] }) => {
      done(await connectLines(url, { protocols: options.protocol, headers: options.header }, io));
    });
  addConform(program, { io, version: version(), parsePort, appendHeader, done });
  return program;
}

function version(): string {
  const manifest = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new InvalidArgumentError("A port is a whole number from 0 to 65535.");
}

function appendTo<Item>(item: Item, items: readonly Item[]): Item[] {
  return [...items, item];
}

function appendHeader(
  text: string,
  headers: readonly (readonly [string, string])[],
): (readonly [string, string])[] {
  const [, name, value] = /^([^:\s]+):\s*(.*)$/.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw new InvalidArgumentError("A header looks like 'Name: value'.");
  }
  return appendTo([name, value] as const, headers);
}
