// The terminal of somebody who types: lines are edited at the bottom, and what happens meanwhile is written above them.
// For that the edited line, which may take several rows, is cleared, and drawn anew below.

import {
  clearScreenDown,
  createInterface,
  cursorTo,
  type Interface,
  moveCursor,
} from "node:readline";
import type { Writable } from "node:stream";
import type { Io } from "../io.ts";
import { type Display, PlainDisplay } from "./display.ts";
import type { History } from "./history.ts";
import { Keys } from "./keys.ts";
import { slashCommands } from "./slash-command.ts";

/** What somebody at the keyboard can do. */
export interface TerminalEvents {
  line(text: string): void;
  /** Ctrl+C, with nothing typed. */
  interrupted(): void;
  /** Ctrl+D. */
  ended(): void;
}

export class Terminal extends PlainDisplay implements Display {
  readonly #io: Io;
  readonly #output: Writable;
  readonly #history: History | undefined;
  #lines: Interface | undefined;
  #keys: Keys | undefined;

  constructor(io: Io, history: History | undefined) {
    super(io);
    this.#io = io;
    // What is typed must be seen, also where the results go into a file.
    this.#output = io.stdout.isTTY === true ? io.stdout : io.stderr;
    this.#history = history;
  }

  /** Begins to read lines; once. */
  start(events: TerminalEvents): void {
    if (this.#lines !== undefined) return;
    const keys = new Keys(this.#io.stdin);
    this.#keys = keys;
    const lines = createInterface({
      input: keys,
      output: this.#output,
      terminal: true,
      prompt: "> ",
      history: this.#history?.load() ?? [],
      historySize: 1000,
      removeHistoryDuplicates: true,
      completer: complete,
    });
    this.#lines = lines;
    lines.on("line", (text) => {
      this.#history?.add(text);
      events.line(text);
      this.#lines?.prompt();
    });
    lines.on("SIGINT", () => {
      if (lines.line === "") events.interrupted();
      // As a shell does: what was typed is forgotten.
      else forget(lines);
    });
    lines.on("close", () => {
      if (this.#lines === undefined) return;
      this.#leave(lines);
      events.ended();
    });
    lines.prompt();
  }

  /** Reads no more; what was being typed is cleared away. */
  stop(): void {
    const lines = this.#lines;
    if (lines === undefined) return;
    this.#leave(lines);
    lines.close();
  }

  #leave(lines: Interface): void {
    this.#lines = undefined;
    this.#clear(lines);
    this.#keys?.stop();
  }

  override result(chunk: string | Uint8Array): Promise<void> {
    return this.#above(() => super.result(chunk));
  }

  override note(text: string): void {
    this.#above(() => super.note(text));
  }

  override painted(line: string): void {
    this.#above(() => super.painted(line));
  }

  /** Writes above the line that is being edited. */
  #above<Result>(write: () => Result): Result {
    const lines = this.#lines;
    if (lines === undefined) return write();
    const { rows } = this.#clear(lines);
    const result = write();
    // Readline goes up as many rows as the cursor was below the prompt when it drew last.
    this.#output.write("\n".repeat(rows));
    lines.prompt(true);
    return result;
  }

  #clear(lines: Interface): { rows: number } {
    const { rows } = lines.getCursorPos();
    moveCursor(this.#output, 0, -rows);
    cursorTo(this.#output, 0);
    clearScreenDown(this.#output);
    return { rows };
  }
}

/** What Tab makes of a line: of the beginning of a slash command the whole, of anything else the same with a tab. */
function complete(line: string): [string[], string] {
  if (!line.startsWith("/") || line.startsWith("//")) return [[`${line}\t`], line];
  const fitting = Object.keys(slashCommands).filter((name) => name.startsWith(line));
  return [fitting.map((name) => `${name} `), line];
}

/** Clears the line as Ctrl+E and Ctrl+U do. */
function forget(lines: Interface): void {
  lines.write(null, { ctrl: true, name: "e" });
  lines.write(null, { ctrl: true, name: "u" });
}
