// Where a script is played: it opens servers, clients and raw peers, writes down what they do, and ends all
// of them when the play is over, whatever has become of it.

import type { EventEmitter } from "node:events";
import type { Server as HttpServer } from "node:http";
import { type AddressInfo, createServer, type Server as NetServer } from "node:net";
import { deferred, within } from "../../support/deferred.ts";
import { type Frame, type FrameOptions, frame } from "../../support/frame.ts";
import { type Fields, requestText } from "../../support/http-head.ts";
import { RawPeer } from "../../support/raw-peer.ts";
import { accepting, type RawAnswer, RawServer } from "../../support/raw-server.ts";
import type { Log } from "./log.ts";
import type { Loose, Subject, WebSocket, WebSocketServer } from "./subjects.ts";
import { watch, watchServer } from "./watch.ts";
import { readWire } from "./wire.ts";

/** Which side the subject plays. */
export type Role = "client" | "server";

export const roles: readonly Role[] = ["client", "server"];

/** A connection of the subject and the raw peer at its other end. */
export interface Scene {
  readonly role: Role;
  readonly ws: WebSocket;
  readonly peer: RawPeer;
  /** Writes a frame as the other side has to: masked to a server, unmasked to a client. */
  write(opcode: number, payload?: string | Uint8Array, options?: FrameOptions): void;
  /** The subject's server, when it is one. */
  readonly server: WebSocketServer | undefined;
}

export interface SceneOptions {
  /** Fields of the raw side's handshake. */
  readonly fields?: Fields;
  /** What the raw side writes in the same packet as its handshake. */
  readonly first?: Uint8Array;
  readonly protocols?: string[];
  /** What the raw side does when a frame comes. */
  readonly onFrame?: (frame: Frame, peer: RawPeer) => void;
  /** Leaves reading the wire to the script. */
  readonly isSilent?: boolean;
  /** Called when the connection is there, before any other event of it. */
  readonly prepare?: (ws: WebSocket) => void;
}

export class Stage {
  readonly subject: Subject;
  readonly log: Log;
  readonly #ends: (() => void | Promise<void>)[] = [];

  constructor(subject: Subject, log: Log) {
    this.subject = subject;
    this.log = log;
  }

  /** Does this when the play is over. */
  atEnd(run: () => void | Promise<void>): void {
    this.#ends.push(run);
  }

  /** A WebSocket of the subject whose errors are heard, and that is terminated at the end. */
  keep(ws: WebSocket): WebSocket {
    ws.on("error", ignore);
    this.atEnd(() => ws.terminate());
    return ws;
  }

  /** A client of the subject whose events are written on the track. */
  client(url: string | URL, ...rest: unknown[]): WebSocket {
    const ws = this.keep(this.make(url, ...rest));
    watch(this.log, ws);
    return ws;
  }

  /** A client of the subject with any arguments, and nothing else. */
  make(...values: unknown[]): WebSocket {
    return new this.subject.WebSocket(...(values as [string]));
  }

  /** A server of the subject with any arguments, closed at the end. */
  makeServer(options: Loose, listening?: () => void): WebSocketServer {
    const server = new this.subject.WebSocketServer(options, listening);
    this.atEnd(() => {
      server.on("error", ignore);
      for (const ws of server.clients ?? []) ws.terminate();
      server.close(ignore);
    });
    return server;
  }

  /** A server of the subject that listens on 127.0.0.1, watched. */
  async server(options: Loose = {}): Promise<WebSocketServer> {
    const server = this.makeServer({ port: 0, host: "127.0.0.1", ...options });
    watchServer(this.log, server);
    await this.log.until("server", "listening");
    return server;
  }

  /** Listens on a free port of 127.0.0.1 (or as told), and is closed at the end. */
  async listen(server: NetServer | HttpServer, where: Loose = {}): Promise<number> {
    this.atEnd(() => {
      if ("closeAllConnections" in server) server.closeAllConnections();
      server.close();
    });
    const { promise, resolve } = deferred();
    server.listen({ port: 0, host: "127.0.0.1", ...where }, resolve);
    await within(promise, "listening");
    const address = server.address() as AddressInfo | string;
    return typeof address === "string" ? 0 : address.port;
  }

