// Group 20, for clients: responses that must not open a connection, and odd ones that have to.

import type { ClientHand } from "../engine/by-hand.ts";
import type { ClientCase } from "../engine/case.ts";
import { Conversation } from "../engine/conversation.ts";
import type { CaseJudgement, Judgement } from "../engine/verdict.ts";
import { applyMask, opcodes } from "../wire/frame.ts";
import { checkRequest, responseLines } from "../wire/opening.ts";
import { judgeEchoOf, text } from "./20-opening-echo.ts";
import { without } from "./20-opening-servers.ts";

const limitMs = 2_000;

type Edit = (lines: string[]) => string[];

interface Row {
  readonly title: string;
  readonly section: string;
  readonly edit: Edit;
  /** Octets a write. */
  readonly chop?: number;
  /** Whether the first frame is written together with the response. */
  readonly isEager?: boolean;
  /** Whether the tester ends TCP behind the response. */
  readonly ends?: boolean;
}

/** All that a good response has, but the status. */
function asHttp(line: string): Edit {
  return ([, ...rest]) => [
    `HTTP/1.1 ${line}`,
    ...without(rest, "Connection"),
    "Connection: close",
    "Content-Length: 0",
  ];
}

function status(line: string): Edit {
  return ([, ...rest]) => [line, ...rest];
}

function replaced(name: string, ...fields: readonly string[]): Edit {
  return (lines) => [...without(lines, name), ...fields];
}

function added(...fields: readonly string[]): Edit {
  return (lines) => [...lines, ...fields];
}

const step = (number: number): string => `RFC 6455 §4.1, response no. ${number}`;
const accept = "Sec-WebSocket-Accept";

const refusals: readonly Row[] = [
  { title: "The status 200", section: step(1), edit: asHttp("200 OK"), ends: true },
  { title: "The status 400", section: step(1), edit: asHttp("400 Bad Request"), ends: true },
  { title: "The status 500", section: step(1), edit: asHttp("500 Error"), ends: true },
  { title: "No Upgrade", section: step(2), edit: replaced("Upgrade") },
  {
    title: "Upgrade: h2c",
    section: step(2),
    edit: replaced("Upgrade", "Upgrade: h2c"),
  },
  { title: "No Connection", section: step(3), edit: replaced("Connection") },
  {
    title: "Connection: keep-alive",
    section: step(3),
    edit: replaced("Connection", "Connection: keep-alive"),
  },
  { title: "No Sec-WebSocket-Accept", section: step(4), edit: replaced(accept) },
  {
    title: "A Sec-WebSocket-Accept that belongs to another key",
    section: step(4),
    edit: replaced(accept, `${accept}: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=`),
  },
  {
    title: "A Sec-WebSocket-Accept with a letter in another case",
    section: step(4),
    edit: (lines) =>
      lines.map((line) =>
        line.startsWith(accept) ? line.replace(/(: .*?)([a-z])/i, swapLastCase) : line,
      ),
  },
  {
    title: "An empty Sec-WebSocket-Accept",
    section: step(4),
    edit: replaced(accept, `${accept}: `),
  },
  {
    title: "An extension that was not offered",
    section: step(5),
    edit: added("Sec-WebSocket-Extensions: x-unknown"),
  },
  {
    title: "permessage-deflate with a window of 7 bits",
    section: "RFC 7692 §7.1.2",
    edit: added("Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=7"),
  },
  {
    title: "permessage-deflate with an unknown parameter",
    section: "RFC 7692 §7.1",
    edit: added("Sec-WebSocket-Extensions: permessage-deflate; level=9"),
  },
  {
    title: "A subprotocol that was not asked for",
    section: step(6),
    edit: added("Sec-WebSocket-Protocol: never.asked.for"),
  },
];

function swapLastCase(_all: string, before: string, letter: string): string {
  const small = letter.toLowerCase();
  return before + (letter === small ? letter.toUpperCase() : small);
}

const rules = "RFC 6455 §4.1";

