// The conversation itself: what is typed or piped in goes out, what comes is shown, over one connection after the other
// if that is wanted. It ends once: by the user, by the end of the input and silence behind it, or by the other side.

import { setTimeout as sleep } from "node:timers/promises";
import { type Closed, type Connection, ConnectionClosedError } from "hawser";
import type { Io } from "../io.ts";
import { paintFor } from "../shared/paint.ts";
import { explain } from "./advice.ts";
import { Backoff } from "./backoff.ts";
import { Current } from "./current.ts";
import { type Display, PlainDisplay } from "./display.ts";
import { exitCode } from "./exit-code.ts";
import { FrameLog } from "./frame-log.ts";
import { History, historyPath } from "./history.ts";
import { parseJsonLine } from "./input-line.ts";
import { MessageFormat } from "./message-format.ts";
import { outcomeOf } from "./outcome.ts";
import { openPeers, type PeerHandlers, type Peers } from "./peers.ts";
import { Pings } from "./pings.ts";
import { PipedInput } from "./piped-input.ts";
import type { ConnectSettings } from "./settings.ts";
import { runSlashCommand, type SlashContext } from "./slash-command.ts";
import { Terminal } from "./terminal.ts";

/** A connection that lived so long was a success, and the next attempt comes soon. */
const stableMs = 5000;

/** Talks until it is over; resolves with the exit code. */
export async function converse(settings: ConnectSettings, io: Io): Promise<number> {
  return new Conversation(settings, io).run();
}

class Conversation {
  readonly #settings: ConnectSettings;
  readonly #io: Io;
  readonly #display: Display;
  readonly #terminal: Terminal | undefined;
  readonly #format: MessageFormat;
  readonly #current = new Current();
  readonly #pings: Pings;
  readonly #frames = new WeakMap<Connection, FrameLog>();
  readonly #backoff = new Backoff();
  readonly #stopped = new AbortController();
  #url = "";
  /** Whether this end is wanted: no connection follows. */
  #isEnding = false;
  #isInputOver = false;
  #inputFailed = false;
  /** The code that we closed with. */
  #closeCode: number | undefined;
  #received = 0;
  #silence: NodeJS.Timeout | undefined;
  #input: PipedInput | undefined;

  constructor(settings: ConnectSettings, io: Io) {
    this.#settings = settings;
    this.#io = io;
    const isTyped = io.stdin.isTTY === true && !settings.binary && !settings.jsonl;
    const history = settings.history ? new History(historyPath()) : undefined;
    this.#terminal = isTyped ? new Terminal(io, history) : undefined;
    this.#display = this.#terminal ?? new PlainDisplay(io);
    const isTerminal = io.stdout.isTTY === true;
    this.#format = new MessageFormat(settings, isTerminal, paintFor(io.stdout));
    this.#pings = new Pings((text) => this.#note(text));
  }

  async run(): Promise<number> {
    const { signal } = this.#io;
    const interrupted = (): void => this.#interrupt();
    signal.addEventListener("abort", interrupted, { once: true });
    if (signal.aborted) interrupted();
    let peers: Peers | undefined;
    try {
      peers = await openPeers(this.#settings.target, this.#handlers());
      this.#url = peers.url;
      if (this.#settings.target.kind === "listen") this.#note(`listening on ${peers.url}`);
      return await this.#talkToAll(peers);
    } catch (error) {
      const explained = explain(error);
      if (explained === undefined) throw error;
      for (const line of explained.lines) this.#display.note(line);
      return explained.exitCode;
    } finally {
      signal.removeEventListener("abort", interrupted);
      this.#over();
      await peers?.close();
    }
  }

  /** Nothing goes on. */
  #over(): void {
    clearTimeout(this.#silence);
    this.#terminal?.stop();
    this.#current.finish();
    this.#input?.stop();
  }

  #handlers(): PeerHandlers {
    return {
      pong: (_ws, payload) => this.#pings.answered(payload.toString()),
      ...(this.#settings.frames && {
        wire: (ws, direction, bytes) => this.#framesOf(ws).push(direction, bytes),
      }),
    };
  }

