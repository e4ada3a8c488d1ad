// The road of a test through a proxy: the proxy, the server behind it, and connections that come by it. The ports are
// those of the pages: 8000 is the proxy, 8443 the proxy with TLS, 8080 the server.

import assert from "node:assert/strict";
import {
  type Connection,
  type ConnectionFunction,
  connect,
  type ConnectOptions,
  HandshakeError,
  serve,
  type Server,
  type ServerOptions,
} from "hawser";
import type { Page } from "./page.ts";
import { Proxy, type ProxyProgram } from "./proxy.ts";

export class Road {
  readonly page: Page;
  readonly #program: ProxyProgram;
  #proxy: Proxy | undefined;
  #server: Server | undefined;

  constructor(page: Page, program: ProxyProgram) {
    this.page = page;
    this.#program = program;
  }

  get proxy(): Proxy {
    this.#proxy ??= new Proxy(this.page, this.#program);
    return this.#proxy;
  }

  /** A server in place of the one before. */
  async serve(options: ServerOptions = {}, run?: ConnectionFunction<unknown>): Promise<Server> {
    await this.#server?.close({ timeoutMs: 1_000 });
    const where = { hostname: "127.0.0.1", port: this.page.port(8080) };
    this.#server = await serve({ trustedProxies: ["127.0.0.1"], ...options, ...where }, run);
    return this.#server;
  }

  connect(options: ConnectOptions = {}, scheme: "ws" | "wss" = "ws"): Promise<Connection> {
    const tls = scheme === "ws" ? {} : { tls: { ca: this.proxy.ca } };
    return connect(this.url(scheme), { pingIntervalMs: 0, ...tls, ...options });
  }

  url(scheme: "ws" | "wss" | "https"): string {
    return `${scheme}://localhost:${this.page.port(scheme === "ws" ? 8000 : 8443)}`;
  }

  async refusal(options: ConnectOptions = {}): Promise<HandshakeError> {
    const refused: unknown = await this.connect(options).then(
      (ws) => ws.terminate(),
      (error: unknown) => error,
    );
    assert.ok(refused instanceof HandshakeError, `it was not refused: ${String(refused)}`);
    return refused;
  }

  async end(): Promise<void> {
    await this.#server?.close({ timeoutMs: 100 });
    await this.#proxy?.stop();
  }
}

export async function closedOf(ws: Connection): Promise<[number, string, boolean]> {
  const { code, reason, wasClean } = await ws.closed;
  return [code, reason, wasClean];
}
