// The `hawser` command as a function: arguments in, exit code out; it touches the process only
// through `io`, and never ends it.

import { readFileSync } from "node:fs";
import { styleText } from "node:util";
import { Command, CommanderError } from "commander";
import { addCompletion } from "./completion/command.ts";
import { addConform } from "./conform/command.ts";
import { addConnect } from "./connect/command.ts";
import { type Io, processIo, say } from "./io.ts";
import { serveEcho } from "./serve.ts";
import { appendHeader, parsePort } from "./shared/arguments.ts";
import { hasColors } from "./shared/paint.ts";

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
      getOutHasColors: () => hasColors(io.stdout),
      getErrHasColors: () => hasColors(io.stderr),
    })
    .configureHelp({ styleTitle: (title) => styleText("bold", title, { validateStream: false }) });
  program
    .command("serve")
    .description("run a server that sends every message back")
    .option("--port <number>", "port to listen on; 0 picks a free one", parsePort, 8080)
    .option("--host <name>", "address to listen on", "localhost")
    .action(async (options: { port: number; host: string }) => {
      done(await serveEcho(options, io));
    });
  addConnect(program, { io, done });
  addCompletion(program, { io, done });
  addConform(program, { io, version: version(), parsePort, appendHeader, done });
  return program;
}

function version(): string {
  const manifest = readFileSync(new URL("../package.json", import.meta.url), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}
