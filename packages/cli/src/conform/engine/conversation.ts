// One connection of the tester with what it tests, after the opening handshake: frames out, events
// in, and who ended it how. It answers pings and Close frames, and gives up when the peer breaks
// the protocol; what to make of all that is not its business.

import type { Duplex } from "node:stream";
import { closePayload, type FrameSpec, opcodes } from "../wire/frame.ts";
import { FrameReader, WireFault } from "../wire/frame-reader.ts";
import { MessageDeflate } from "../wire/message-deflate.ts";
import { MessageReader } from "../wire/message-reader.ts";
import type { Opened } from "../wire/opening.ts";
import type { Random } from "../wire/random.ts";
import { count, type WireLog } from "../wire/wire-log.ts";
import { FairTimer } from "./fair-timer.ts";
import { type Delivery, Outgoing } from "./outgoing.ts";

/** Who does something. */
export type Side = "tester" | "peer";

/** The tester's role on the wire. */
export type TesterRole = "client" | "server";

/** What was seen: a message, a ping, a pong, or a mark that the tester itself has set. */
export interface SeenEvent {
  readonly type: "text" | "binary" | "ping" | "pong" | "mark";
  readonly data: Buffer;
}

/** A Close frame of the peer. */
export interface PeerClose {
  readonly code: number | undefined;
  readonly reason: string;
}

/** The peer's time to answer a Close frame, and a server's to end TCP after that, in milliseconds. */
export const closeLimitMs = 1_000;

export class Conversation {
  readonly role: TesterRole;
  readonly log: WireLog;
  readonly events: SeenEvent[] = [];
  readonly deflate: MessageDeflate | undefined;
  readonly #socket: Duplex;
  readonly #outgoing: Outgoing;
  readonly #frames: FrameReader;
  readonly #messages: MessageReader;
  readonly #watchers: Set<() => void> = new Set();
  #timer: FairTimer | undefined;
  /** Octets that came, without the opening handshake. */
  octetsIn = 0;
  startedBy: Side | undefined;
  peerClose: PeerClose | undefined;
  fault: WireFault | undefined;
  droppedByTester = false;
  isOver = false;

