// `WebSocketServer` of `ws`: an EventEmitter on an HTTP server of its own, on one that is there, or on none.

import type { Buffer } from "node:buffer";
import { EventEmitter } from "node:events";
import http, {
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type Server as HttpServer,
} from "node:http";
import type { Server as HttpsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { nextTick } from "node:process";
import type { Duplex } from "node:stream";
import type { Reception } from "../node/reception.ts";
import { PerMessageDeflate } from "./permessage-deflate.ts";
import { receiveHandshakes } from "./reception.ts";
import { refuse } from "./refusals.ts";
import { acceptanceLines, checkRequest, readOffer, type Refusal } from "./server-handshake.ts";
import {
  type ResolvedServerOptions,
  resolveServerOptions,
  type ServerOptions,
} from "./server-options.ts";
import type { WebSocket } from "./web-socket.ts";

/** Whom a handshake ends in. */
export type UpgradeCallback = (socket: WebSocket, request: IncomingMessage) => void;

const handled = Symbol("hawser.handled");

type State = "running" | "closing" | "closed";

export class WebSocketServer extends EventEmitter {
  readonly options: ResolvedServerOptions;
  /** The open sockets; undefined with `clientTracking: false`. */
  declare readonly clients: Set<WebSocket> | undefined;
  #server: HttpServer | HttpsServer | null = null;
  #reception: Reception | undefined;
  #removeListeners: (() => void) | undefined;
  #state: State = "running";
  /** Whether the last client is waited for before `close` is told. */
  #isCloseDue = false;
  readonly #onClientClosed = this.#forgetOnClose();

  /**
   * @param callback called when its own HTTP server listens
   * @throws TypeError unless it is said in one way where sockets come from
   */
  constructor(options?: ServerOptions, callback?: () => void) {
    super();
    this.options = resolveServerOptions(options);
    const { port, server, host, backlog, clientTracking } = this.options;
    if (port !== null && port !== undefined) {
      const own = http.createServer((_request, response) => {
        const body = "Upgrade Required";
        response.writeHead(426, { "Content-Length": body.length, "Content-Type": "text/plain" });
        response.end(body);
      });
      this.#server = own;
      this.#reception = receiveHandshakes(own);
      own.listen(port, host as string, backlog as number, callback);
    } else if (server) this.#server = server;
    if (this.#server) this.#listenTo(this.#server);
    if (clientTracking) this.clients = new Set();
  }

  get _server(): HttpServer | HttpsServer | null {
    return this.#server;
  }

  #listenTo(server: HttpServer | HttpsServer): void {
    const listeners = {
      listening: () => void this.emit("listening"),
      error: (error: Error) => void this.emit("error", error),
      upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) =>
        this.handleUpgrade(request, socket, head, (ws, from) => {
          this.emit("connection", ws, from);
        }),
    };
    for (const [event, listener] of Object.entries(listeners)) server.on(event, listener);
    this.#removeListeners = () => {
      for (const [event, listener] of Object.entries(listeners)) {
        server.removeListener(event, listener);
      }
    };
  }

  /**
   * Where it listens; null when it does not.
   *
   * @throws Error without a server
   */
  address(): AddressInfo | string | null {
    if (this.options.noServer) {
      throw new Error('The server is operating in "noServer" mode');
    }
    return this.#server === null ? null : this.#server.address();
  }

  /** Takes no further handshakes, and tells when all sockets are gone: it closes none of them. */
  close(callback?: (error?: Error) => void): void {
    if (this.#state === "closed") {
      if (callback !== undefined) {
        this.once("close", () => callback(new Error("The server is not running")));
      }
      nextTick(() => this.#emitClose());
      return;
    }
    if (callback !== undefined) this.once("close", callback);
    if (this.#state === "closing") return;
    this.#state = "closing";
    const server = this.#server;
    this.#removeListeners?.();
    this.#removeListeners = undefined;
    this.#server = null;
    if (this.options.noServer || this.options.server) {
      if (this.clients !== undefined && this.clients.size > 0) this.#isCloseDue = true;
      else nextTick(() => this.#emitClose());
    } else {
      this.#reception?.close();
      server?.close(() => this.#emitClose());
    }
  }

  #emitClose(): void {
    this.#state = "closed";
    this.emit("close");
  }

  /** Whether the request is one for this server: by its path. */
  shouldHandle(request: IncomingMessage): boolean | Promise<boolean> {
    const { path } = this.options;
    if (!path) return true;
    const { url = "" } = request;
    const queryAt = url.indexOf("?");
    return (queryAt === -1 ? url : url.slice(0, queryAt)) === path;
  }

  /** Does the handshake on a socket, and calls back with what it ends in; not at all when it is refused. */
  handleUpgrade(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    callback: UpgradeCallback,
  ): void {
    socket.on("error", destroyOnError);
    const refusal = checkRequest(request);
    if (refusal !== undefined) return this.#refuse(request, socket, refusal);
    if (!this.shouldHandle(request)) return refuse(socket, 400);
    const { perMessageDeflate, maxPayload } = this.options;
    const offer = readOffer(request, perMessageDeflate, maxPayload ?? 0);
    if ("status" in offer) return this.#refuse(request, socket, offer);
    const { verifyClient } = this.options;
    const complete = (): void => {
      const { extensionName } = PerMessageDeflate;
      const extensions =
        offer.perMessageDeflate === undefined ? {} : { [extensionName]: offer.perMessageDeflate };
      const { key, protocols } = offer;
      this.completeUpgrade(extensions, key, protocols, request, socket, head, callback);
    };
    if (!verifyClient) return complete();
    const originField = offer.version === 8 ? "sec-websocket-origin" : "origin";
    const info = {
      origin: request.headers[originField] as string,
      secure: isSecure(request),
      req: request,
    };
    if (verifyClient.length === 2) {
      const decide = (
        isAccepted: boolean,
        code = 401,
        message?: string,
        headers?: OutgoingHttpHeaders,
      ): void => {
        if (isAccepted) complete();
        else refuse(socket, code, message, headers as never);
      };
      verifyClient(info, decide);
      return;
    }
    if (!(verifyClient as (one: typeof info) => boolean)(info)) return refuse(socket, 401);
    complete();
  }

  #refuse(request: IncomingMessage, socket: Duplex, refusal: Refusal): void {
    const { status, message, headers } = refusal;
    if (this.listenerCount("wsClientError") === 0) return refuse(socket, status, message, headers);
    this.emit("wsClientError", new Error(message), socket, request);
  }

  /** Answers with the 101. @throws Error when the socket was given twice */
  completeUpgrade(
    extensions: Readonly<Record<string, PerMessageDeflate>>,
    key: string,
    protocols: ReadonlySet<string>,
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    callback: UpgradeCallback,
  ): void {
    if (!socket.readable || !socket.writable) {
      socket.destroy();
      return;
    }
    const marked = socket as Duplex & { [handled]?: true };
    if (marked[handled] === true) {
      throw new Error(
        "server.handleUpgrade() was called more than once with the same " +
          "socket, possibly due to a misconfiguration",
      );
    }
    if (this.#state !== "running") return refuse(socket, 503);
    marked[handled] = true;
    const perMessageDeflate = extensions[PerMessageDeflate.extensionName];
    const protocol = this.#chooseProtocol(protocols, request);
    const lines = acceptanceLines(key, perMessageDeflate, protocol);
    this.emit("headers", lines, request);
    socket.write(`${lines.join("\r\n")}\r\n\r\n`);
    socket.removeListener("error", destroyOnError);
    const ws = new this.options.WebSocket(null, undefined, this.options as never);
    ws.setSocket(socket, head, this.options, {
      protocol: protocol || "",
      agreed: perMessageDeflate?.agreement,
    });
    this.#track(ws);
    callback(ws, request);
  }

  #chooseProtocol(protocols: ReadonlySet<string>, request: IncomingMessage): string | false {
    if (protocols.size === 0) return false;
    const { handleProtocols } = this.options;
    if (handleProtocols) return handleProtocols(protocols as Set<string>, request);
    return protocols.values().next().value as string;
  }

  #track(ws: WebSocket): void {
    const { clients } = this;
    if (clients === undefined) return;
    clients.add(ws);
    ws.on("close", this.#onClientClosed);
  }

  /** One listener for all clients, which each has one closure less to carry for. */
  #forgetOnClose(): (this: WebSocket) => void {
    const forget = (ws: WebSocket): void => {
      this.clients?.delete(ws);
      if (this.#isCloseDue && this.clients?.size === 0) nextTick(() => this.#emitClose());
    };
    return function onClose() {
      forget(this);
    };
  }
}

function isSecure({ socket }: IncomingMessage): boolean {
  const { authorized, encrypted } = socket as { authorized?: boolean; encrypted?: boolean };
  return Boolean(authorized || encrypted);
}

function destroyOnError(this: Duplex): void {
  this.destroy();
}
