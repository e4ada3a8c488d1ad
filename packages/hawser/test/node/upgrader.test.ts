// From an upgrade request to a connection or a refusal, by way of the `upgrade` hook. What the request
// itself may do wrong has its tests in ../hardening.

import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { runInNewContext } from "node:vm";
import type { UpgradeHook } from "../../dist/index.js";
import { type Deferred, deferred, turn, within } from "../support/deferred.ts";
import { frame, opcodes } from "../support/frame.ts";
import { type Fields, requestText } from "../support/http-head.ts";
import type { RawResponse } from "../support/raw-peer.ts";
import { type StageOptions, Stage } from "../support/stage.ts";

const stage = new Stage();
const { log } = stage;
afterEach(() => stage.end());

/** The response to a handshake when the hook does that. */
async function answer(
  upgrade: UpgradeHook<unknown>,
  fields: Fields = {},
  options: StageOptions = {},
): Promise<RawResponse> {
  const server = await stage.serve({
    ...options,
    upgrade,
    open: (ws) => log.add("open", ws.data, ws.protocol),
    error: (error) => log.add("error", error),
  });
  const peer = await stage.dial(server);
  peer.write(requestText(fields));
  return peer.readResponse();
}

const offer = (...protocols: string[]): Fields => ({
  "Sec-WebSocket-Protocol": protocols.join(", "),
});

describe("upgrade hook: yes", () => {
  for (const [title, hook] of [
    ["an object", () => ({ data: "mine" })],
    ["a promise of one", () => Promise.resolve({ data: "mine" })],
    ["a thenable of one", () => thenable({ data: "mine" })],
    ["a promise of another realm", () => foreignPromise({ data: "mine" })],
  ] as [string, UpgradeHook<unknown>][]) {
    it(`${title}: the connection opens with its data`, async () => {
      assert.equal((await answer(hook)).status, 101);
      assert.deepEqual(log.entries, [{ name: "open", values: ["mine", ""] }]);
    });
  }

  it("without a hook every handshake that is in order is accepted", async () => {
    const { ws, peer } = await stage.pair();
    assert.equal(ws.data, undefined);
    assert.equal(peer.ending, undefined);
  });

  it("its headers go into the 101, as a list or an object", async () => {
    const list: [string, string][] = [
      ["Set-Cookie", "a=1"],
      ["Set-Cookie", "b=2"],
    ];
    const { headers } = await answer(() => ({ headers: list }));
    assert.deepEqual(headers.get("set-cookie"), ["a=1", "b=2"]);
    const other = await answer(() => ({ headers: { "X-One": "1", "X-Two": "2" } }));
    assert.deepEqual([other.headers.get("x-one"), other.headers.get("x-two")], [["1"], ["2"]]);
    const web = await answer(() => ({ headers: new Headers({ "X-Web": "yes" }) }));
    assert.deepEqual(web.headers.get("x-web"), ["yes"]);
  });

  it("is called as a method of the options, once per handshake", async () => {
    const options = {
      hostname: "127.0.0.1",
      secret: "mine",
      upgrade() {
        log.add("upgrade");
        return { data: this.secret };
      },
      open(ws: { data: unknown }) {
        log.add("open", ws.data);
      },
    };
    const server = await stage.serve(options);
    await stage.open(server);
    assert.deepEqual(log.entries, [
      { name: "upgrade", values: [] },
      { name: "open", values: ["mine"] },
    ]);
  });
});

describe("upgrade hook: subprotocols", () => {
  it("the server's own list: the first that the client offers", async () => {
    const options = { protocols: ["talk", "chat"] };
    const { headers } = await answer(() => ({}), offer("x", "chat", "talk"), options);
    assert.deepEqual(headers.get("sec-websocket-protocol"), ["chat"]);
    assert.deepEqual(log.all("open"), [[undefined, "chat"]]);
  });

  it("none in common: none is named", async () => {
    const { headers, status } = await answer(() => ({}), offer("x"), { protocols: ["chat"] });
    assert.equal(status, 101);
    assert.equal(headers.has("sec-websocket-protocol"), false);
  });

  it("the hook chooses one of those offered", async () => {
    const hook: UpgradeHook<unknown> = ({ protocols }) => ({ protocol: protocols[1] as string });
    const { headers } = await answer(hook, offer("a", "b", "c"));
    assert.deepEqual(headers.get("sec-websocket-protocol"), ["b"]);
  });

  it("an empty choice leaves it to the server's list", async () => {
    const { headers } = await answer(() => ({ protocol: "" }), offer("b"), { protocols: ["b"] });
    assert.deepEqual(headers.get("sec-websocket-protocol"), ["b"]);
  });

  it("the hook chooses what was not offered: 500 and a UsageError that says so", async () => {
    assert.equal((await answer(() => ({ protocol: "z" }), offer("a"))).status, 500);
    assert.match(String(log.all("error")[0]?.[0]), /UsageError.*"z".*did not offer/);
  });
});

