// A real pseudo-terminal with a program in it, and a terminal emulator that shows what is on the screen. Python's
// `pty` opens it: Node has none of its own.

import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { createRequire } from "node:module";
import type { Terminal as Emulator } from "@xterm/headless";

// The package is CommonJS whose exports Node can't tell.
const { Terminal } = createRequire(import.meta.url)("@xterm/headless") as {
  Terminal: typeof Emulator;
};

const driver = `
import fcntl, os, pty, select, struct, sys, termios
rows, columns, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
child, terminal = pty.fork()
if child == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    os.execvp(command[0], command)
sources = [0, terminal]
while True:
    ready, _, _ = select.select(sources, [], [])
    if terminal in ready:
        try:
            seen = os.read(terminal, 65536)
        except OSError:
            seen = b""
        if not seen:
            break
        os.write(1, seen)
    elif 0 in ready:
        typed = os.read(0, 65536)
        if typed:
            os.write(terminal, typed)
        else:
            sources.remove(0)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
`;

export interface TerminalOptions {
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: NodeJS.ProcessEnv;
}

export class TestTerminal {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #emulator: Emulator;
  readonly #changes = new EventEmitter();
  readonly exitCode: Promise<number | null>;
  /** All that was written, with its escape sequences. */
  raw = "";

  constructor(command: readonly string[], options: TerminalOptions = {}) {
    const { columns = 80, rows = 24, env = {} } = options;
    this.#emulator = new Terminal({ cols: columns, rows, allowProposedApi: true });
    this.#child = spawn("python3", ["-c", driver, String(rows), String(columns), ...command], {
      env: { ...process.env, TERM: "xterm-256color", NO_COLOR: "", ...env },
    });
    this.#child.stdout.on("data", (bytes: Buffer) => {
      this.raw += bytes.toString();
      this.#emulator.write(bytes, () => void this.#changes.emit("change"));
    });
    this.exitCode = once(this.#child, "close").then(() => {
      this.#changes.emit("change");
      return this.#child.exitCode;
    });
  }

  type(keys: string): void {
    this.#child.stdin.write(keys);
  }

  /** What is on the screen, without blanks at the ends of its lines, nor empty lines behind the last. */
  get screen(): string {
    const { active } = this.#emulator.buffer;
    const lines = Array.from({ length: this.#emulator.rows }, (_, row) =>
      (active.getLine(active.baseY + row)?.translateToString(true) ?? "").trimEnd(),
    );
    return lines.join("\n").trimEnd();
  }

  /** Where the cursor is. */
  get cursor(): { readonly row: number; readonly column: number } {
    const { cursorX, cursorY } = this.#emulator.buffer.active;
    return { row: cursorY, column: cursorX };
  }

  /** Resolves once the screen fits. */
  async until(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const match = pattern.exec(this.screen);
      if (match !== null) return match;
      if (this.#child.exitCode !== null) {
        throw new Error(`it ended, and ${pattern} is not on the screen:\n${this.screen}`);
      }
      await once(this.#changes, "change", { signal: AbortSignal.timeout(5000) }).catch(() => {
        throw new Error(`${pattern} does not appear on the screen:\n${this.screen}`);
      });
    }
  }

  kill(): void {
    this.#child.kill();
  }
}
