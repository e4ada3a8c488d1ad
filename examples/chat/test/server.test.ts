// The server as its clients see it: every message of its protocol, and everything that it refuses.

import assert from "node:assert/strict";
import { once } from "node:events";
import { connect as connectTcp } from "node:net";
import { after, afterEach, before, describe, it } from "node:test";
import { text } from "node:stream/consumers";
import { connect, HandshakeError, type Server } from "hawser";
import { type Person, startChat } from "../dist/server.js";
import { emptied, Guest } from "./guest.ts";

let server: Server<Person>;
before(async () => {
  server = await startChat({ port: 0, hostname: "127.0.0.1" });
});
afterEach(() => emptied(server));
after(() => server.close({ timeoutMs: 1_000 }));

describe("the room", { timeout: 20_000 }, () => {
  it("welcomes who joins with all who are there, and tells those who join and leave", async () => {
    const ada = await Guest.connect(server);
    ada.send({ type: "join", name: "Ada" });
    assert.deepEqual(await ada.next(), { type: "welcome", name: "Ada", people: ["Ada"] });

    const grace = await Guest.connect(server);
    grace.send({ type: "join", name: "Grace" });
    assert.deepEqual(await grace.next(), {
      type: "welcome",
      name: "Grace",
      people: ["Ada", "Grace"],
    });
    assert.deepEqual(await ada.next(), { type: "joined", name: "Grace" });

    await grace.leave();
    assert.deepEqual(await ada.next(), { type: "left", name: "Grace" });
    await ada.leave();
  });

  it("carries what is said to everybody, its speaker too, with the server's time", async () => {
    const ada = await Guest.join(server, "Ada");
    const grace = await Guest.join(server, "Grace");
    await ada.next();
    const sentAt = Date.now();
    ada.send({ type: "say", text: "  Ahoy\r\n\r\n\r\n\r\n<b>there</b> \u2693 " });
    const said = await grace.next();
    assert.deepEqual(said, await ada.next());
    assert.ok(said.type === "said" && said.at >= sentAt && said.at <= Date.now());
    assert.equal(said.name, "Ada");
    assert.equal(said.text, "Ahoy\n\n<b>there</b> \u2693");
    await ada.leave();
    await grace.leave();
  });

  it("keeps names apart, and frees them when their owner leaves", async () => {
    const first = await Guest.join(server, "Ada Lovelace");
    for (const [wish, given] of [
      ["Ada Lovelace", "Ada Lovelace 2"],
      ["  ada   LOVELACE ", "ada LOVELACE 2"],
      ["\uff21da Lovelace", "\uff21da Lovelace 2"],
    ] as const) {
      const second = await Guest.connect(server);
      second.send({ type: "join", name: wish });
      const welcome = await second.next();
      assert.ok(welcome.type === "welcome");
      assert.equal(welcome.name, given);
      assert.deepEqual(await first.next(), { type: "joined", name: given });
      await second.leave();
      assert.deepEqual(await first.next(), { type: "left", name: given });
    }
    await first.leave();
    await emptied(server);
    const again = await Guest.connect(server);
    again.send({ type: "join", name: "Ada Lovelace" });
    assert.deepEqual(await again.next(), {
      type: "welcome",
      name: "Ada Lovelace",
      people: ["Ada Lovelace"],
    });
    await again.leave();
  });

  it("tells nothing to who has not joined, and nobody of who never did", async () => {
    const ada = await Guest.join(server, "Ada");
    const silent = await Guest.connect(server);
    ada.send({ type: "say", text: "Anybody here?" });
    assert.equal((await ada.next()).type, "said");
    silent.send({ type: "join", name: "Grace" });
    assert.equal((await silent.next()).type, "welcome");
    assert.deepEqual(await ada.next(), { type: "joined", name: "Grace" });
    await silent.leave();
    await ada.leave();
  });
});

