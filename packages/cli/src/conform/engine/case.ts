// What a case is: data that both roles play the same way. A group is a file that lists its cases with
// these functions; groups/index.ts is the table of all of them.

import type { DeflateParameters } from "../wire/extensions.ts";
import { closePayload, type FrameSpec, opcodes } from "../wire/frame.ts";
import type { Random } from "../wire/random.ts";
import type { ClientHand, ServerHand } from "./by-hand.ts";
import type { Conversation } from "./conversation.ts";
import type { Delivery } from "./outgoing.ts";
import type { CaseJudgement } from "./verdict.ts";

/** What every case has. */
export interface CaseHead {
  /** Such as "6.4.1": group, subgroup, number. */
  readonly id: string;
  /** What the tester does. */
  readonly title: string;
  /** What is checked with that. */
  readonly checks: string;
  /** The rule, such as "RFC 6455 §5.5.2". */
  readonly section: string;
  /** The peer's time for the case, in milliseconds, after all has been sent. */
  readonly limitMs: number;
  /** Whether a server that went through this has to serve another connection. */
  readonly isServedAfter?: boolean;
}

/** Something is sent, and a list of events expected. */
export interface ScriptCase extends CaseHead {
  readonly kind: "script";
  /** Built when it is played, for payloads may be large. */
  readonly script: (random: Random) => Script;
  readonly close: CloseExpectation;
  /** Whatever comes is right. */
  readonly isInformational?: boolean;
  /** Whether the time it takes is part of the result. */
  readonly isMeasured?: boolean;
  /** permessage-deflate as the tester asks for it; without it the case is UNIMPLEMENTED. */
  readonly deflate?: readonly DeflateParameters[];
  /** What is NON-STRICT: the messages come, and the connection ends like this. */
  readonly tolerated?: Outcome;
  /** Only for servers: what the connection goes over instead of HTTP/1.1. */
  readonly over?: "HTTP/2";
}

export interface Outcome {
  readonly events: readonly ExpectedEvent[];
  readonly close: CloseExpectation;
}

export interface Script {
  readonly steps: readonly Step[];
  readonly events: Alternatives;
}

/** The lists of events that are good, by how good they are. */
export type Alternatives = Partial<Record<"OK" | "NON-STRICT", readonly ExpectedEvent[]>>;

export type Step =
  /** Frames; with `closes` they begin the closing handshake. */
  | {
      readonly do: "send";
      readonly frames: readonly FrameSpec[];
      readonly delivery: Delivery;
      readonly closes: boolean;
    }
  /** One frame in parts, cut in its payload at these places, and what is done at each cut. */
  | {
      readonly do: "send in parts";
      readonly frame: FrameSpec;
      readonly cuts: readonly number[];
      readonly between: readonly (readonly Step[])[];
    }
  | { readonly do: "pause"; readonly ms: number }
  /** The tester ends its direction of TCP. */
  | { readonly do: "end TCP" }
  | { readonly do: "mark"; readonly name: string };

export interface ExpectedEvent {
  readonly type: "text" | "binary" | "ping" | "pong" | "mark";
  readonly data?: Buffer;
  /** Where only the length counts. */
  readonly length?: number;
}

export interface CloseExpectation {
  /** Who has to end the connection. */
  readonly by: "tester" | "peer";
  /** The codes that the peer's Close frame may have; it may always have none. */
  readonly codes: readonly number[];
  /** Whether the closing handshake has to be complete, and a server has to end TCP. */
  readonly isClean: boolean;
  /** Whether a wrong code makes the behavior wrong, too. */
  readonly codeDecides?: boolean;
  /** Whether the peer has to end TCP, be it a server or a client. */
  readonly endsTcp?: boolean;
}

/** Messages there and back again, one at a time, and how long that takes. */
export interface RoundTripCase extends CaseHead {
  readonly kind: "round trips";
  readonly type: "text" | "binary";
  readonly rounds: number;
  /** The content of a round's message. */
  readonly content: (round: number) => Buffer;
  /** Octets a fragment; a message is one frame without. */
  readonly fragmentBytes?: number;
  /** permessage-deflate as the tester asks for it, in order of preference. */
  readonly deflate?: readonly DeflateParameters[];
}

