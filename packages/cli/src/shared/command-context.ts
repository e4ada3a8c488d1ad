// What a command is given when it registers itself on the program: its surroundings, and where to leave its exit code.

import type { Io } from "../io.ts";

export interface CommandContext {
  readonly io: Io;
  /** Says with which exit code the process is to end. */
  done(exitCode: number): void;
}