describe("what the server refuses", { timeout: 20_000 }, () => {
  const names = {
    "an empty name": "",
    "a blank name": " \u00a0 ",
    "a name of invisible characters": "\u200b\u200d",
    "a name that is too long": "x".repeat(25),
    "a name with a line break": "Ada\nGrace",
    "a name that turns the text around": "Ada\u202e",
    "a name with half a character": "Ada\ud83d",
  };
  for (const [title, name] of Object.entries(names)) {
    it(`refuses ${title} with a sentence, and lets one try again`, async () => {
      const guest = await Guest.connect(server);
      guest.send({ type: "join", name });
      const problem = await guest.next();
      assert.ok(problem.type === "problem" && problem.about === "join");
      assert.match(problem.text, /^[A-Z].*\.$/);
      guest.send({ type: "join", name: "x".repeat(24) });
      assert.equal((await guest.next()).type, "welcome");
      await guest.leave();
    });
  }

  const texts = {
    "an empty text": "",
    "a blank text": " \n\t",
    "a text that is too long": "x".repeat(1001),
    "a text with control characters": "\u0007 ding",
    "a text that turns the page around": "\u202eolleh",
  };
  for (const [title, said] of Object.entries(texts)) {
    it(`refuses ${title} with a sentence, and publishes nothing`, async () => {
      const guest = await Guest.join(server, "Ada");
      guest.send({ type: "say", text: said });
      const problem = await guest.next();
      assert.ok(problem.type === "problem" && problem.about === "say");
      assert.match(problem.text, /^[A-Z].*\.$/);
      guest.send({ type: "say", text: "\u{1f469}\u200d\u{1f680}\tfits" });
      assert.equal((await guest.next()).type, "said");
      await guest.leave();
    });
  }

  const violations = {
    "binary messages": { sent: [Uint8Array.of(1, 2)], code: 1003 },
    "what is not JSON": { sent: ["ahoy"], code: 1008 },
    "JSON that is no object": { sent: ["null"], code: 1008 },
    "a number": { sent: ["7"], code: 1008 },
    "a message of an unknown type": { sent: ['{"type":"shout","text":"AHOY"}'], code: 1008 },
    "a name that is no string": { sent: ['{"type":"join","name":7}'], code: 1008 },
    "a join without a name": { sent: ['{"type":"join"}'], code: 1008 },
    "speaking before the join": { sent: ['{"type":"say","text":"ahoy"}'], code: 1008 },
    "what is larger than any honest message": { sent: [" ".repeat(8 * 1024 + 1)], code: 1009 },
    "a second join": {
      sent: ['{"type":"join","name":"Ada"}', '{"type":"join","name":"Eve"}'],
      code: 1008,
    },
  };
  for (const [title, { sent, code }] of Object.entries(violations)) {
    it(`closes with ${code} on ${title}`, async () => {
      const guest = await Guest.connect(server);
      for (const message of sent) guest.sendRaw(message);
      const { closed } = await guest.end();
      assert.equal(closed.code, code);
      assert.notEqual(closed.reason, "");
      assert.equal(closed.wasClean, true);
    });
  }

  it("publishes nothing more of a connection that it closes", async () => {
    const ada = await Guest.join(server, "Ada");
    const eve = await Guest.join(server, "Eve");
    assert.deepEqual(await ada.next(), { type: "joined", name: "Eve" });
    eve.sendRaw("ahoy");
    eve.send({ type: "say", text: "one more thing" });
    assert.equal((await eve.end()).closed.code, 1008);
    assert.deepEqual(await ada.next(), { type: "left", name: "Eve" });
    await ada.leave();
  });

  it("tells who sends too fast to wait, then closes with 1008; others notice nothing", async () => {
    const other = await Guest.join(server, "Grace");
    const fast = await Guest.join(server, "Ada");
    assert.equal((await other.next()).type, "joined");
    for (let i = 0; i < 30; i++) fast.send({ type: "say", text: `message ${i}` });
    const { rest, closed } = await fast.end();
    // The join was the first of the ten.
    const expected = [...Array<string>(9).fill("said"), ...Array<string>(10).fill("problem")];
    assert.deepEqual(
      rest.map(({ type }) => type),
      expected,
    );
    assert.equal(closed.code, 1008);
    for (let i = 0; i < 9; i++) {
      const said = await other.next();
      assert.ok(said.type === "said" && said.text === `message ${i}`);
    }
    assert.deepEqual(await other.next(), { type: "left", name: "Ada" });
    await other.leave();
  });

  it("refuses other paths with 404, and pages of other sites with 403", async () => {
    const isStatus = (status: number) => (error: unknown) =>
      error instanceof HandshakeError && error.status === status;
    await assert.rejects(connect(`${server.url}/`), isStatus(404));
    await assert.rejects(connect(`${server.url}/chat?room=2`), isStatus(404));
    await assert.rejects(
      connect(`${server.url}/chat`, { headers: { Origin: "https://elsewhere.example" } }),
      isStatus(403),
    );
  });
});