  /** A server that answers as told. */
  async rawServer(answer: RawAnswer): Promise<RawServer> {
    const raw = await RawServer.listen(answer);
    this.atEnd(() => raw.close());
    return raw;
  }

  /** A raw peer that is connected to the server and nothing more. */
  async dial(server: WebSocketServer | number): Promise<RawPeer> {
    const port = typeof server === "number" ? server : portOf(server);
    const peer = await RawPeer.connect({ port, host: "127.0.0.1" });
    this.atEnd(() => peer.destroy());
    return peer;
  }

  /** A port where nobody listens. */
  async deadPort(): Promise<number> {
    const server = createServer();
    const port = await this.listen(server);
    const { promise, resolve } = deferred();
    server.close(() => resolve());
    await promise;
    return port;
  }

  /** The subject in that role with a raw peer, opened and watched: tracks "ws" and "wire". */
  scene(role: Role, options: Loose = {}, more: SceneOptions = {}): Promise<Scene> {
    return role === "client" ? this.asClient(options, more) : this.asServer(options, more);
  }

  async asClient(options: Loose = {}, more: SceneOptions = {}): Promise<Scene> {
    const raw = await this.rawServer(accepting(more.fields, more.first));
    const ws = this.keep(this.make(raw.url, more.protocols ?? [], options));
    more.prepare?.(ws);
    watch(this.log, ws);
    await this.log.until("ws", "open");
    const peer = raw.peers[0] as RawPeer;
    return this.#scene("client", ws, peer, more, undefined);
  }

  async asServer(options: Loose = {}, more: SceneOptions = {}): Promise<Scene> {
    const server = this.makeServer({ port: 0, host: "127.0.0.1", ...options });
    const { promise, resolve } = deferred();
    server.on("listening", resolve);
    await promise;
    const connected = deferred<WebSocket>();
    server.on("connection", (ws) => {
      more.prepare?.(ws);
      watch(this.log, ws);
      connected.resolve(ws);
    });
    const peer = await this.dial(server);
    const request = Buffer.from(requestText(more.fields), "latin1");
    peer.write(Buffer.concat([request, more.first ?? Buffer.alloc(0)]));
    const ws = await within(connected.promise, "connection");
    await peer.readHeadText();
    return this.#scene("server", ws, peer, more, server);
  }

  #scene(
    role: Role,
    ws: WebSocket,
    peer: RawPeer,
    more: SceneOptions,
    server: WebSocketServer | undefined,
  ): Scene {
    if (more.isSilent !== true) this.readWire(peer, more.onFrame);
    return {
      role,
      ws,
      peer,
      server,
      write: (opcode, payload, options) =>
        peer.write(frame(opcode, payload, { masked: role === "server", ...options })),
    };
  }

  /** Writes what comes on the track "wire". */
  readWire(peer: RawPeer, onFrame?: (frame: Frame, peer: RawPeer) => void, track = "wire"): void {
    readWire(this.log, peer, track, onFrame && ((one) => onFrame(one, peer))).catch(
      (error: Error) => this.log.add(track, "failure", error),
    );
  }

  /**
   * Errors that nobody listens for, which would end the process, are written down until the end; of those
   * whose words are V8's and name a variable, only the class.
   */
  catchUncaught(what: "error" | "class" = "error"): void {
    process.setUncaughtExceptionCaptureCallback((error) =>
      this.log.add("uncaught", "uncaught", what === "error" ? error : error.constructor.name),
    );
    this.atEnd(() => process.setUncaughtExceptionCaptureCallback(null));
  }

  /** Ends everything, the newest first. */
  async end(): Promise<void> {
    for (const run of this.#ends.splice(0).toReversed()) await run();
  }
}

export function portOf(server: Pick<WebSocketServer, "address"> | EventEmitter): number {
  return ((server as WebSocketServer).address() as AddressInfo).port;
}

function ignore(): void {
  return;
}
