// What comes behind a request for an upgrade: a body and a second request are refused, frames are kept
// and delivered after `open`, and a second request is never served, whenever it comes.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { after, afterEach, before, describe, it } from "node:test";
import { type Deferred, deferred, within } from "../support/deferred.ts";
import { frame, opcodes } from "../support/frame.ts";
import { headText, requestText } from "../support/http-head.ts";
import type { RawPeer } from "../support/raw-peer.ts";
import { Target } from "../support/target.ts";

let target: Target;
const served: string[] = [];
/** What the `upgrade` hook waits for, and the fetch handler for "/slow". */
let decision: Deferred<void>;
let asked: Deferred<void>;

before(async () => {
  target = await Target.start({
    maxMessageBytes: 1024 * 1024,
    async upgrade({ url }) {
      if (url !== "/wait") return {};
      asked.resolve();
      await decision.promise;
      return {};
    },
    async fetch(request) {
      const { pathname } = new URL(request.url);
      served.push(pathname);
      if (pathname === "/slow") await decision.promise;
      return new Response("served");
    },
  });
  // Once around: Node loads what Request and Response need at their first use.
  const peer = await target.connect();
  peer.write(plain("/warm"));
  await peer.readResponse();
  served.length = 0;
  target.rebase();
});
afterEach(async () => {
  served.length = 0;
  await target.check();
});
after(() => target.close());

const plain = (path: string): string => headText(`GET ${path} HTTP/1.1`, { Host: "localhost" });
const second = plain("/second");
const text = (content: string): Buffer => frame(opcodes.text, content);

async function pending(fields = {}): Promise<RawPeer> {
  decision = deferred();
  asked = deferred();
  const peer = await target.connect();
  peer.write(requestText(fields, "GET /wait HTTP/1.1"));
  await within(asked.promise, "the hook to be asked");
  return peer;
}

async function isRefused(peer: RawPeer): Promise<void> {
  const response = await peer.readResponse();
  assert.equal(response.status, 400);
  assert.notEqual(response.body, "");
  assert.equal((await peer.readToEnd()).toString(), "");
  assert.deepEqual(served, []);
  assert.equal(target.log.count("open"), 0);
  peer.destroy();
}

describe("a body on the upgrade: 400 and close", () => {
  for (const [title, fields, body] of [
    ["Content-Length with the body", { "Content-Length": "5" }, "hello"],
    ["Content-Length without the body", { "Content-Length": "5" }, ""],
    ["Content-Length and a request as the body", { "Content-Length": `${second.length}` }, second],
    ["Transfer-Encoding", { "Transfer-Encoding": "chunked" }, "5\r\nhello\r\n0\r\n\r\n"],
    ["both", { "Content-Length": "5", "Transfer-Encoding": "chunked" }, "0\r\n\r\n"],
  ] as const) {
    it(title, async () => {
      const peer = await target.connect();
      peer.write(requestText(fields) + body);
      await isRefused(peer);
    });
  }
});

describe("a second pipelined request on the upgrade: 400 and close, never served", () => {
  it("in the same packet", async () => {
    const peer = await target.connect();
    peer.write(requestText() + second);
    await isRefused(peer);
  });

  it("while `upgrade` is still awaited", async () => {
    const peer = await pending();
    peer.write(second);
    await peer.writeByteByByte("GET");
    decision.resolve();
    await isRefused(peer);
  });

  it("after the 101 it is no frame: 1002", async () => {
    const peer = await target.open();
    peer.write(second);
    assert.equal((await peer.readClose()).code, 1002);
    assert.equal((await peer.readToEnd()).toString(), "");
    assert.deepEqual(served, []);
    peer.destroy();
  });

  it("behind a request that is still being answered: no answer is mixed into the frames", async () => {
    decision = deferred();
    const peer = await target.connect();
    peer.write(plain("/slow") + requestText());
    await target.askBeside();
    decision.resolve();
    await isInOrder(peer);
  });

  it("behind two requests of which one is answered: no answer is mixed into the frames", async () => {
    decision = deferred();
    const peer = await target.connect();
    peer.write(plain("/now") + plain("/slow"));
    assert.equal((await peer.readResponse()).status, 200);
    peer.write(requestText());
    await target.askBeside();
    decision.resolve();
    await isInOrder(peer);
  });
});