describe("upgrade hook: no", () => {
  it("a Response: its status, header fields and body", async () => {
    const headers = { "WWW-Authenticate": "Basic", "Set-Cookie": "a=1" };
    const response = await answer(() => new Response("who?", { status: 401, headers }));
    assert.equal(response.startLine, "HTTP/1.1 401 Unauthorized");
    assert.deepEqual(response.headers.get("www-authenticate"), ["Basic"]);
    assert.deepEqual(response.headers.get("set-cookie"), ["a=1"]);
    assert.deepEqual(response.headers.get("connection"), ["close"]);
    assert.equal(response.body, "who?");
    assert.deepEqual(log.names, []);
  });

  it("a promise of a Response, and a status without a name here", async () => {
    const response = await answer(async () => new Response("tea", { status: 418 }));
    assert.equal(response.startLine, "HTTP/1.1 418 Refused");
    assert.equal(response.body, "tea");
  });

  it("anything like a Response, without header fields, with a large body", async () => {
    const body = "é".repeat(100_000);
    const response = await answer(() => ({ status: 503, text: async () => body }));
    assert.equal(response.status, 503);
    assert.equal(response.body, body);
  });

  it("several cookies, and no say in how the body is framed", async () => {
    const headers = new Headers({ "Content-Length": "1", Connection: "keep-alive" });
    headers.append("Set-Cookie", "a=1");
    headers.append("Set-Cookie", "b=2");
    headers.append("Transfer-Encoding", "chunked");
    const response = await answer(() => new Response("refused", { status: 403, headers }));
    assert.deepEqual(response.headers.get("set-cookie"), ["a=1", "b=2"]);
    assert.deepEqual(response.headers.get("content-length"), ["7"]);
    assert.deepEqual(response.headers.get("connection"), ["close"]);
    assert.equal(response.headers.has("transfer-encoding"), false);
    assert.equal(response.body, "refused");
  });

  it("a redirect", async () => {
    const response = await answer(() => Response.redirect("http://localhost/other", 307));
    assert.equal(response.status, 307);
    assert.deepEqual(response.headers.get("location"), ["http://localhost/other"]);
  });

  it("counts as refused", async () => {
    const server = await stage.serve({ upgrade: () => new Response(null, { status: 403 }) });
    for (let i = 0; i < 3; i++) {
      const peer = await stage.dial(server);
      peer.write(requestText());
      assert.equal((await peer.readResponse()).status, 403);
    }
    assert.equal(server.stats().refused, 3);
    assert.equal(server.stats().opened, 0);
  });
});

describe("upgrade hook: mistakes are a 500 that tells the client nothing, and go to `error`", () => {
  const secret = "the password is 1234";
  for (const [title, hook, told] of [
    ["throws", () => assert.fail(secret), /password/],
    ["rejects", () => Promise.reject(new Error(secret)), /password/],
    ["throws what is no error", () => Promise.reject(secret), /password/],
    ["returns nothing", () => undefined as never, /HAWSER_UPGRADE_RESULT|must return an object/],
    ["returns null", () => null as never, /must return an object/],
    ["returns true", () => true as never, /must return an object/],
    ["resolves to nothing", () => Promise.resolve(undefined as never), /must return an object/],
    ["refuses with 101", () => ({ status: 101, text: async () => "" }), /status 101/],
    ["refuses with 200", () => new Response("fine"), /status 200/],
    ["refuses with 600", () => ({ status: 600, text: async () => "" }), /status 600/],
    ["refuses with NaN", () => ({ status: Number.NaN, text: async () => "" }), /status NaN/],
    [
      "refuses with a text that fails",
      () => ({ status: 403, text: () => Promise.reject(new Error(secret)) }),
      /password/,
    ],
    [
      "refuses with a header that can't be sent",
      () => ({ status: 403, headers: [["X", "a\r\nb"]], text: async () => "" }),
      /header field/,
    ],
    [
      "accepts with a header that can't be sent",
      () => ({ headers: { X: "a\nb" } }),
      /header field/,
    ],
    [
      "accepts with a header with a wide character",
      () => ({ headers: { X: "€" } }),
      /header field/,
    ],
    ["sets the handshake's own header", () => ({ headers: { Upgrade: "x" } }), /itself/],
  ] as [string, UpgradeHook<unknown>, RegExp][]) {
    it(title, async () => {
      const { status, body } = await answer(hook);
      assert.equal(status, 500);
      assert.doesNotMatch(body, /password/);
      assert.equal(log.count("error"), 1);
      assert.match(String(log.all("error")[0]?.[0]), told);
      assert.equal(log.count("open"), 0);
    });
  }
});

