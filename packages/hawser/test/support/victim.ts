// A connection to be treated badly, in either role, with a raw peer at its other end. Everything that
// happens on it goes into a log; a good connection beside it must not notice anything.

import assert from "node:assert/strict";
import {
  type Connection,
  connect,
  type ConnectionOptions,
  LimitError,
  ProtocolError,
} from "../../dist/index.js";
import { deferred, within } from "./deferred.ts";
import type { EventLog } from "./event-log.ts";
import type { Fields } from "./http-head.ts";
import type { RawPeer } from "./raw-peer.ts";
import { accepting, RawServer } from "./raw-server.ts";
import { Target } from "./target.ts";

/** A server reads from TLS in another way than from TCP. */
export type VictimKind = "server" | "server over TLS" | "client";
export const victimKinds: readonly VictimKind[] = ["server", "server over TLS", "client"];

export abstract class Victim {
  readonly target: Target;

  protected constructor(target: Target) {
    this.target = target;
  }

  /** @param extensions what the raw end offers, or answers, where it negotiates any */
  static async start(
    kind: VictimKind,
    options: ConnectionOptions = {},
    extensions?: string,
  ): Promise<Victim> {
    const fields = { "Sec-WebSocket-Extensions": extensions };
    if (kind !== "client") {
      return new ServerVictim(await Target.start(options, kind === "server over TLS"), fields);
    }
    const target = await Target.start();
    const victim = new ClientVictim(target, options, fields);
    await victim.listen();
    target.rebase();
    return victim;
  }

  get log(): EventLog {
    return this.target.log;
  }

  /** The newest connection. */
  get connection(): Connection {
    return this.log.all("open").at(-1)?.[0] as Connection;
  }

  /** A new connection; returns the raw end of it. Texts are echoed. */
  abstract open(): Promise<RawPeer>;

  /** The connection says why in a Close frame, ends the socket, and tells of it once. */
  async hasFailed(peer: RawPeer, closeCode: number, code: string): Promise<void> {
    const said = await peer.readClose();
    assert.equal(said.code, closeCode, said.reason);
    assert.equal(await peer.waitForEnd(), "fin");
    peer.socket.end();
    const [error] = await this.log.waitFor("error");
    assert.ok(error instanceof ProtocolError || error instanceof LimitError);
    assert.equal(error.code, code);
    assert.equal(error.closeCode, closeCode);
    assert.equal(said.reason, error.message);
    assert.deepEqual(await this.log.waitFor("close"), [1006, ""]);
    assert.equal(this.log.count("error"), 1);
    assert.equal(this.log.count("close"), 1);
  }

  async check(): Promise<void> {
    await this.target.check();
  }

  async close(): Promise<void> {
    await this.target.close();
  }
}

class ServerVictim extends Victim {
  readonly #fields: Fields;

  constructor(target: Target, fields: Fields) {
    super(target);
    this.#fields = fields;
  }

  open(): Promise<RawPeer> {
    return this.target.open(this.#fields);
  }
}

class ClientVictim extends Victim {
  readonly #options: ConnectionOptions;
  readonly #fields: Fields;
  readonly #connections = new Set<Connection>();
  #raw!: RawServer;
  #accepted = deferred<RawPeer>();

  constructor(target: Target, options: ConnectionOptions, fields: Fields) {
    super(target);
    this.#options = options;
    this.#fields = fields;
  }

  async listen(): Promise<void> {
    this.#raw = await RawServer.listen(async (peer, request) => {
      await accepting(this.#fields)(peer, request);
      this.#accepted.resolve(peer);
    });
  }

  async open(): Promise<RawPeer> {
    this.#accepted = deferred();
    const { log } = this;
    const ws = await connect(this.#raw.url, {
      ...this.#options,
      message(connection, message) {
        log.add("message", message);
        connection.send(message);
      },
      close: (_, code, reason) => log.add("close", code, reason),
      error: (error) => log.add("error", error),
    });
    log.add("open", ws);
    this.#connections.add(ws);
    return within(this.#accepted.promise, "the raw end");
  }

  override async check(): Promise<void> {
    for (const ws of this.#connections) ws.terminate();
    for (const peer of this.#raw.peers) peer.destroy();
    this.#connections.clear();
    this.#raw.peers.length = 0;
    this.#raw.requests.length = 0;
    await super.check();
  }

  override async close(): Promise<void> {
    await this.#raw.close();
    await super.close();
  }
}
