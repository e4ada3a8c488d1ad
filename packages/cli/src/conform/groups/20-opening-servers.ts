// Group 20, for servers: requests that must not open a connection, and odd ones that have to.

import { type ServerCase } from "../engine/case.ts";
import type { ServerHand } from "../engine/by-hand.ts";
import { Conversation } from "../engine/conversation.ts";
import { endOf } from "../engine/played.ts";
import { type CaseJudgement, type Judgement, type Verdict } from "../engine/verdict.ts";
import { WireFault } from "../wire/frame-reader.ts";
import { type HttpHead, readHead } from "../wire/http-head.ts";
import { checkResponse, requestLines } from "../wire/opening.ts";
import { judgeEchoOf, text } from "./20-opening-echo.ts";

const limitMs = 2_000;

/** A request as lines, and how its octets are written. */
type Edit = (lines: string[], random: ServerHand["random"]) => string[];

interface Row {
  readonly title: string;
  readonly checks: string;
  readonly section: string;
  readonly edit: Edit;
}

interface Refusal extends Row {
  /** What the response is worth; a 101 has the verdict FAILED before it comes to this. */
  readonly judge: (head: HttpHead, status: number) => Judgement;
  /** The verdict on a server that opens the connection. */
  readonly opened?: Verdict;
}

interface Acceptance extends Row {
  /** What is wrong with the response, beyond what is always checked. */
  readonly fault?: (head: HttpHead) => string | undefined;
  /** Whether a server may refuse the request instead, which is NON-STRICT. */
  readonly mayBeRefused?: boolean;
  /** Octets a write. */
  readonly chop?: number;
  /** Whether the first frame is written together with the request. */
  readonly isEager?: boolean;
}

/** The lines without the fields of that name. */
export function without(lines: readonly string[], name: string): string[] {
  return lines.filter((line) => !line.toLowerCase().startsWith(`${name.toLowerCase()}:`));
}

function replaced(name: string, ...fields: readonly string[]): Edit {
  return (lines) => [...without(lines, name), ...fields];
}

function firstLine(change: (line: string) => string): Edit {
  return ([first = "", ...rest]) => [change(first), ...rest];
}

function refused({ firstLine: line }: HttpHead, status: number): Judgement {
  if (status >= 400 && status < 500) return { verdict: "OK", why: `the server refuses: ${line}` };
  const why = `the server does not open, with another status than 4xx: ${line}`;
  return { verdict: "NON-STRICT", why };
}

/** For a request that is good HTTP, and asks for no WebSocket. */
function answeredAsHttp({ firstLine: line }: HttpHead): Judgement {
  return { verdict: "OK", why: `the server answers as HTTP: ${line}` };
}

function wrongVersion(head: HttpHead, status: number): Judgement {
  const versions = head.fields.get("sec-websocket-version") ?? "";
  if (!versions.split(",").some((one) => one.trim() === "13")) {
    return { verdict: "FAILED", why: "the refusal has no Sec-WebSocket-Version with 13" };
  }
  if (status === 426) return { verdict: "OK", why: "426, with Sec-WebSocket-Version" };
  return { verdict: "NON-STRICT", why: `${status} and not 426, with Sec-WebSocket-Version` };
}

const key = "Sec-WebSocket-Key";
const keyRule = "RFC 6455 §4.2.1, no. 5";
const refusedChecks = "It is refused, with a status from 400 to 499.";

function wrongKey(title: string, ...values: readonly string[]): Refusal {
  const edit = replaced(key, ...values.map((value) => `${key}: ${value}`));
  return { title, checks: refusedChecks, section: keyRule, edit, judge: refused };
}

function version(value: string, opened: Verdict = "FAILED"): Refusal {
  return {
    title: `Sec-WebSocket-Version: ${value}`,
    checks: "It is refused, with 426 and a Sec-WebSocket-Version that has 13.",
    section: "RFC 6455 §4.2.2, §4.4",
    edit: replaced("Sec-WebSocket-Version", `Sec-WebSocket-Version: ${value}`),
    judge: wrongVersion,
    opened,
  };
}

function wrong(title: string, section: string, edit: Edit, judge = refused): Refusal {
  const checks = judge === refused ? refusedChecks : "It opens no WebSocket.";
  return { title, checks, section: `RFC 6455 §4.2.1, no. ${section}`, edit, judge };
}

