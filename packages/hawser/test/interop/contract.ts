// ONE contract for every peer that nobody here wrote: the scenarios of scenarios.ts, each a script for
// either end of a connection, in the few steps below. What both ends must report follows from the
// scripts (`expected`), so a scenario is written once and never per peer.
//
// A peer is an adapter in peers/ that fills the narrow port `Peer`: start, run an order, report, end.
// Adapters in Node run in this process; the others are programs of their own that read orders and
// write reports as JSON, one a line (child.ts). run-contract.ts runs all scenarios with one peer.
//
// Nothing is skipped. What the API of a peer can't do stands in its `lacks`, with the reason; such a
// scenario is run all the same, and the test fails when the peer meets it after all: an entry that
// hides a failure of ours, or that is out of date, doesn't last. A tool that is missing fails the
// tests with a line that says what to install: apt-get install chromium python3-websockets
// python3-websocket.
//
// All of it is run without compression, and again with it, in every way that a peer can be told to
// compress (compressions.ts), with scenarios of its own (compressed-scenarios.ts).
//
// To add a peer: an adapter in peers/, a line in peers.ts. To add a scenario: a line in scenarios.ts.
// To run one peer: node --test --test-name-pattern=Chromium packages/hawser/dist-test/interop/*.test.js

import { createHash } from "node:crypto";

/** The largest message that a server of ours takes by default, RFC 6455 §10.4; past it 1009. */
export const maxMessageBytes: number = 1024 * 1024;

/** The subprotocol that every server here speaks, ours and theirs. */
export const spokenProtocol = "chat.v2";

/** The path at which every server here refuses with 401. */
export const refusedPath = "/refused";

/** Bytes of a message: `hex`, over and over, cut at `bytes`. */
export interface Payload {
  readonly kind: "text" | "binary";
  readonly hex: string;
  readonly bytes: number;
}

/** What one end does; all of it done, it waits for the connection to end. */
export type Step =
  /** `plain`: not compressed, even where compression was agreed on. */
  | { readonly do: "send"; readonly message: Payload; readonly plain?: true }
  /** One message in several frames; `ping` goes out behind the first, and its Pong is waited for. */
  | { readonly do: "fragments"; readonly parts: readonly Payload[]; readonly ping?: string }
  /** Waits for one message more. */
  | { readonly do: "receive" }
  /** Waits for the Pong too. */
  | { readonly do: "ping"; readonly payload: string }
  | { readonly do: "close"; readonly code?: number; readonly reason?: string };

/** What the API of a peer may have no way to do. Asked for it, the peer has to say so. */
export type Action =
  | "fragments"
  /** Fragments that end within a character. */
  | "split characters"
  | "ping"
  /** Leaving one message uncompressed. */
  | "plain"
  | "close without a code"
  | `close with ${number}`;

/** What a peer may fail to see. What is neither an Action nor in here can't be lacked. */
export type Perception =
  /** The status of a refused handshake. */
  | "status"
  /** The U+FEFF that a text begins with. */
  | "leading BOM"
  | `take ${number}`;

export type Ability = Action | Perception;

export interface Scenario {
  readonly name: string;
  /** What the peer has to be able to do. */
  readonly needs: readonly Ability[];
  /** The script of the peer, and ours. */
  readonly theirs: readonly Step[];
  readonly ours: readonly Step[];
  /** What the client asks for, whichever end it is. */
  readonly path?: string;
  readonly offers?: readonly string[];
  /** The subprotocol that both agree on. Default "". */
  readonly protocol?: string;
  /** The handshake is refused; the client has to see this. */
  readonly refused?: Refused;
  /** What the scripts don't tell: the connection fails. */
  readonly fails?: { readonly theirs: Ended; readonly ours: Ended };
}

/** How a connection ended; without `reason` any will do. */
export interface Ended {
  readonly code: number;
  readonly reason?: string;
  readonly wasClean: boolean;
}

export interface Refused {
  readonly refused: true;
  readonly status?: number;
}

/** What one end saw. */
export type Report =
  | {
      readonly protocol: string;
      /** The Sec-WebSocket-Extensions of the server's response, as this end has it; "" for none. */
      readonly extensions: string;
      /** As `describeMessage` puts them. */
      readonly messages: readonly string[];
      readonly pongs: readonly string[];
      readonly close: Ended;
    }
  | Refused
  /** The API refuses a step, or has nothing for it; the peer has closed the connection. */
  | { readonly cannot: string };

/**
 * How a peer is to compress, in the words of RFC 7692 §7.1; what its API doesn't let one say has no
 * effect. `true` knows the parameter and gives it no value, `false` does not take it.
 */