describe("the page's files", { timeout: 20_000 }, () => {
  const http = (): string => server.url.replace("ws:", "http:");

  for (const [path, type] of [
    ["/", "text/html; charset=utf-8"],
    ["/?from=somewhere", "text/html; charset=utf-8"],
    ["/base.css", "text/css; charset=utf-8"],
    ["/frame.css", "text/css; charset=utf-8"],
    ["/room.css", "text/css; charset=utf-8"],
    ["/flags.css", "text/css; charset=utf-8"],
    ["/icon.svg", "image/svg+xml"],
    ["/chat.js", "text/javascript; charset=utf-8"],
    ["/conversation.js", "text/javascript; charset=utf-8"],
    ["/mooring.js", "text/javascript; charset=utf-8"],
  ] as const) {
    it(`serves ${path} under the strict policy`, async () => {
      const response = await fetch(http() + path);
      assert.equal(response.status, 200);
      assert.equal(response.headers.get("content-type"), type);
      assert.equal(response.headers.get("x-content-type-options"), "nosniff");
      const policy = response.headers.get("content-security-policy") ?? "";
      assert.match(policy, /^default-src 'none'; script-src 'self';/);
      assert.doesNotMatch(policy, /unsafe|\*|data:/);
      assert.notEqual(await response.text(), "");
    });
  }

  it("serves nothing else, and only for reading", async () => {
    for (const path of ["/server.js", "/chat", "/favicon.ico", "/page/chat.ts"]) {
      const response = await fetch(http() + path);
      assert.equal(response.status, 404);
      assert.notEqual(response.headers.get("content-security-policy"), null);
      await response.text();
    }
    const response = await fetch(http(), { method: "POST", body: "x" });
    assert.equal(response.status, 405);
    assert.equal(response.headers.get("allow"), "GET, HEAD");
    await response.text();
    const head = await fetch(http(), { method: "HEAD" });
    assert.equal(head.status, 200);
    assert.equal(await head.text(), "");
  });

  it("lets no path climb out of its table", async () => {
    for (const path of ["/../package.json", "/%2e%2e/package.json", "//etc/passwd"]) {
      const { port } = new URL(http());
      const socket = connectTcp(Number(port), "127.0.0.1");
      await once(socket, "connect");
      socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
      assert.match(await text(socket), /^HTTP\/1.1 404 /);
    }
  });
});

describe("the end", { timeout: 20_000 }, () => {
  it("says 1001 to everybody when the server closes", async () => {
    const chat = await startChat({ port: 0, hostname: "127.0.0.1" });
    const ada = await Guest.join(chat, "Ada");
    const grace = await Guest.join(chat, "Grace");
    const [first, second] = [ada.end(), grace.end()];
    await chat.close({ timeoutMs: 2_000, reason: "the server stops" });
    for (const { closed } of [await first, await second]) {
      assert.deepEqual([closed.code, closed.reason], [1001, "the server stops"]);
    }
  });
});