/** In order, or refused, or cut off: but what follows a 101 is frames and nothing else. */
async function isInOrder(peer: RawPeer): Promise<void> {
  const first = await peer.readHead().catch(() => undefined);
  if (first?.status !== 101) return;
  peer.send("mine");
  assert.equal(await peer.readText(), "mine");
}

describe("first frames in the same packet as the request", () => {
  it("are delivered after `open`", async () => {
    const peer = await target.connect();
    peer.write(Buffer.concat([Buffer.from(requestText()), text("one"), text("two")]));
    assert.equal((await peer.readHead()).status, 101);
    assert.equal(await peer.readText(), "one");
    assert.equal(await peer.readText(), "two");
    assert.deepEqual(target.log.names, ["open", "message", "message"]);
    await peer.finish();
  });

  it("are completed by what comes later, cut anywhere", async () => {
    const all = Buffer.concat([Buffer.from(requestText()), text("one"), text("two")]);
    const headBytes = requestText().length;
    for (let cut = headBytes - 4; cut < all.length; cut++) {
      const peer = await target.connect();
      peer.write(all.subarray(0, cut));
      await target.askBeside();
      peer.write(all.subarray(cut));
      assert.equal((await peer.readHead()).status, 101);
      assert.equal(await peer.readText(), "one");
      assert.equal(await peer.readText(), "two");
      await peer.finish();
    }
  });

  it("while `upgrade` is still awaited are kept and delivered after `open`", async () => {
    const peer = await pending();
    peer.write(text("one"));
    await target.askBeside();
    await peer.writeByteByByte(text("two"));
    assert.deepEqual(target.log.names, []);
    decision.resolve();
    assert.equal((await peer.readHead()).status, 101);
    assert.equal(await peer.readText(), "one");
    assert.equal(await peer.readText(), "two");
    assert.deepEqual(target.log.names, ["open", "message", "message"]);
    await peer.finish();
  });

  it("as a megabyte while `upgrade` is awaited: none is lost", async () => {
    const peer = await pending();
    const big = "x".repeat(512 * 1024);
    peer.write(Buffer.concat([text(big), text(`${big}y`)]));
    await target.askBeside();
    decision.resolve();
    assert.equal((await peer.readHead()).status, 101);
    assert.equal((await peer.readText()).length, big.length);
    assert.equal((await peer.readText()).length, big.length + 1);
    await peer.finish();
  });

  it("past maxMessageBytes fail the connection once it is open: 1009", async () => {
    const peer = await pending();
    peer.write(frame(opcodes.binary, "", { declared: 1024 * 1024 + 1 }));
    decision.resolve();
    assert.equal((await peer.readHead()).status, 101);
    assert.equal((await peer.readClose()).code, 1009);
    await peer.finish();
  });

  it("with a Close frame among them: opened, then closed", async () => {
    const peer = await target.connect();
    peer.write(Buffer.concat([Buffer.from(requestText()), text("one"), frame(opcodes.close)]));
    assert.equal((await peer.readHead()).status, 101);
    assert.equal(await peer.readText(), "one");
    assert.equal((await peer.readClose()).code, 1005);
    await peer.finish();
    await target.log.waitFor("close");
    assert.deepEqual(target.log.names, ["open", "message", "close"]);
  });
});

describe("reset before, during, after the 101: nothing crashes", () => {
  const request = requestText();
  for (const [title, sent] of [
    ["before a byte was sent", ""],
    ["in the middle of the request", request.slice(0, 60)],
    ["right behind the request", request],
    ["behind the request and half a frame", `${request}\x81`],
  ] as const) {
    it(title, async () => {
      for (let i = 0; i < 20; i++) {
        const peer = await target.connect();
        peer.write(sent);
        // At once, and after the server had a turn or two.
        for (let turns = i % 4; turns > 0; turns--) await target.askBeside();
        peer.reset();
      }
    });
  }

  it("after the 101, with frames on their way in both directions", async () => {
    for (let i = 0; i < 20; i++) {
      const peer = await target.open();
      for (let n = 0; n < 50; n++) peer.send(`message ${n}`);
      if (i % 2 === 0) await peer.readText();
      peer.reset();
    }
    await target.log.waitFor("close", 20);
    assert.deepEqual(new Set(target.log.all("close").map(([code]) => code)), new Set([1006]));
  });

  it("while `upgrade` is awaited: the connection never opens", async () => {
    const peer = await pending();
    peer.reset();
    await target.askBeside();
    decision.resolve();
    await target.askBeside();
    assert.deepEqual(target.log.names, []);
  });
});