  constructor(role: TesterRole, socket: Duplex, opened: Opened, random: Random, log: WireLog) {
    this.role = role;
    this.log = log;
    this.#socket = socket;
    this.#outgoing = new Outgoing(socket, role === "client", random, log);
    const { agreement, rest } = opened;
    this.deflate = agreement && new MessageDeflate(agreement);
    this.#frames = new FrameReader({ masked: role === "server", deflate: agreement !== undefined });
    this.#messages = new MessageReader(this.deflate);
    socket.on("error", (error) => this.log.note(`TCP: ${error.message}`));
    socket.on("end", () => this.#endedByPeer());
    socket.on("close", () => this.#finish());
    socket.on("data", (chunk: Buffer) => this.#receive(chunk));
    if (rest.length > 0) this.#receive(rest);
    if (socket.destroyed) this.#finish();
    else socket.resume();
  }

  /** Both have sent a Close frame, and TCP ended as it should. */
  get wasClean(): boolean {
    return this.#outgoing.hasClosed && this.peerClose !== undefined && !this.droppedByTester;
  }

  /** Whether nothing more should be said: §5.5.1, there are no data frames after the Close frame. */
  get isEnding(): boolean {
    return this.isOver || this.#outgoing.isOver || this.peerClose !== undefined;
  }

  /** Octets that were sent, without the opening handshake. */
  get octetsOut(): number {
    return this.#outgoing.octets;
  }

  async send(frames: readonly FrameSpec[], delivery: Delivery = "at once"): Promise<void> {
    await this.#outgoing.send(frames, delivery);
  }

  /** The frame as octets, for who writes it in parts. */
  serialize(frame: FrameSpec): Buffer {
    return this.#outgoing.serialize(frame);
  }

  /** Writes octets as they are. */
  async write(octets: Buffer): Promise<void> {
    await this.#outgoing.write(octets);
  }

  /** Begins the closing handshake, unless it has begun. */
  async close(code: number): Promise<void> {
    if (this.startedBy !== undefined) return;
    await this.closeWith([{ opcode: opcodes.close, payload: closePayload(code) }]);
  }

  /** Begins the closing handshake with these frames, of which one is a Close frame. */
  async closeWith(frames: readonly FrameSpec[], delivery: Delivery = "at once"): Promise<void> {
    if (this.startedBy === undefined) {
      this.startedBy = "tester";
      this.#limit(closeLimitMs, "the peer has not answered the Close frame");
    }
    await this.send(frames, delivery);
  }

  /** Ends the tester's direction of TCP; the peer has to end the other one. */
  endTcp(): void {
    if (this.isOver) return;
    this.log.note("the tester ends its direction of TCP");
    this.startedBy ??= "tester";
    this.#socket.end();
    this.#limit(closeLimitMs, "the peer has not ended TCP");
  }

  /** Something that the tester notes among the events, if the peer is still there. */
  mark(name: string): void {
    if (this.isEnding) return;
    this.log.note(name);
    this.events.push({ type: "mark", data: Buffer.from(name) });
  }

  /** Resolves with true once it is so, and with false when that can't come or takes too long. */
  until(isSo: () => boolean, limitMs: number): Promise<boolean> {
    if (isSo() || this.isOver) return Promise.resolve(isSo());
    return new Promise((resolve) => {
      const check = (isLate = false): void => {
        if (!isSo() && !this.isOver && !isLate) return;
        timer.stop();
        this.#watchers.delete(watcher);
        resolve(isSo());
      };
      const watcher = (): void => check();
      const timer = new FairTimer(limitMs, () => check(true));
      this.#watchers.add(watcher);
    });
  }

  /** Ends TCP at once, because the peer did not do what it should. */
  drop(why: string): void {
    if (this.isOver) return;
    this.log.note(`the tester drops TCP: ${why}`);
    this.startedBy ??= "tester";
    this.droppedByTester = true;
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    if (this.fault !== undefined) return;
    this.octetsIn += chunk.length;
    this.#frames.push(chunk);
    try {
      for (;;) {
        const frame = this.#frames.next();
        if (frame === undefined) break;
        this.log.frame("peer", frame, frame.octets);
        const heard = this.#messages.read(frame);
        if (heard?.type === "close") this.#receiveClose(heard.code, heard.reason.toString());
        else if (heard !== undefined) this.#receiveEvent(heard);
        this.#notify();
      }
    } catch (error) {
      if (!(error instanceof WireFault)) throw error;
      this.#fail(error);
    }
  }

  #receiveEvent(event: SeenEvent): void {
    this.events.push(event);
    if (event.type !== "ping") return;
    this.#outgoing.whenFree(() => {
      if (this.#outgoing.hasClosed) return;
      void this.send([{ opcode: opcodes.pong, payload: event.data }]);
    });
  }

  #receiveClose(code: number | undefined, reason: string): void {
    if (this.peerClose !== undefined) {
      this.log.note("a second Close frame");
      this.events.push({ type: "mark", data: Buffer.from("a second Close frame") });
      return;
    }
    this.peerClose = { code, reason };
    this.startedBy ??= "peer";
    this.#outgoing.whenFree(() => this.#finishClosing());
  }

  /** The rest of the closing handshake, once the peer's Close frame has come. */
  #finishClosing(): void {
    if (!this.#outgoing.hasClosed) {
      const code = this.peerClose?.code;
      const payload = isSendable(code) ? closePayload(code) : Buffer.alloc(0);
      void this.send([{ opcode: opcodes.close, payload }]);
    }
    if (this.role === "server") {
      this.log.note("the tester ends TCP");
      this.#socket.end();
      this.#limit(closeLimitMs, undefined);
    } else {
      this.#limit(closeLimitMs, "the server has not ended TCP after the closing handshake");
    }
  }

  #fail(fault: WireFault): void {
    this.fault = fault;
    const rest = this.#frames.rest;
    if (rest.length > 0) this.log.octets("peer", "octets that were not read", rest);
    this.drop(`${fault.message} (${fault.section})`);
  }

  #endedByPeer(): void {
    this.log.note("the peer has ended TCP");
    this.startedBy ??= "peer";
    this.#socket.end();
    this.#socket.destroy();
  }

  /** A watcher that has seen enough removes itself. */
  #notify(): void {
    for (const watcher of this.#watchers) watcher();
  }

  #limit(limitMs: number, why: string | undefined): void {
    this.#timer?.stop();
    this.#timer = new FairTimer(limitMs, () => {
      if (why === undefined) this.#socket.destroy();
      else this.drop(why);
    });
  }

  #finish(): void {
    if (this.isOver) return;
    this.#timer?.stop();
    this.isOver = true;
    this.startedBy ??= "peer";
    const { rest } = this.#frames;
    if (rest.length > 0 && this.fault === undefined) {
      this.log.octets("peer", `${count(rest.length, "octet")} of a frame that did not end`, rest);
    }
    this.#notify();
  }
}

/** Whether an endpoint may send the code (§7.4); what is no code at all is not sent back either. */
function isSendable(code: number | undefined): code is number {
  if (code === undefined || code < 1000 || code > 4999) return false;
  return code >= 3000 || (code <= 1014 && ![1004, 1005, 1006].includes(code));
}