  #framesOf(ws: Connection): FrameLog {
    const { painted, paint } = this.#display;
    const known = this.#frames.get(ws);
    if (known !== undefined) return known;
    const log = new FrameLog(painted.bind(this.#display), paint);
    this.#frames.set(ws, log);
    return log;
  }

  // ---- One connection after the other

  async #talkToAll(peers: Peers): Promise<number> {
    for (;;) {
      let ended: number;
      try {
        const ws = await peers.next(this.#stopped.signal);
        const since = performance.now();
        ended = await this.#talk(ws);
        if (performance.now() - since >= stableMs) this.#backoff.succeeded();
      } catch (error) {
        if (this.#stopped.signal.aborted) return this.#whenInterrupted();
        const explained = explain(error);
        if (explained?.isTemporary !== true || !this.#mayTryAgain) throw error;
        this.#display.note(explained.lines[0] as string);
        ended = explained.exitCode;
      }
      if (this.#isEnding || !this.#mayTryAgain) return ended;
      if (this.#settings.target.kind === "dial" && !(await this.#pauseBeforeNext())) return ended;
    }
  }

  get #mayTryAgain(): boolean {
    const { reconnect, retries } = this.#settings;
    return reconnect && this.#backoff.failures < retries;
  }

  async #pauseBeforeNext(): Promise<boolean> {
    const delay = this.#backoff.next();
    this.#note(`connecting again in ${(delay / 1000).toFixed(1)} s`);
    try {
      await sleep(delay, undefined, { signal: this.#stopped.signal });
      return true;
    } catch {
      return false;
    }
  }

  #whenInterrupted(): number {
    this.#note("interrupted");
    return this.#settings.target.kind === "listen" ? exitCode.ok : exitCode.unreachable;
  }

  async #talk(ws: Connection): Promise<number> {
    const from = this.#settings.target.kind === "listen" ? ws.remoteAddress : this.#url;
    const details = [ws.protocol && `subprotocol ${ws.protocol}`, ws.extensions].filter(Boolean);
    this.#note(`connected to ${from}${details.length > 0 ? ` with ${details.join(", ")}` : ""}`);
    this.#closeCode = undefined;
    this.#current.found(ws);
    // Interrupted at the last moment.
    if (this.#isEnding) this.#close(ws, 1000);
    const greeted = this.#greet(ws);
    try {
      for await (const message of ws) await this.#show(message, ws);
    } catch (error) {
      if (!(error instanceof ConnectionClosedError)) throw error;
    }
    await greeted;
    const closed = await ws.closed;
    clearTimeout(this.#silence);
    this.#frames.get(ws)?.end();
    this.#current.lost();
    if (this.#isEnding || !this.#mayTryAgain) this.#terminal?.stop();
    return this.#tellEnd(closed);
  }

  /** Sends what is to come first; then whatever waits. */
  async #greet(ws: Connection): Promise<void> {
    try {
      for (const line of this.#settings.hello) await this.#act(line, ws);
    } catch (error) {
      // The end of the connection is reported where its messages are read.
      if (!(error instanceof ConnectionClosedError)) this.#failed(error, "--hello");
    }
    this.#current.ready();
    this.#startInput();
    if (this.#isInputOver) this.#awaitSilence(ws);
  }

  async #show(message: string | Buffer, ws: Connection): Promise<void> {
    const { count = Infinity } = this.#settings;
    if (this.#received >= count) return;
    this.#received++;
    await this.#display.result(this.#format.show(message, new Date()));
    if (this.#received >= count) this.#close(ws, 1000);
    else if (this.#isInputOver) this.#awaitSilence(ws);
  }

  #tellEnd(closed: Closed): number {
    const { text, isWanted, exitCode: code } = outcomeOf(closed, this.#closeCode);
    if (!isWanted) {
      this.#display.note(text);
      return code;
    }
    this.#note(text);
    if (this.#inputFailed) return exitCode.wrong;
    const { count = 0 } = this.#settings;
    if (this.#received >= count) return code;
    this.#display.note(`hawser: ${this.#received} of ${count} messages came`);
    return exitCode.unanswered;
  }

  // ---- What goes in

  #startInput(): void {
    if (this.#terminal !== undefined) {
      this.#terminal.start({
        line: (text) => void this.#typed(text),
        interrupted: () => this.#interrupt(),
        ended: () => this.#finish(),
      });
    } else if (this.#input === undefined) {
      this.#input = new PipedInput(this.#io.stdin, this.#current);
      const reading = this.#settings.binary
        ? this.#input.sendBytes()
        : this.#input.sendLines((line, ws) => this.#act(line, ws));
      reading.then(
        () => this.#inputEnded(),
        (error: unknown) => this.#failed(error, "standard input"),
      );
    }
  }

  /** Does what a line of input asks for. @throws Error about the line; ConnectionClosedError */
  async #act(line: string, ws: Connection): Promise<void> {
    const context = this.#contextOf(ws);
    if (!this.#settings.jsonl) {
      const isCommand = this.#settings.slash && line.startsWith("/");
      return isCommand ? runSlashCommand(line, context) : context.send(line);
    }
    const input = parseJsonLine(line);
    if (input.type === "message") await context.send(input.message);
    else if (input.type === "close") context.close(input.code, input.reason);
    else ws[input.type](input.payload);
  }

  async #typed(line: string): Promise<void> {
    const ws = this.#current.ws;
    if (ws?.state !== "open") return this.#note("not connected: nothing was sent");
    try {
      if (line.startsWith("/")) await runSlashCommand(line, this.#contextOf(ws));
      else if (line !== "") await this.#contextOf(ws).send(line);
    } catch (error) {
      if (!(error instanceof ConnectionClosedError)) this.#note((error as Error).message);
    }
  }

  #contextOf(ws: Connection): SlashContext {
    return {
      ws,
      url: this.#url,
      note: (text) => this.#note(text),
      send: async (message) => {
        if (!ws.send(message)) await ws.drained();
      },
      ping: (payload) => this.#pings.send(ws, payload),
      close: (code, reason) => {
        ws.close(code, reason);
        this.#isEnding = true;
        this.#closeCode = code;
      },
    };
  }

  // ---- The end

  #inputEnded(): void {
    this.#isInputOver = true;
    const { ws } = this.#current;
    if (ws !== undefined) this.#awaitSilence(ws);
  }

  /** A wrong line: what is behind it is not sent, as it was meant to come after it. */
  #failed(error: unknown, where: string): void {
    this.#inputFailed = true;
    this.#display.note(`hawser: ${where}: ${(error as Error).message}`);
    this.#finish();
  }

  /** Closes when nothing has come for a while. */
  #awaitSilence(ws: Connection): void {
    clearTimeout(this.#silence);
    const { waitMs } = this.#settings;
    if (waitMs === 0) this.#close(ws, 1000);
    else if (waitMs !== Infinity) {
      this.#silence = setTimeout(() => this.#close(ws, 1000), waitMs);
    }
  }

  #close(ws: Connection, code: number): void {
    this.#isEnding = true;
    this.#closeCode = code;
    ws.close(code);
  }

  /** Ends in good order, whatever it is at. */
  #finish(): void {
    this.#isEnding = true;
    this.#stopped.abort();
    const { ws } = this.#current;
    if (ws !== undefined) this.#close(ws, 1000);
  }

  /** Ctrl+C: in good order; the second time at once. */
  #interrupt(): void {
    const { ws } = this.#current;
    if (this.#isEnding && ws !== undefined) ws.terminate();
    else this.#finish();
  }

  #note(text: string): void {
    if (!this.#settings.quiet) this.#display.note(text);
  }
}