const refusals: readonly Refusal[] = [
  wrongKey("No Sec-WebSocket-Key"),
  wrongKey("An empty Sec-WebSocket-Key", ""),
  wrongKey("A Sec-WebSocket-Key of 15 octets", Buffer.alloc(15, 1).toString("base64")),
  wrongKey("A Sec-WebSocket-Key of 17 octets", Buffer.alloc(17, 1).toString("base64")),
  wrongKey("A Sec-WebSocket-Key that is not Base64", "************************"),
  wrongKey(
    "Two Sec-WebSocket-Key",
    Buffer.alloc(16, 1).toString("base64"),
    Buffer.alloc(16, 2).toString("base64"),
  ),
  wrong("No Sec-WebSocket-Version", "6", replaced("Sec-WebSocket-Version")),
  // A server may support an older version as well (§4.4).
  version("8", "INFORMATIONAL"),
  version("12"),
  version("14"),
  version("0"),
  version("abc"),
  wrong(
    "The method POST",
    "1",
    firstLine((line) => line.replace("GET", "POST")),
  ),
  wrong(
    "HTTP/1.0",
    "1",
    firstLine((line) => line.replace("1.1", "1.0")),
    answeredAsHttp,
  ),
  wrong("No Host", "2", replaced("Host")),
  wrong("No Upgrade", "3", replaced("Upgrade"), answeredAsHttp),
  wrong("Upgrade: web-socket", "3", replaced("Upgrade", "Upgrade: web-socket"), answeredAsHttp),
  wrong("No Connection", "4", replaced("Connection"), answeredAsHttp),
  wrong(
    "Connection: keep-alive",
    "4",
    replaced("Connection", "Connection: keep-alive"),
    answeredAsHttp,
  ),
];

const opens = "The connection opens, and a text comes back.";

function odd(title: string, edit: Edit, more: Partial<Acceptance> = {}): Acceptance {
  return { title, checks: opens, section: "RFC 6455 §4.2.1", edit, ...more };
}

function added(...fields: readonly string[]): Edit {
  return (lines) => [...lines, ...fields];
}

/** Whether the answer chose a subprotocol that was not offered, in any case of letters. */
function notOffered(offered: readonly string[]): (head: HttpHead) => string | undefined {
  return ({ fields }) => {
    const chosen = fields.get("sec-websocket-protocol");
    if (chosen === undefined || offered.includes(chosen)) return undefined;
    return `the subprotocol ${chosen} was not offered`;
  };
}

function subprotocols(title: string, offered: readonly string[], ...fields: string[]): Acceptance {
  return odd(title, added(...fields.map((field) => `Sec-WebSocket-Protocol: ${field}`)), {
    checks: "The connection opens, with one of the offered subprotocols or none.",
    section: "RFC 6455 §4.2.2, no. 5",
    fault: notOffered(offered),
  });
}

/** Offers that have to be declined: no extension is in the response. */
function declined(title: string, field: string): Acceptance {
  return odd(title, added(`Sec-WebSocket-Extensions: ${field}`), {
    checks: "The connection opens, and the offer is declined; or (NON-STRICT) the answer is 400.",
    mayBeRefused: true,
    section: field.startsWith("permessage-deflate") ? "RFC 7692 §7.1" : "RFC 6455 §9.1",
    fault: ({ fields }) => {
      const chosen = fields.get("sec-websocket-extensions");
      return chosen && `the extension ${chosen} can't be chosen`;
    },
  });
}

/** OWS (RFC 9110 §5.6.3). Around that of `Connection` there are only spaces: llhttp, in many servers, knows no tab there. */
function padded(line: string, index: number): string {
  if (index === 0) return line;
  return line.startsWith("Connection")
    ? line.replace(": ", ":   ")
    : `${line.replace(": ", ":\t ")} \t`;
}

const acceptances: readonly Acceptance[] = [
  odd("Names of fields in capitals", (lines) =>
    lines.map((line) => line.replace(/^[\w-]+(?=:)/, (name) => name.toUpperCase())),
  ),
  odd("Names of fields in small letters", (lines) =>
    lines.map((line) => line.replace(/^[\w-]+(?=:)/, (name) => name.toLowerCase())),
  ),
  odd("Upgrade: WebSocket", replaced("Upgrade", "Upgrade: WebSocket")),
  odd("Connection: keep-alive, UPGRADE", replaced("Connection", "Connection: keep-alive, UPGRADE")),
  odd(
    "Connection in two fields",
    replaced("Connection", "Connection: keep-alive", "Connection: Upgrade"),
  ),
  odd("Spaces and tabs around values", (lines) => lines.map(padded)),
  odd("Fields that nobody knows", added("X-Unknown: 1", "Sec-WebSocket-Unknown: 2")),
  odd("One octet a write", (lines) => lines, { chop: 1 }),
  odd("The first frame together with the request", (lines) => lines, { isEager: true }),
  subprotocols("Two subprotocols that nobody knows", ["a.example", "b"], "a.example, b"),
  subprotocols("Two subprotocols in two fields", ["a.example", "b"], "a.example", "b"),
  declined("An extension that nobody knows", "x-unknown; level=9"),
  declined("permessage-deflate with an unknown parameter", "permessage-deflate; level=9"),
  declined("server_max_window_bits=16", "permessage-deflate; server_max_window_bits=16"),
  declined("server_max_window_bits=7", "permessage-deflate; server_max_window_bits=7"),
  declined("server_max_window_bits without a value", "permessage-deflate; server_max_window_bits"),
  declined("client_max_window_bits=07", "permessage-deflate; client_max_window_bits=07"),
  declined(
    "server_no_context_takeover with a value",
    "permessage-deflate; server_no_context_takeover=1",
  ),
  declined(
    "A parameter twice",
    "permessage-deflate; client_no_context_takeover; client_no_context_takeover",
  ),
];