describe("upgrade hook: while it is awaited", () => {
  async function pending(options: StageOptions = {}): Promise<{
    decision: Deferred<object>;
    /** Why the signal was aborted. */
    reason: () => Error;
    peer: Awaited<ReturnType<Stage["dial"]>>;
    server: Awaited<ReturnType<Stage["serve"]>>;
  }> {
    const decision = deferred<object>();
    const asked = deferred();
    let given: AbortSignal | undefined;
    const server = await stage.serve({
      ...options,
      upgrade({ signal }) {
        given = signal;
        signal.addEventListener("abort", () => log.add("abort", (signal.reason as Error).message));
        asked.resolve();
        return decision.promise;
      },
      open: () => log.add("open"),
      close: (_ws, code) => log.add("close", code),
      error: (error) => log.add("error", error),
    });
    const peer = await stage.dial(server);
    peer.write(requestText());
    await within(asked.promise, "the hook to be asked");
    return { decision, peer, server, reason: () => given?.reason as Error };
  }

  it("too long: 408, the signal is aborted, and a late yes or no is of no effect", async () => {
    for (const settle of ["resolve", "reject"] as const) {
      const { decision, peer, server, reason } = await pending({ handshakeTimeoutMs: 200 });
      assert.equal((await peer.readResponse()).status, 408);
      await peer.finish();
      await log.waitFor("abort");
      // A late yes, or no as a fetch() says it that was given the signal.
      if (settle === "resolve") decision.resolve({});
      else decision.reject(reason());
      await turn();
      assert.match(String(log.all("abort")[0]), /408/);
      assert.equal(log.count("open"), 0);
      assert.equal(log.count("error"), 0, "giving up on a signal is no failure of the hook");
      assert.equal(server.stats().refused, 1);
      log.clear();
    }
  });

  for (const [title, leave] of [
    ["ends its side", "destroy"],
    ["resets", "reset"],
  ] as const) {
    it(`the client ${title}: the signal is aborted, and a late yes or no is of no effect`, async () => {
      for (const settle of ["resolve", "reject"] as const) {
        const { decision, peer, reason } = await pending();
        peer[leave]();
        await log.waitFor("abort", 1, 1_000);
        if (settle === "resolve") decision.resolve({});
        else decision.reject(reason());
        await turn();
        assert.deepEqual(log.names, ["abort"]);
        log.clear();
      }
    });
  }

  it("a late no is of no effect either, and a late failure is still told", async () => {
    for (const result of [new Response("no", { status: 403 }), { status: 403 } as never]) {
      const { decision, peer, server } = await pending({ handshakeTimeoutMs: 150 });
      assert.equal((await peer.readResponse()).status, 408);
      await peer.finish();
      decision.resolve(result);
      for (let turns = 0; turns < 5; turns++) await turn();
      assert.equal(log.count("error"), 0);
      assert.equal(server.stats().refused, 1);
    }
    const { decision, peer } = await pending({ handshakeTimeoutMs: 150 });
    await peer.readResponse();
    decision.reject(new Error("late"));
    await log.waitFor("error", 1);
    assert.match(String(log.all("error")[0]), /late/);
  });

  it("the client sends frames and ends its side: they are still delivered", async () => {
    const received = deferred<unknown>();
    const decision = deferred<object>();
    const asked = deferred();
    const server = await stage.serve({
      upgrade() {
        asked.resolve();
        return decision.promise;
      },
      message: (_ws, message) => received.resolve(message),
      close: (_ws, code) => log.add("close", code),
    });
    const peer = await stage.dial(server);
    peer.write(requestText());
    await asked.promise;
    peer.write(frame(opcodes.text, "before the 101"));
    decision.resolve({});
    assert.equal(await received.promise, "before the 101");
  });

  it("a hook in time leaves no timer behind", async () => {
    const { decision, peer } = await pending({ handshakeTimeoutMs: 200 });
    decision.resolve({});
    assert.equal((await peer.readHead()).status, 101);
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.deepEqual(log.names, ["open"]);
  });
});

function thenable(value: object): PromiseLike<never> {
  // oxlint-disable-next-line unicorn/no-thenable -- that is what is under test
  return { then: (resolve: (value: object) => void) => void setImmediate(resolve, value) } as never;
}

function foreignPromise(value: object): PromiseLike<never> {
  return runInNewContext("Promise.resolve(value)", { value }) as PromiseLike<never>;
}
