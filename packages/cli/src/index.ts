// The `hawser` command as a function: arguments in, exit code out; it touches the process only
// through `io`, and never ends it.

import { styleText } from "node:util";
import { Command, CommanderError } from "commander";
import { addBench } from "./bench/command.ts";
import { addCompletion } from "./completion/command.ts";
import { addConform } from "./conform/command.ts";
import { addConnect } from "./connect/command.ts";
import { type Io, processIo, say } from "./io.ts";
import { addServe } from "./serve/command.ts";
import { hasColors } from "./shared/paint.ts";
import { version } from "./shared/version.ts";

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
  addServe(program, { io, done });
  addConnect(program, { io, done });
  addBench(program, { io, done });
  addCompletion(program, { io, done });
  addConform(program, { io, done });
  return program;
}
