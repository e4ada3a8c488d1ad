// What a command reads from and writes to: the process itself by default, anything in a test.
// Results go to stdout and nothing else does; what is said about them goes to stderr. What the peer
// sent never reaches a terminal with its control characters, which could drive the terminal.

import type { Readable, Writable } from "node:stream";

/** The surroundings of a command. */
export interface Io {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable & { readonly isTTY?: boolean };
  readonly stderr: Writable;
  /** Ends the command in good order, as Ctrl+C does. */
  readonly signal: AbortSignal;
}

/** The process's own streams, with nothing that would end the command. */
export const processIo: Io = {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  signal: new AbortController().signal,
};

/** Writes a line about what is happening. */
export function say({ stderr }: Io, line: string): void {
  stderr.write(`${withoutControls(line)}\n`);
}

/** The text with its control characters written out, line feeds and tabs apart. */
export function withoutControls(text: string): string {
  return text.replaceAll(/(?![\n\t])\p{Cc}/gu, (control) => {
    const code = control.charCodeAt(0).toString(16).padStart(2, "0");
    return `\\x${code}`;
  });
}