export interface PeerDeflate {
  readonly serverNoContextTakeover?: boolean;
  readonly clientNoContextTakeover?: boolean;
  readonly serverMaxWindowBits?: number | false;
  readonly clientMaxWindowBits?: number | boolean;
  /** Smaller messages are sent as they are. */
  readonly threshold?: number;
}

/** What a peer is told to do. A server gets no `url`: the order is for the next connection. */
export interface Order {
  readonly url?: string;
  readonly protocols: readonly string[];
  readonly steps: readonly Step[];
}

/** The port that every adapter fills. */
export interface Peer {
  readonly name: string;
  readonly role: "client" | "server";
  /** What its Close frame says in answer to ours: the same, the code alone, or always 1000. */
  readonly answers: "the same" | "the code" | "1000";
  /** Whether it compresses what it sends; one that doesn't may inflate all the same. */
  readonly deflates: boolean;
  readonly lacks: Readonly<Partial<Record<Ability, string>>>;
  /** For a client `url` is our server. @throws when a tool is missing */
  start(url: string, deflate?: PeerDeflate): Promise<RunningPeer>;
}

export interface RunningPeer {
  /** Where a server listens; "" for a client. */
  readonly url: string;
  run(order: Order): Promise<Report>;
  end(): Promise<void>;
}

/** What both ends report, or have to; undefined for one that gets no connection to report of. */
export interface Reports {
  readonly theirs: Report | undefined;
  readonly ours: Report | undefined;
}

/** What both ends have to report; `extensions` is what they have to agree on. */
export function expected(
  scenario: Scenario,
  peer: Pick<Peer, "role" | "answers">,
  extensions: string,
): Reports {
  const { refused, fails, protocol = "" } = scenario;
  if (refused !== undefined) {
    return peer.role === "client"
      ? { theirs: refused, ours: undefined }
      : { theirs: undefined, ours: refused };
  }
  const ends = fails ?? ending(scenario, peer.answers);
  const report = (does: readonly Step[], other: readonly Step[], close: Ended): Report => ({
    protocol,
    extensions,
    messages: fails === undefined ? messagesOf(other) : [],
    pongs: does.flatMap((step) => pingOf(step)),
    close,
  });
  return {
    theirs: report(scenario.theirs, scenario.ours, ends.theirs),
    ours: report(scenario.ours, scenario.theirs, ends.ours),
  };
}

/** Each end sees the Close frame of the other (§7.1.5, §7.1.6); ours answers with the code alone. */
function ending(
  { name, theirs, ours }: Scenario,
  answers: Peer["answers"],
): { theirs: Ended; ours: Ended } {
  const [step] = [...theirs, ...ours].filter((each) => each.do === "close");
  if (step === undefined) throw new Error(`nobody closes in "${name}"`);
  const initial: Ended = { code: step.code ?? 1005, reason: step.reason ?? "", wasClean: true };
  if (theirs.includes(step)) return { theirs: { ...initial, reason: "" }, ours: initial };
  const answer = {
    "the same": initial,
    "the code": { ...initial, reason: "" },
    "1000": { code: 1000, reason: "", wasClean: true },
  };
  return { theirs: initial, ours: answer[answers] };
}

function messagesOf(steps: readonly Step[]): string[] {
  return steps.flatMap((step) => {
    if (step.do === "send") return [describeMessage(step.message.kind, bytesOf(step.message))];
    if (step.do !== "fragments") return [];
    const [first] = step.parts as [Payload];
    return [describeMessage(first.kind, Buffer.concat(step.parts.map((part) => bytesOf(part))))];
  });
}

function pingOf(step: Step): string[] {
  if (step.do === "ping") return [step.payload];
  return step.do === "fragments" && step.ping !== undefined ? [step.ping] : [];
}

/** The report without what the expected one leaves open. */
export function comparable(report: Report | undefined, should: Report | undefined): unknown {
  if (report === undefined || should === undefined || "cannot" in report) return report;
  if ("refused" in report) {
    const isOpen = "refused" in should && should.status === undefined;
    return isOpen ? { refused: true } : report;
  }
  if (!("close" in should) || should.close.reason !== undefined) return report;
  const { code, wasClean } = report.close;
  return { ...report, close: { code, wasClean } };
}

/** The bytes that a payload stands for. */
export function bytesOf({ hex, bytes }: Payload): Buffer {
  return Buffer.alloc(bytes, hex, "hex");
}

/** A message as reports have it: its bytes, or their hash when they are many. */
export function describeMessage(kind: Payload["kind"], bytes: Uint8Array): string {
  if (bytes.length <= 128) return `${kind} ${Buffer.from(bytes).toString("hex")}`;
  return `${kind} of ${bytes.length} bytes, ${createHash("sha256").update(bytes).digest("hex")}`;
}
