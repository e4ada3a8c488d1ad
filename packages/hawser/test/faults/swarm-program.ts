// Thousands of clients in one process: plain sockets that do the opening handshake, answer pings and
// Close frames, and take down when each publication reached them. A hundred of them share a source
// address, one has only some 28,000 ports; and who comes back has another, since a new connection
// between the same two ports can be mistaken for the one that has just ended.

import { Buffer } from "node:buffer";
import { connect, type Socket } from "node:net";
import { frame, opcodes, parseFrame } from "../support/frame.ts";
import { requestText } from "../support/http-head.ts";
import { obey, sharedNow, tell } from "./program.ts";

/** What `join` is told. */
export interface JoinOrder {
  readonly port: number;
  readonly count: number;
  /** Tells the processes of one swarm apart. */
  readonly serial: number;
}

const request = requestText();
/** How many open at a time, when they don't all storm in. */
const openingAtOnce = 100;
const handshakeLimitMs = 15_000;
const retryMs = 300;

let where: JoinOrder;
const members: Member[] = [];
let openCount = 0;
let isLeaving = false;
/** Undefined: whoever is lost has to tell. */
let comeBackWithinMs: number | undefined;
let retries = 0;
let onOpen: (() => void) | undefined;
/** When each publication came, by its number. */
const arrivals = new Map<string, number[]>();

class Member {
  readonly #sourceBlock: string;
  #attempts = 0;
  #socket: Socket | undefined;
  #unread: Buffer = Buffer.alloc(0);
  #isOpen = false;

  constructor(index: number) {
    this.#sourceBlock = `127.${10 + where.serial}.${Math.floor(index / 100)}`;
  }

  open(): void {
    const { port } = where;
    const localAddress = `${this.#sourceBlock}.${1 + (this.#attempts++ % 250)}`;
    const socket = connect({ port, host: "127.0.0.1", localAddress });
    this.#socket = socket;
    this.#unread = Buffer.alloc(0);
    socket.setTimeout(handshakeLimitMs, () => socket.destroy());
    socket.on("connect", () => socket.write(request));
    socket.on("data", (chunk: Buffer) => this.#read(chunk));
    socket.on("error", () => undefined);
    socket.on("close", () => this.#closed());
  }

  #read(chunk: Buffer): void {
    this.#unread = this.#unread.length === 0 ? chunk : Buffer.concat([this.#unread, chunk]);
    if (!this.#isOpen && !this.#readHead()) return;
    for (;;) {
      const parsed = parseFrame(this.#unread);
      if (parsed === undefined) return;
      this.#unread = this.#unread.subarray(parsed.size);
      const { opcode, payload } = parsed.frame;
      if (opcode === opcodes.text) arrived(payload.toString("latin1"));
      else if (opcode === opcodes.ping) this.#socket?.write(frame(opcodes.pong, payload));
      else if (opcode === opcodes.close) this.#socket?.end(frame(opcodes.close, payload));
    }
  }

  #readHead(): boolean {
    const end = this.#unread.indexOf("\r\n\r\n");
    if (end < 0) return false;
    const statusLine = this.#unread.toString("latin1", 0, 12);
    this.#unread = this.#unread.subarray(end + 4);
    if (statusLine !== "HTTP/1.1 101") {
      this.#socket?.destroy();
      return false;
    }
    this.#socket?.setTimeout(0);
    this.#isOpen = true;
    openCount++;
    onOpen?.();
    return true;
  }

  #closed(): void {
    const wasOpen = this.#isOpen;
    this.#isOpen = false;
    if (wasOpen) openCount--;
    if (isLeaving) {
      if (openCount === 0) tell("left");
    } else if (!wasOpen) {
      retries++;
      setTimeout(() => this.open(), retryMs * (0.5 + Math.random()));
    } else if (comeBackWithinMs === undefined) tell("lost");
    else setTimeout(() => this.open(), comeBackWithinMs * Math.random());
  }

  leave(): void {
    this.#socket?.write(frame(opcodes.close, Buffer.from([0x03, 0xe8])));
  }
}

/** A publication is "number time …", the time on the clock that all processes share. */
function arrived(message: string): void {
  const [number = "", sentMs] = message.split(" ", 2);
  let times = arrivals.get(number);
  if (times === undefined) arrivals.set(number, (times = []));
  times.push(sharedNow() - Number(sentMs));
  if (times.length < where.count) return;
  arrivals.delete(number);
  tell(`published ${number}`, Float64Array.from(times));
}

/** From now on: tells when as many have opened as there are. */
function countOpened(name: string, alsoDo?: () => void): void {
  const since = sharedNow();
  let opened = 0;
  retries = 0;
  onOpen = () => {
    alsoDo?.();
    if (++opened === where.count) tell(name, sharedNow() - since, retries);
  };
}

obey({
  /** Opens them all, not too many at a time. */
  join(order: JoinOrder) {
    where = order;
    for (let i = 0; i < where.count; i++) members.push(new Member(i));
    let next = 0;
    countOpened("joined", () => members[next++]?.open());
    while (next < Math.min(openingAtOnce, members.length)) members[next++]?.open();
  },
  /** From now on whoever loses its connection comes back after a random time up to this one. */
  comeBack(withinMs: number) {
    comeBackWithinMs = withinMs;
    countOpened("back");
    tell("coming back");
  },
  leave() {
    isLeaving = true;
    for (const member of members) member.leave();
  },
});
