// `conform server`: the tester is a client, and opens a connection for each case.

import { once } from "node:events";
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Case, ClientCase, ServerCase } from "../engine/case.ts";
import { closeLimitMs, Conversation } from "../engine/conversation.ts";
import { type CaseResult, type OpenedSocket, runCase, type Stage } from "../engine/run-case.ts";
import type { CaseJudgement } from "../engine/verdict.ts";
import { opcodes } from "../wire/frame.ts";
import { WireFault } from "../wire/frame-reader.ts";
import { type OpeningTarget, openAsClient, openingLimitMs } from "../wire/opening.ts";
import { Random } from "../wire/random.ts";
import type { WireLog } from "../wire/wire-log.ts";
import { openOverHttp2 } from "./http2-opening.ts";

/** The server's time to answer on another connection after a case, in milliseconds. */
const againLimitMs = 5_000;

/** The server that is tested. */
export interface ServerTarget extends OpeningTarget {
  readonly tls?: { readonly ca?: string; readonly rejectUnauthorized?: boolean };
}

export interface ServerRun {
  readonly cases: readonly Case[];
  /** Cases that go on at the same time. */
  readonly parallel: number;
  readonly seed: string;
  readonly signal?: AbortSignal;
  readonly onResult?: (result: CaseResult) => void;
}

/** Runs the cases against a server; the results have their order. */
export async function testServer(target: ServerTarget, run: ServerRun): Promise<CaseResult[]> {
  const { cases, parallel, seed, signal, onResult } = run;
  const stage: Stage = {
    role: "client",
    open: (testCase, random, log) => openTo(target, testCase, random, log),
    byHand: (testCase, random, log) => playByHand(target, testCase, random, log),
    again: (random, log) => openAgain(target, random, log),
  };
  const results: (CaseResult | undefined)[] = [];
  const waiting = cases.entries();
  const work = async (): Promise<void> => {
    for (const [index, testCase] of waiting) {
      if (signal?.aborted === true) return;
      const result = await runCase(testCase, seed, stage);
      results[index] = result;
      onResult?.(result);
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, parallel) }, work));
  return results.filter((result) => result !== undefined);
}

async function playByHand(
  target: ServerTarget,
  testCase: ServerCase | ClientCase,
  random: Random,
  log: WireLog,
): Promise<CaseJudgement> {
  if (testCase.kind === "client") throw new Error(`${testCase.id} is for clients`);
  const sockets: Socket[] = [];
  const dialOne = async (): Promise<Socket> => {
    const socket = await dial(target);
    socket.on("error", (error) => log.note(`TCP: ${error.message}`));
    sockets.push(socket);
    return socket;
  };
  try {
    return await testCase.play({ target, random, log, dial: dialOne });
  } finally {
    for (const socket of sockets) socket.destroy();
  }
}

/** A connection on which a text comes back. */
async function openAgain(target: ServerTarget, random: Random, log: WireLog): Promise<void> {
  const socket = await dial(target);
  try {
    const opened = await openAsClient(socket, target, [], random.octets(16), log);
    const conversation = new Conversation("client", socket, opened, random, log);
    await conversation.send([{ opcode: opcodes.text, payload: Buffer.from("again") }]);
    await conversation.until(() => conversation.events.length > 0, againLimitMs);
    const isBack = String(conversation.events[0]?.data) === "again";
    await conversation.close(1000);
    await conversation.until(() => conversation.isOver, 3 * closeLimitMs);
    if (!isBack) throw new WireFault("a text does not come back", "RFC 6455 §5.6");
  } finally {
    socket.destroy();
  }
}

async function openTo(
  target: ServerTarget,
  testCase: Case,
  random: Random,
  log: WireLog,
): Promise<OpenedSocket> {
  if ("over" in testCase) return openOverHttp2(target, random, log);
  const socket = await dial(target);
  const offers = "deflate" in testCase ? (testCase.deflate ?? []) : [];
  try {
    const opened = await openAsClient(socket, target, offers, random.octets(16), log);
    return { socket, opened };
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

/**
 * Asks for a connection once, and ends it: whether there is a server, and what it calls itself.
 *
 * @throws {WireFault} when there is none, or it refuses
 */
export async function probe(target: ServerTarget, log: WireLog): Promise<string | undefined> {
  const socket = await dial(target);
  const random = new Random("probe");
  try {
    const opened = await openAsClient(socket, target, [], random.octets(16), log);
    const conversation = new Conversation("client", socket, opened, random, log);
    await conversation.close(1000);
    await conversation.until(() => conversation.isOver, 3 * closeLimitMs);
    return opened.fields.get("server");
  } finally {
    socket.destroy();
  }
}

/** @throws {WireFault} when nobody answers */
async function dial({ url, tls }: ServerTarget): Promise<Socket> {
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const isSecure = url.protocol === "wss:";
  const port = Number(url.port) || (isSecure ? 443 : 80);
  const options = { host, port, noDelay: true, allowHalfOpen: true };
  const servername = /^[\d.]+$|:/.test(host) ? {} : { servername: host };
  const socket = isSecure
    ? connectTls({ ...options, ...servername, ...tls, ALPNProtocols: ["http/1.1"] })
    : connectTcp(options);
  try {
    await once(socket, isSecure ? "secureConnect" : "connect", {
      signal: AbortSignal.timeout(openingLimitMs),
    });
    return socket;
  } catch (error) {
    socket.destroy();
    throw new WireFault(`can't connect to ${url.host}: ${(error as Error).message}`, "§4.1");
  }
}