async function ask(
  { target, random, log, dial }: ServerHand,
  { edit, chop, isEager = false }: Acceptance,
): Promise<{ head: HttpHead; key: string; socket: Awaited<ReturnType<ServerHand["dial"]>> }> {
  const socket = await dial();
  const ownKey = random.octets(16).toString("base64");
  const request = [...edit(requestLines(target, ownKey), random), "\r\n"].join("\r\n");
  log.http("tester", request);
  const octets = Buffer.from(request, "latin1");
  if (isEager) socket.write(Buffer.concat([octets, text(random, "client")]));
  else if (chop === undefined) socket.write(octets);
  else for (const octet of octets) socket.write(Buffer.of(octet));
  const head = await readHead(socket, limitMs);
  log.http("peer", head.text);
  return { head, key: ownKey, socket };
}

async function playRefusal(hand: ServerHand, refusal: Refusal): Promise<CaseJudgement> {
  let judgement: Judgement;
  try {
    const { head } = await ask(hand, refusal);
    const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(head.firstLine)?.[1]);
    judgement =
      status === 101
        ? { verdict: refusal.opened ?? "FAILED", why: "the server has opened a connection" }
        : refusal.judge(head, status);
  } catch (error) {
    if (!(error instanceof WireFault)) throw error;
    const isSilent = error.message.startsWith("no opening handshake");
    judgement = isSilent
      ? { verdict: "FAILED", why: error.message }
      : { verdict: "NON-STRICT", why: `the server does not say why: ${error.message}` };
  }
  const { verdict } = judgement;
  const isWrong = verdict === "FAILED";
  const behaviorClose: Judgement = isWrong ? judgement : { verdict: "OK", why: "nothing is open" };
  return { behavior: judgement, behaviorClose };
}

async function playAcceptance(hand: ServerHand, acceptance: Acceptance): Promise<CaseJudgement> {
  const { head, key: ownKey, socket } = await ask(hand, acceptance);
  if (acceptance.mayBeRefused === true && head.firstLine.startsWith("HTTP/1.1 400")) {
    const behavior: Judgement = { verdict: "NON-STRICT", why: "400: it might have declined only" };
    return { behavior, behaviorClose: { verdict: "OK", why: "nothing is open" } };
  }
  checkResponse(withoutSubprotocol(head), ownKey);
  const opened = { agreement: undefined, rest: head.rest, fields: head.fields };
  const fault = acceptance.fault?.(head);
  if (fault !== undefined) throw new WireFault(fault, acceptance.section);
  if (head.fields.has("sec-websocket-extensions")) {
    throw new WireFault("the server chose an extension that was not offered", "RFC 6455 §9.1");
  }
  const { random, log } = hand;
  const conversation = new Conversation("client", socket, opened, random, log);
  const judgement = await judgeEchoOf(conversation, acceptance.isEager !== true);
  await endOf(conversation, limitMs);
  return judgement;
}

/** What was chosen of the subprotocols is for the case to judge. */
function withoutSubprotocol(head: HttpHead): HttpHead {
  const fields = new Map(head.fields);
  fields.delete("sec-websocket-protocol");
  return { ...head, fields };
}

export const openingForServers: readonly ServerCase[] = [
  ...refusals.map(
    (row, index): ServerCase => ({
      kind: "server",
      id: `20.1.${index + 1}`,
      title: row.title,
      checks: row.checks,
      section: row.section,
      limitMs,
      expected: "a response that opens no connection",
      play: (hand) => playRefusal(hand, row),
    }),
  ),
  ...acceptances.map(
    (row, index): ServerCase => ({
      kind: "server",
      id: `20.2.${index + 1}`,
      title: row.title,
      checks: row.checks,
      section: row.section,
      limitMs,
      expected: "101, and an echo",
      play: (hand) => playAcceptance(hand, row),
    }),
  ),
];
