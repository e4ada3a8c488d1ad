// The lines that were typed, kept for the next time: in a file that only its owner reads, of a bounded length, under
// the folder that XDG names for such things. What can't be kept is not: a client works without.

import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

export const maxLines = 1000;
const maxLineLength = 4096;

/** $XDG_STATE_HOME/hawser/connect-history; relative paths are ignored, as XDG has it. */
export function historyPath(environment: NodeJS.ProcessEnv = process.env): string {
  const given = environment["XDG_STATE_HOME"] ?? "";
  const state = given.startsWith("/") ? given : join(homedir(), ".local", "state");
  return join(state, "hawser", "connect-history");
}

export class History {
  readonly #path: string;
  #room = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** The lines, newest first, as `node:readline` wants them. */
  load(): string[] {
    const lines = this.#read();
    this.#room = maxLines - lines.length;
    return lines.toReversed();
  }

  add(line: string): void {
    if (line.trim() === "" || line.length > maxLineLength) return;
    try {
      if (this.#room-- <= 0) this.#shorten();
      appendFileSync(this.#path, `${line}\n`, { mode: 0o600 });
    } catch {
      // A folder that can't be written is no reason to stop.
    }
  }

  #read(): string[] {
    try {
      const lines = readFileSync(this.#path, "utf8").split("\n");
      return lines.filter((line) => line !== "").slice(-maxLines);
    } catch {
      this.#makeFolder();
      return [];
    }
  }

  #makeFolder(): void {
    try {
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
    } catch {
      // As in `add`.
    }
  }

  /** Leaves the newer half, so that it is not to be done for each line. */
  #shorten(): void {
    const lines = this.#read().slice(-maxLines / 2);
    writeFileSync(this.#path, lines.map((line) => `${line}\n`).join(""), { mode: 0o600 });
    this.#room = maxLines - lines.length;
  }
}
