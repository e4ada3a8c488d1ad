// The opening of a client of `ws`: one request after the other while there are redirects, with the events
// that show them, until there is a socket or an error.

import type { Buffer } from "node:buffer";
import type { EventEmitter } from "node:events";
import type { ClientRequest, IncomingMessage } from "node:http";
import { nextTick } from "node:process";
import type { Duplex } from "node:stream";
import {
  type AcceptedResponse,
  type Handshake,
  hostOf,
  readResponse,
  type RequestSettings,
  requestSettings,
  sendRequest,
} from "./client-handshake.ts";
import {
  checkProtocols,
  checkUrl,
  readUrl,
  type ClientOptions,
  resolveClientOptions,
  type ResolvedClientOptions,
} from "./client-options.ts";
import type { WebSocket } from "./face/web-socket.ts";

/** Who opens. */
export interface Opener {
  opened(socket: Duplex, head: Buffer, accepted: AcceptedResponse): void;
  failed(error: Error): void;
}

export class Opening {
  readonly options: ResolvedClientOptions;
  readonly #emitter: EventEmitter;
  readonly #opener: Opener;
  #protocols: readonly string[] = [];
  #handshake: Handshake | undefined;
  #headers: Record<string, unknown>;
  #isOver = false;
  /** What the first request was for, for deciding whether a redirect leads to somebody else. */
  #original: { readonly host: string; readonly isSecure: boolean } | undefined;
  #authorization: string | undefined;
  redirects = 0;
  /** The address of the request under way, or of the last one. */
  url = "";

  constructor(emitter: EventEmitter, options: ClientOptions, opener: Opener) {
    this.options = resolveClientOptions(options);
    this.#emitter = emitter;
    this.#opener = opener;
    this.#headers = { ...(options.headers as Record<string, unknown> | undefined) };
  }

  get request(): ClientRequest | undefined {
    return this.#isOver ? undefined : this.#handshake?.request;
  }

  /** @throws SyntaxError */
  start(address: string | URL, protocols: readonly string[]): void {
    const url = this.#useUrl(address);
    checkProtocols(protocols);
    this.#protocols = protocols;
    this.#send(url);
  }

  #send(url: URL): void {
    const settings = requestSettings(url, this.options, this.#headers);
    if (this.redirects > 0) this.#afterRedirect(url, settings);
    const handshake = sendRequest(url, this.options, settings, this.#protocols);
    const { request } = handshake;
    this.#handshake = handshake;
    this.#rememberOrigin(url, request);
    if (this.options.handshakeTimeout) {
      request.on("timeout", () => this.#fail("Opening handshake has timed out", handshake));
    }
    request.on("error", (error) => {
      if (this.#handshake === handshake && !this.#isOver) this.#over(error);
    });
    request.on("response", (response) => this.#respond(url, handshake, response));
    request.on("upgrade", (response, socket, head) => {
      this.#upgrade(handshake, response, socket, head);
    });
    if (this.redirects > 0) this.#emitter.emit("redirect", url.href, request);
    const { finishRequest } = this.options;
    if (finishRequest === undefined) request.end();
    else finishRequest(request, this.#emitter as WebSocket);
  }

  #upgrade(handshake: Handshake, response: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#emitter.emit("upgrade", response);
    // The listener may have closed. From Node 26 on the request's end is not the socket's any more.
    if (this.#isOver) {
      socket.on("error", ignore);
      socket.destroy();
      return;
    }
    let accepted: AcceptedResponse;
    try {
      accepted = readResponse(response, handshake);
    } catch (error) {
      socket.on("error", ignore);
      socket.destroy();
      return this.#over(error as Error);
    }
    this.#isOver = true;
    this.#opener.opened(socket, head, accepted);
  }

  #respond(url: URL, handshake: Handshake, response: IncomingMessage): void {
    const { location } = response.headers;
    const { statusCode = 0 } = response;
    if (location && this.options.followRedirects && statusCode >= 300 && statusCode < 400) {
      return this.#redirect(url, handshake, location);
    }
    if (this.#emitter.emit("unexpected-response", handshake.request, response)) return;
    this.#fail(`Unexpected server response: ${statusCode}`, handshake);
  }

  #redirect(url: URL, handshake: Handshake, location: string): void {
    this.redirects++;
    if (this.redirects > this.options.maxRedirects) {
      return this.#fail("Maximum redirects exceeded", handshake);
    }
    handshake.request.destroy();
    let next: URL;
    try {
      next = this.#useUrl(location, url.href);
    } catch (error) {
      return this.#over(error as Error);
    }
    this.#send(next);
  }

  /** @throws SyntaxError */
  #useUrl(address: string | URL, base?: string): URL {
    const url = readUrl(address, base);
    this.url = url.href;
    checkUrl(url);
    return url;
  }

  #rememberOrigin(url: URL, request: ClientRequest): void {
    if (this.redirects > 0) return;
    this.#original = { host: hostOf(url), isSecure: url.protocol === "wss:" };
    // What came from the URL of the first request goes with it to the same host.
    this.#authorization = request.getHeader("authorization") as string | undefined;
  }

  /** Another host must not get what was meant for the first, unless a listener looks after that. */
  #afterRedirect(url: URL, settings: RequestSettings): void {
    const lower = Object.entries(settings.headers).map(([name, value]) => [
      name.toLowerCase(),
      value,
    ]);
    const headers = Object.fromEntries(lower) as Record<string, unknown>;
    settings.headers = headers;
    const isSameName = this.#original?.host === hostOf(url);
    // From wss to ws nothing goes along, not to the same host either.
    const isSame = isSameName && (url.protocol === "wss:" || this.#original?.isSecure !== true);
    if (this.#emitter.listenerCount("redirect") === 0 && !isSame) {
      delete headers["authorization"];
      delete headers["cookie"];
      if (!isSameName) delete headers["host"];
      delete settings["auth"];
      this.#authorization = undefined;
      return;
    }
    if (this.#authorization !== undefined && headers["authorization"] === undefined) {
      settings.headers = { authorization: this.#authorization, ...headers };
    }
  }

  /** Gives up; `error` and `close` come in the next tick, so that whoever calls this is done. */
  abort(message: string): void {
    const { request } = this;
    const error = new Error(message);
    this.#isOver = true;
    request?.destroy();
    nextTick(() => this.#opener.failed(error));
  }

  #fail(message: string, handshake: Handshake): void {
    if (this.#isOver || this.#handshake !== handshake) return;
    handshake.request.destroy();
    this.#over(new Error(message));
  }

  #over(error: Error): void {
    this.#isOver = true;
    this.#opener.failed(error);
  }
}

function ignore(): void {}
