// From an HTTP request for an upgrade to a connection, or to a refusal: checks the request, asks the
// `upgrade` hook, answers, and hands the socket over. Whatever comes meanwhile stays in the socket, so
// no early frame is lost; whatever goes wrong ends this one handshake and nothing else.

import { Buffer } from "node:buffer";
import type { IncomingMessage } from "node:http";
import type { IncomingHttpHeaders as Http2Headers, ServerHttp2Stream } from "node:http2";
import type { Duplex } from "node:stream";
import {
  checkRequest,
  chooseExtension,
  framingNames,
  type HandshakeOffer,
  HandshakeError,
  type HandshakeRules,
  headersFromRaw,
  isHttpRequest,
  refusal,
  UsageError,
} from "../protocol/index.ts";
import { diagnostics } from "./diagnostics.ts";
import { type Group, reportError } from "./group.ts";
import { HandledLink } from "./handled-link.ts";
import { answerAcceptance, answerRefusal } from "./handshake-answer.ts";
import { isHttp2Stream } from "./http2/stream.ts";
import { type StreamTaker, takeStream } from "./http2/take-stream.ts";
import { isPromise } from "./is-promise.ts";
import { nobody, own } from "./socket-owner.ts";
import type { ParsedRequest } from "./parsed-request.ts";
import {
  abortUpgrade,
  incomingOf,
  type RequestSource,
  type UpgradeAcceptance,
  type UpgradeHook,
  type UpgradeRefusal,
  UpgradeRequest,
  type UpgradeResult,
} from "./upgrade-request.ts";
import type { TrustedProxies } from "./trusted-proxies.ts";
import { WaitingRoom } from "./waiting-room.ts";

/** What an upgrader works with. */
export interface UpgraderOptions {
  readonly group: Group;
  readonly rules: HandshakeRules;
  /** Checks the origin in place of the rules; undefined when no proxy is trusted. */
  readonly proxies: TrustedProxies | undefined;
  readonly hook: UpgradeHook<unknown> | undefined;
  /** The subprotocols that the server speaks. */
  readonly protocols: readonly string[];
  /** Milliseconds that the hook may take. */
  readonly handshakeTimeoutMs: number;
}

export class Upgrader {
  readonly #options: UpgraderOptions;
  readonly #streams: StreamTaker;
  readonly #pending = new Map<Duplex, UpgradeRequest>();
  #isClosing = false;
  /** Handshakes refused. */
  refused = 0;

  constructor(options: UpgraderOptions) {
    this.#options = options;
    this.#streams = {
      rules: options.rules,
      accept: (request, offer) => {
        try {
          if (this.#isClosing) throw refusal("HAWSER_CLOSING");
          this.#decide(request, offer, request.stream, nothing);
        } catch (error) {
          this.#failed(request, request.stream, error);
        }
      },
      fail: (request, error) => this.#failed(request, request.stream, error),
    };
  }

  /** From now on every handshake gets a 503, also those that wait for the hook. */
  close(): void {
    this.#isClosing = true;
    for (const [socket, request] of this.#pending) {
      const error = refusal("HAWSER_CLOSING");
      abortUpgrade(request, error);
      this.refuse(socket, error);
    }
  }