/** Anything else: a function that plays and judges. */
export interface ProgramCase extends CaseHead {
  readonly kind: "program";
  readonly deflate?: readonly DeflateParameters[];
  readonly expected: string;
  readonly play: (conversation: Conversation, random: Random) => Promise<CaseJudgement>;
}

/** Something that only a server can be asked, on connections of the case's own making. */
export interface ServerCase extends CaseHead {
  readonly kind: "server";
  readonly expected: string;
  readonly play: (hand: ServerHand) => Promise<CaseJudgement>;
}

/** Something that only a client can be told, from its request on. */
export interface ClientCase extends CaseHead {
  readonly kind: "client";
  readonly expected: string;
  readonly play: (hand: ClientHand) => Promise<CaseJudgement>;
}

/** What is played on a connection that the role has opened. */
export type ConversationCase = ScriptCase | RoundTripCase | ProgramCase;

export type Case = ConversationCase | ServerCase | ClientCase;

/** Whether the case makes sense for what is tested. */
export function isFor(testCase: Case, tested: "server" | "client"): boolean {
  if (testCase.kind === "server" || testCase.kind === "client") return testCase.kind === tested;
  return tested === "server" || !("over" in testCase);
}

/** A group of cases. */
export interface Group {
  readonly number: number;
  readonly title: string;
  /** Whether it is there for its figures, and takes long. */
  readonly isPerformance: boolean;
  readonly cases: readonly Case[];
}

// What cases are written with.

/** The tester closes with 1000 once the events are there; the peer answers with that, or no code. */
export const cleanClose: CloseExpectation = { by: "tester", codes: [1000], isClean: true };

/** The peer has to fail the connection: with this code, with none, or by dropping TCP. */
export function failure(...codes: number[]): CloseExpectation {
  return { by: "peer", codes, isClean: false };
}

export function send(frames: readonly FrameSpec[], delivery: Delivery = "at once"): Step {
  return { do: "send", frames, delivery, closes: false };
}

/** Frames with which the tester begins the closing handshake. */
export function closeWith(...frames: readonly FrameSpec[]): Step {
  return { do: "send", frames, delivery: "at once", closes: true };
}

/** The tester ends its direction of TCP. */
export const endTcp: Step = { do: "end TCP" };

/** The tester ends TCP first: the peer ends it, too, with or without a Close frame of this code. */
export function halfClose(...codes: readonly number[]): CloseExpectation {
  return { by: "tester", codes, isClean: false, endsTcp: true };
}

export function pause(ms: number): Step {
  return { do: "pause", ms };
}

export function mark(name: string): Step {
  return { do: "mark", name };
}

export function text(payload: string | Uint8Array, more: Partial<FrameSpec> = {}): FrameSpec {
  return { opcode: opcodes.text, payload: Buffer.from(payload as Uint8Array), ...more };
}

export function binary(payload: Uint8Array, more: Partial<FrameSpec> = {}): FrameSpec {
  return { opcode: opcodes.binary, payload, ...more };
}

export function continuation(payload: string | Uint8Array, fin: boolean): FrameSpec {
  return { opcode: opcodes.continuation, payload: Buffer.from(payload as Uint8Array), fin };
}

export function ping(payload: string | Uint8Array = ""): FrameSpec {
  return { opcode: opcodes.ping, payload: Buffer.from(payload as Uint8Array) };
}

export function pong(payload: string | Uint8Array = ""): FrameSpec {
  return { opcode: opcodes.pong, payload: Buffer.from(payload as Uint8Array) };
}

export function close(code: number, reason: string | Uint8Array = ""): FrameSpec {
  return { opcode: opcodes.close, payload: closePayload(code, reason) };
}

/** A message in fragments of these payloads. */
export function fragments(
  opcode: number,
  payloads: readonly (string | Uint8Array)[],
): readonly FrameSpec[] {
  return payloads.map((payload, index) => ({
    opcode: index === 0 ? opcode : opcodes.continuation,
    fin: index === payloads.length - 1,
    payload: Buffer.from(payload as Uint8Array),
  }));
}

/** An event that is expected. */
export function event(type: ExpectedEvent["type"], data: string | Uint8Array = ""): ExpectedEvent {
  return { type, data: Buffer.from(data as Uint8Array) };
}
