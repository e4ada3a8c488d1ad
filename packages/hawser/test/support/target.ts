// A server for bad input, with a well-behaved client beside it: it writes everything that happens to
// the others into a log, echoes texts, and `check` says whether it has come through unharmed.

import assert from "node:assert/strict";
import type { AddressInfo } from "node:net";
import {
  type Connection,
  type ListenOptions,
  type Server,
  serve,
  type ServerOptions,
} from "../../dist/index.js";
import { Baseline } from "./baseline.ts";
import { EventLog } from "./event-log.ts";
import type { Fields } from "./http-head.ts";
import { eventually } from "./memory.ts";
import { makeCertificate } from "./certificate.ts";
import { RawPeer, type Where } from "./raw-peer.ts";

/** Marks the client beside, whose events are not written down. */
const besideField = { "X-Beside": "yes" };

export class Target {
  readonly server: Server;
  readonly log: EventLog;
  readonly #ca: string | undefined;
  readonly #beside: RawPeer;
  readonly #baseline: Baseline;
  readonly #peers = new Set<RawPeer>();
  #asked = 0;

  private constructor(server: Server, ca: string | undefined, log: EventLog, beside: RawPeer) {
    this.server = server;
    this.#ca = ca;
    this.log = log;
    this.#beside = beside;
    this.#baseline = new Baseline();
  }

  /** @param isSecure whether it listens with TLS */
  static async start(
    options: ServerOptions & ListenOptions = {},
    isSecure = false,
  ): Promise<Target> {
    const log = new EventLog();
    const certificate = isSecure ? makeCertificate() : undefined;
    const server = await serve({
      hostname: "127.0.0.1",
      ...(certificate && { tls: certificate }),
      ...logging(log, options),
    });
    const { port } = server.address() as AddressInfo;
    const where: Where = { port, host: "127.0.0.1", ca: certificate?.cert };
    const beside = await RawPeer.open(where, besideField);
    // Once around first: what is made only once belongs to the base.
    const warm = await RawPeer.open(where, besideField);
    warm.send("warm");
    assert.equal(await warm.readText(), "warm");
    await warm.finish();
    await eventually(() => (server.stats().connections > 1 ? "warm" : undefined), 1_000);
    return new Target(server, certificate?.cert, log, beside);
  }

  get where(): { port: number; host: string; ca: string | undefined } {
    const { port } = this.server.address() as AddressInfo;
    return { port, host: "127.0.0.1", ca: this.#ca };
  }

  /** A peer that is let go of by `check` at the latest. */
  async connect(): Promise<RawPeer> {
    const peer = await RawPeer.connect(this.where);
    this.#peers.add(peer);
    return peer;
  }

  async open(fields: Fields = {}): Promise<RawPeer> {
    const peer = await RawPeer.open(this.where, fields);
    this.#peers.add(peer);
    return peer;
  }

  /** Takes what is in use now as the base. */
  rebase(): void {
    this.#baseline.reset();
  }

  /** The client beside asks and has to get its answer. */
  async askBeside(): Promise<void> {
    const question = `beside ${++this.#asked}`;
    this.#beside.send(question);
    assert.equal(await this.#beside.readText(), question);
  }

  /** After every bad input: the client beside gets its answer, and nothing is left behind. */
  async check(): Promise<void> {
    await this.askBeside();
    for (const peer of this.#peers) peer.destroy();
    this.#peers.clear();
    this.log.clear();
    try {
      await this.#baseline.check();
    } catch (error) {
      this.#baseline.reset(); // One test's leftovers are not the next one's.
      throw error;
    } finally {
      this.log.clear();
    }
  }

  async close(): Promise<void> {
    this.#beside.destroy();
    await this.server.close({ timeoutMs: 1_000 });
  }
}

function logging(log: EventLog, options: ServerOptions): ServerOptions {
  const besides = new Set<Connection>();
  const write = (ws: Connection | undefined, name: string, ...values: unknown[]): void => {
    if (ws === undefined || !besides.has(ws)) log.add(name, ...values);
  };
  return {
    ...options,
    open(ws, request) {
      if (request.headers["x-beside"] !== undefined) besides.add(ws);
      write(ws, "open", ws);
      return options.open?.(ws, request);
    },
    message(ws, message) {
      write(ws, "message", message);
      if (options.message !== undefined && !besides.has(ws)) return options.message(ws, message);
      ws.send(message);
      return undefined;
    },
    close(ws, code, reason) {
      write(ws, "close", code, reason);
      return options.close?.(ws, code, reason);
    },
    error(error, ws) {
      write(ws, "error", error);
      options.error?.(error, ws);
    },
  };
}
