// What went over the wire, for people: who, when, what, the first octets. A log is bounded: of a long
// conversation its beginning and its end are kept, and how much lies between.

import { opcodes } from "./frame.ts";

/** One line of a log. */
export interface LogEntry {
  /** Milliseconds since the beginning of the case. */
  readonly ms: number;
  /** Who did it; "note" is a remark of the tester. */
  readonly from: "tester" | "peer" | "note";
  readonly text: string;
  /** The first octets, as hex. */
  readonly octets?: string;
}

/** A frame, as far as the log shows it. */
export interface LoggedFrame {
  readonly fin: boolean;
  readonly rsv: number;
  readonly opcode: number;
  readonly masked: boolean;
  readonly payload: Uint8Array;
}

const keptFirst = 40;
const keptLast = 16;
const shownOctets = 32;
const shownText = 60;

type Line = Omit<LogEntry, "ms">;

/** An entry that is not written out, for most of a long conversation's never are. */
interface LateEntry {
  readonly ms: number;
  readonly line: () => Line;
}

export class WireLog {
  readonly #start: number = performance.now();
  readonly #first: LogEntry[] = [];
  #last: LateEntry[] = [];
  #dropped = 0;

  /** What is kept, in order. */
  get entries(): LogEntry[] {
    const last = this.#last.map(({ ms, line }) => ({ ms, ...line() }));
    if (this.#dropped === 0) return [...this.#first, ...last];
    const text = `… ${formatNumber(this.#dropped)} entries are left out here`;
    return [...this.#first, { ms: last[0]?.ms ?? 0, from: "note", text }, ...last];
  }

  /** Milliseconds since the beginning. */
  get ms(): number {
    return Math.round((performance.now() - this.#start) * 1000) / 1000;
  }

  note(text: string): void {
    this.#add(() => ({ from: "note", text }));
  }

  /** Shows the head of an HTTP message, without its credentials: reports go from hand to hand. */
  http(from: "tester" | "peer", head: string): void {
    const text = head
      .trimEnd()
      .replaceAll("\r\n", "\n")
      .replaceAll(/^((?:proxy-)?authorization|(?:set-)?cookie):.*/gim, "$1: (not shown)");
    this.#add(() => ({ from, text }));
  }

  octets(from: "tester" | "peer", text: string, octets: Uint8Array): void {
    this.#add(() => ({ from, text, octets: hexStart(octets, octets.length) }));
  }

  /** @param wire the frame as it is on the wire, or its beginning */
  frame(from: "tester" | "peer", frame: LoggedFrame, wire: Uint8Array): void {
    this.#add(() => {
      const length = frame.payload.length + (frame.masked ? 6 : 2);
      const octets = hexStart(wire, Math.max(wire.length, length));
      return { from, text: describeFrame(frame), octets };
    });
  }

  #add(line: () => Line): void {
    const { ms } = this;
    if (this.#first.length < keptFirst) {
      this.#first.push({ ms, ...line() });
      return;
    }
    this.#last.push({ ms, line });
    if (this.#last.length < 2 * keptLast) return;
    this.#dropped += keptLast;
    this.#last = this.#last.slice(keptLast);
  }
}

const names = new Map<number, string>(
  Object.entries(opcodes).map(([name, opcode]) => [opcode, name]),
);

function describeFrame({ fin, rsv, opcode, masked, payload }: LoggedFrame): string {
  const name = names.get(opcode) ?? `opcode ${opcode}`;
  const flags = [
    fin ? "FIN" : "no FIN",
    ...(rsv === 0 ? [] : [`RSV ${rsv}`]),
    ...(masked ? ["masked"] : []),
  ];
  const content = opcode === opcodes.close ? describeClosePayload(payload) : quote(payload);
  return `${name} frame, ${flags.join(", ")}, ${count(payload.length, "octet")}${content}`;
}

function describeClosePayload(payload: Uint8Array): string {
  if (payload.length < 2) return quote(payload);
  const code = Buffer.from(payload).readUInt16BE();
  return `: code ${code}${quote(payload.subarray(2))}`;
}

/** A colon and the payload as a text, or nothing where there is none to show. */
function quote(payload: Uint8Array): string {
  if (payload.length === 0) return "";
  const isLong = payload.length > shownText;
  const text = Buffer.from(payload.subarray(0, shownText)).toString();
  // A long one may be cut inside of a character.
  const shown = isLong ? text.replace(/\uFFFD+$/, "") : text;
  return /[\p{Cc}\uFFFD]/u.test(shown) ? "" : `: "${shown}"${isLong ? " …" : ""}`;
}

function hexStart(octets: Uint8Array, length: number): string {
  const hex = Buffer.from(octets.subarray(0, shownOctets)).toString("hex").match(/../g) ?? [];
  return `${hex.join(" ")}${length > shownOctets ? " …" : ""}`;
}

const numbers = new Intl.NumberFormat("en");

/** "65,536". */
export function formatNumber(number: number): string {
  return numbers.format(number);
}

/** "1 octet", "2 octets", "65,536 octets". */
export function count(number: number, what: string): string {
  return `${formatNumber(number)} ${what}${number === 1 ? "" : "s"}`;
}
