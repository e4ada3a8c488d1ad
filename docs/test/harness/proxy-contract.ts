// What has to work through every proxy that the docs have a configuration for: the contract of connections, and what
// is about proxies; and how each of them differs.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { holdToContract } from "../../../packages/hawser/dist-test/contract/contract.js";
import type { Page } from "./page.ts";
import type { Proxy, ProxyProgram } from "./proxy.ts";
import { checkHttp2 } from "./proxy-http2.ts";
import { closedOf, Road } from "./proxy-road.ts";
import { type Outside, transportThrough } from "./proxy-transport.ts";

/** How a proxy differs from others. */
export interface ProxyTraits {
  /** Shortens the time-out of idle WebSockets to a second; undefined when there is none. */
  readonly shorten: ((config: string) => string) | undefined;
  /** Makes it drop `Upgrade` on the way to the server. */
  readonly stripUpgrade: (config: string) => string;
  /** Its status when no server listens behind it. */
  readonly downStatus: number;
  /** Whether it takes WebSockets over HTTP/2, RFC 8441. */
  readonly hasExtendedConnect: boolean;
  /** Makes it tell the server, in X-Client-Http, which version of HTTP the client speaks. */
  readonly tellVersion: (config: string) => string;
  /** What makes the configuration quicker to let go of connections at a reload. */
  readonly hasten?: (config: string) => string;
  /** Makes it read its configuration again; resolves when the old one serves no more. */
  reload(proxy: Proxy): Promise<void>;
  /** The close code of a connection that is open then. */
  readonly reloadCode: number;
}

/** Declares the tests of one proxy. */
export function checkProxy(page: Page, program: ProxyProgram, traits: ProxyTraits): void {
  describe(`through ${program.package}`, () => {
    const road = new Road(page, program);
    before(() => road.proxy.start());
    after(() => road.end());
    const outsides: Outside[] = ["TCP", "TLS"];
    if (traits.hasExtendedConnect) outsides.push("HTTP/2");
    for (const one of outsides) holdToContract(transportThrough(road, program.package, one));
    checkClient(road);
    checkEnds(road, traits);
    checkHttp2(road, traits);
  });
}

function checkClient(road: Road): void {
  it("the server learns who the client is, whatever it claims", async () => {
    const seen: unknown[] = [];
    await road.serve({
      upgrade({ ip, host, isSecure }) {
        seen.push({ ip, host, isSecure });
        return {};
      },
    });
    const headers = {
      "x-forwarded-for": "6.6.6.6",
      "x-forwarded-proto": "https",
      "x-forwarded-host": "evil.example",
      forwarded: "for=6.6.6.6;host=evil.example;proto=https",
    };
    for (const scheme of ["ws", "wss"] as const) {
      const ws = await road.connect({ headers }, scheme);
      ws.close();
      await ws.closed;
    }
    assert.deepEqual(seen, [
      { ip: "127.0.0.1", host: new URL(road.url("ws")).host, isSecure: false },
      { ip: "127.0.0.1", host: new URL(road.url("wss")).host, isSecure: true },
    ]);
  });

  it("RFC 6455 §10.2 pages of the proxy's host may connect, and no others", async () => {
    await road.serve();
    const own = await road.connect({
      headers: { origin: new URL(road.url("ws")).origin.replace("ws", "http") },
    });
    own.close();
    await own.closed;
    for (const origin of ["https://evil.example", `http://127.0.0.1:${road.page.port(8080)}`]) {
      assert.equal((await road.refusal({ headers: { origin } })).status, 403, origin);
    }
  });
}

function checkEnds(road: Road, traits: ProxyTraits): void {
  const { shorten, stripUpgrade, downStatus, hasten, reload, reloadCode } = traits;

  it("without Upgrade the refusal says what is missing", async () => {
    await road.proxy.start(stripUpgrade);
    await road.serve();
    const error = await road.refusal();
    assert.equal(error.code, "HAWSER_REFUSED");
    assert.equal(error.status, 426);
    assert.match(error.message, /426/);
    assert.match(error.body, /this is a WebSocket endpoint/);
  });

  it("an idle connection outlives the proxy's time-out by our pings, and no other does", async () => {
    await road.proxy.start(shorten);
    await road.serve({ pingIntervalMs: 300 });
    const alive = await road.connect();
    const isOver = alive.closed.then(() => true);
    assert.equal(await Promise.race([isOver, patience(2_500)]), false);
    alive.close();
    assert.equal((await alive.closed).wasClean, true);

    let onClosed: (code: number) => void;
    const seen = new Promise<number>((resolve) => {
      onClosed = resolve;
    });
    await road.serve({ pingIntervalMs: 0, close: (_ws, code) => onClosed(code) });
    const silent = await road.connect();
    if (shorten === undefined) {
      assert.equal(await Promise.race([silent.closed.then(() => true), patience(2_500)]), false);
      silent.terminate();
      assert.equal(await seen, 1006);
      return;
    }
    assert.deepEqual(await closedOf(silent), [1006, "", false]);
    assert.equal(await seen, 1006);
  });

  it(`without a server it answers ${downStatus}, and clients come back to the next one`, async () => {
    await road.proxy.start();
    const server = await road.serve();
    await server.close();
    assert.equal((await road.refusal()).status, downStatus);
    await road.serve();
    const back = await road.connect();
    back.close();
    assert.equal((await back.closed).wasClean, true);
  });

  it("what a reload does to a connection is what the page says", async () => {
    await road.proxy.start(hasten);
    await road.serve();
    const ws = await road.connect();
    await reload(road.proxy);
    assert.equal((await ws.closed).code, reloadCode);
    const next = await road.connect();
    next.close();
    assert.equal((await next.closed).wasClean, true);
  });
}

/** False, after a while in which nothing has to happen. */
function patience(ms: number): Promise<false> {
  return new Promise((resolve) => void setTimeout(resolve, ms, false));
}