const acceptances: readonly Row[] = [
  {
    title: "Names of fields in capitals",
    section: rules,
    edit: (lines) =>
      lines.map((line) => line.replace(/^[\w-]+(?=:)/, (name) => name.toUpperCase())),
  },
  {
    title: "Names of fields in small letters",
    section: rules,
    edit: (lines) =>
      lines.map((line) => line.replace(/^[\w-]+(?=:)/, (name) => name.toLowerCase())),
  },
  {
    title: "Upgrade: WebSocket",
    section: step(2),
    edit: replaced("Upgrade", "Upgrade: WebSocket"),
  },
  {
    title: "Connection: keep-alive, UPGRADE",
    section: step(3),
    edit: replaced("Connection", "Connection: keep-alive, UPGRADE"),
  },
  {
    title: "Spaces and tabs around values",
    section: rules,
    edit: (lines) =>
      lines.map((line, index) => (index === 0 ? line : `${line.replace(": ", ":\t ")} \t`)),
  },
  { title: "Another reason phrase", section: rules, edit: status("HTTP/1.1 101 Yes, of course") },
  { title: "Fields that nobody knows", section: rules, edit: added("X-Unknown: 1") },
  { title: "One octet a write", section: rules, edit: (lines) => lines, chop: 1 },
  {
    title: "The first frame together with the response",
    section: rules,
    edit: (lines) => lines,
    isEager: true,
  },
];

async function answer(
  { socket, request, random, log }: ClientHand,
  { edit, chop, isEager = false }: Row,
): Promise<void> {
  log.http("peer", request.text);
  checkRequest(request);
  const lines = responseLines(request.fields.get("sec-websocket-key") as string);
  const response = [...edit(lines), "\r\n"].join("\r\n");
  log.http("tester", response);
  const octets = Buffer.from(response, "latin1");
  if (isEager) socket.write(Buffer.concat([octets, text(random, "server")]));
  else if (chop === undefined) socket.write(octets);
  else for (const octet of octets) socket.write(Buffer.of(octet));
}

/** A client that refuses ends TCP, and sends nothing. */
async function playRefusal(hand: ClientHand, row: Row): Promise<CaseJudgement> {
  const { socket, log, random } = hand;
  const heard: Buffer[] = [];
  const ended = new Promise<boolean>((resolve) => {
    const timer = setTimeout(() => resolve(false), 1_000);
    const end = (): void => {
      clearTimeout(timer);
      resolve(true);
    };
    socket.on("data", (chunk: Buffer) => heard.push(chunk));
    socket.on("end", end).on("close", end);
  });
  await answer(hand, row);
  if (row.ends === true) socket.end();
  else if (!socket.destroyed) socket.write(text(random, "server"));
  socket.resume();
  const hasEnded = await ended;
  const octets = Buffer.concat(heard);
  if (octets.length > 0) log.octets("peer", "octets on a connection that is not open", octets);
  return {
    behavior: judgeOctets(octets),
    behaviorClose: hasEnded
      ? { verdict: "OK", why: "the client has ended TCP" }
      : { verdict: "UNCLEAN", why: "the client has not ended TCP" },
  };
}

function judgeOctets(octets: Buffer): Judgement {
  if (octets.length === 0) return { verdict: "OK", why: "the client has not sent anything" };
  const isClose = ((octets[0] as number) & 0xf) === opcodes.close;
  if (!isClose) return { verdict: "FAILED", why: "the client has opened the connection" };
  const code = Buffer.from(octets.subarray(6, 8));
  applyMask(code, octets.subarray(2, 6));
  return {
    verdict: "NON-STRICT",
    why: `the client has sent a Close frame (${code.toString("hex")})`,
  };
}

async function playAcceptance(hand: ClientHand, row: Row): Promise<CaseJudgement> {
  const { socket, request, random, log } = hand;
  await answer(hand, row);
  const opened = { agreement: undefined, rest: request.rest, fields: request.fields };
  const conversation = new Conversation("server", socket, opened, random, log);
  return judgeEchoOf(conversation, row.isEager !== true);
}

function caseOf(
  row: Row,
  id: string,
  checks: string,
  expected: string,
  play: (hand: ClientHand, row: Row) => Promise<CaseJudgement>,
): ClientCase {
  const { title, section } = row;
  return {
    kind: "client",
    id,
    title: `A response: ${title}`,
    checks,
    section,
    limitMs,
    expected,
    play: (hand) => play(hand, row),
  };
}

export const openingForClients: readonly ClientCase[] = [
  ...refusals.map((row, index) =>
    caseOf(
      row,
      `20.3.${index + 1}`,
      "The client opens nothing: it ends TCP, and sends no frame.",
      "TCP ends, and nothing comes",
      playRefusal,
    ),
  ),
  ...acceptances.map((row, index) =>
    caseOf(
      row,
      `20.4.${index + 1}`,
      "The connection opens, and a text comes back.",
      "an echo",
      playAcceptance,
    ),
  ),
];