  handle(incoming: IncomingMessage, socket: Duplex, head: Buffer): void {
    own(socket, nobody);
    try {
      if (this.#isClosing) throw refusal("HAWSER_CLOSING");
      const offer = checkRequest(
        {
          method: incoming.method as string,
          target: incoming.url as string,
          httpVersion: incoming.httpVersion,
          headers: headersFromRaw(incoming.rawHeaders),
        },
        this.#options.rules,
      );
      if (isHttpRequest(head)) throw refusal("HAWSER_PIPELINED");
      this.#decide(incoming, offer, socket, head);
    } catch (error) {
      this.#failed(incoming, socket, error);
    }
  }

  /** The same for a request that our own parser found in order; `early` is lent until this returns. */
  accept(source: ParsedRequest, offer: HandshakeOffer, early: Buffer): void {
    try {
      this.#decide(source, offer, source.socket, early);
    } catch (error) {
      this.#failed(source, source.socket, error);
    }
  }

  /** The same for an extended CONNECT over HTTP/2. */
  handleStream(stream: ServerHttp2Stream, headers: Http2Headers, raw: readonly string[]): void {
    takeStream(stream, headers, raw, this.#streams);
  }

  #decide(source: RequestSource, offer: HandshakeOffer, socket: Duplex, head: Buffer): void {
    const { hook, proxies } = this.#options;
    const request = new UpgradeRequest(source, offer, proxies?.check(source, offer));
    const decided = hook === undefined ? {} : hook(request);
    if (!isPromise(decided) && !isRefusal(decided)) {
      this.#accept(decided, request, offer, socket, head);
      return;
    }
    void this.#wait(Promise.resolve(decided), request, source, offer, socket, head);
  }

  /** The decision takes a while. Never rejects. */
  async #wait(
    decided: Promise<UpgradeResult<unknown>>,
    request: UpgradeRequest,
    source: RequestSource,
    offer: HandshakeOffer,
    socket: Duplex,
    head: Buffer,
  ): Promise<void> {
    this.#pending.set(socket, request);
    const giveUp = (reason: Error): void => {
      if (this.#pending.delete(socket)) abortUpgrade(request, reason);
    };
    const timer = setTimeout(() => {
      const error = refusal("HAWSER_HANDSHAKE_TIMEOUT");
      giveUp(error);
      this.#failed(source, socket, error);
    }, this.#options.handshakeTimeoutMs);
    const room = new WaitingRoom(head, () => giveUp(new Error("the client went away")));
    own(socket, room);
    try {
      const result = await decided;
      if (!this.#pending.has(socket)) return;
      const answer = isRefusal(result) ? await refusalBy(result) : result;
      if (!this.#pending.delete(socket)) return;
      if (answer instanceof HandshakeError) throw answer;
      const early = room.empty();
      if (!isHttp2Stream(socket) && isHttpRequest(early)) throw refusal("HAWSER_PIPELINED");
      this.#accept(answer, request, offer, socket, early);
    } catch (error) {
      const isOver = request.signal.aborted;
      this.#pending.delete(socket);
      if (!isOver) this.#failed(source, socket, error);
      // The handshake is over already. That the hook gave up with it is no failure.
      else if (!isAbort(error, request)) reportError(this.#options.group.handlers, error, true);
    } finally {
      clearTimeout(timer);
    }
  }

  #accept(
    result: UpgradeAcceptance<unknown>,
    request: UpgradeRequest,
    offer: HandshakeOffer,
    socket: Duplex,
    early: Buffer,
  ): void {
    if (this.#isClosing) throw refusal("HAWSER_CLOSING");
    if (result === null || typeof result !== "object") {
      throw new UsageError(
        "HAWSER_UPGRADE_RESULT",
        `upgrade() must return an object to accept ({ data }) or a Response to refuse, not ${String(result)}`,
      );
    }
    const { group } = this.#options;
    const protocol = this.#chooseProtocol(result, offer);
    const agreed = chooseExtension(group.extensions, offer.extensions);
    const isAnswered = answerAcceptance(socket, {
      key: offer.key,
      protocol,
      extension: agreed?.response,
      headers: toFieldLines(result.headers),
    });
    if (!isAnswered) return;
    if (diagnostics.upgrade.hasSubscribers) {
      diagnostics.upgrade.publish({ request: request.incoming, error: undefined });
    }
    new HandledLink(group, socket, { protocol, agreed }, result.data).start(early, request);
  }

  #chooseProtocol(result: UpgradeAcceptance<unknown>, offer: HandshakeOffer): string {
    if (result.protocol === undefined || result.protocol === "") {
      return offer.protocols.find((one) => this.#options.protocols.includes(one)) ?? "";
    }
    if (offer.protocols.includes(result.protocol)) return result.protocol;
    throw new UsageError(
      "HAWSER_UPGRADE_RESULT",
      `upgrade() chose the subprotocol ${JSON.stringify(result.protocol)}, which the client did not offer (RFC 6455 §4.2.2)`,
    );
  }

  /** Anything but a refusal is a mistake on our side: the client learns no more than 500. */
  #failed(source: RequestSource, socket: Duplex, error: unknown): void {
    const isRefused = error instanceof HandshakeError;
    if (!isRefused) reportError(this.#options.group.handlers, error, true);
    if (diagnostics.upgrade.hasSubscribers)
      diagnostics.upgrade.publish({ request: incomingOf(source), error });
    this.refuse(socket, isRefused ? error : refusal("HAWSER_UPGRADE_FAILED", error));
  }

  /** Answers with the refusal and ends the socket. */
  refuse(socket: Duplex, error: HandshakeError): void {
    own(socket, nobody);
    this.#pending.delete(socket);
    this.refused++;
    try {
      answerRefusal(socket, error);
    } catch (invalid) {
      reportError(this.#options.group.handlers, invalid, true);
      answerRefusal(socket, refusal("HAWSER_UPGRADE_FAILED"));
    }
  }
}

const nothing: Buffer = Buffer.alloc(0);

/** What the client gets when the hook said no. */
async function refusalBy(result: UpgradeRefusal): Promise<HandshakeError> {
  const { status } = result;
  if (!Number.isInteger(status) || status < 300 || status > 599) {
    throw new UsageError(
      "HAWSER_UPGRADE_RESULT",
      `upgrade() refused with status ${status}: use one from 300 to 599`,
    );
  }
  const headers = new Map<string, string[]>();
  for (const [name, value] of result.headers ?? []) {
    // Ours say how the body is framed and that the connection ends.
    if (!framingNames.has(name.toLowerCase()))
      headers.set(name, [...(headers.get(name) ?? []), value]);
  }
  const body = await result.text();
  const message = `upgrade() refused with ${status}`;
  return new HandshakeError("HAWSER_REFUSED_BY_UPGRADE", message, { status, headers, body });
}

function isRefusal(result: UpgradeResult<unknown>): result is UpgradeRefusal {
  return typeof (result as UpgradeRefusal | undefined)?.status === "number";
}

function toFieldLines(
  headers: UpgradeAcceptance<unknown>["headers"] = [],
): Iterable<readonly [string, string]> {
  return Symbol.iterator in headers
    ? (headers as Iterable<readonly [string, string]>)
    : Object.entries(headers);
}

function isAbort(error: unknown, request: UpgradeRequest): boolean {
  return error === request.signal.reason || (error as Error | undefined)?.name === "AbortError";
}
