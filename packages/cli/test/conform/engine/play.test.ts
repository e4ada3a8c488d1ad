// What the engine offers to cases beyond the script: programs, and what it does by itself.

import assert from "node:assert/strict";
import { Duplex } from "node:stream";
import { after, describe, it } from "node:test";
import {
  type Case,
  cleanClose,
  event,
  ping,
  type ProgramCase,
  send,
  text,
} from "../../../dist/conform/engine/case.js";
import { type CaseResult, runCase, type Stage } from "../../../dist/conform/engine/run-case.js";
import { selectCases } from "../../../dist/conform/groups/index.js";
import { testServer } from "../../../dist/conform/roles/server.js";
import { opcodes } from "../../../dist/conform/wire/frame.js";
import { type Behavior, rawServer } from "../raw-server.js";
import type { TcpServer } from "../tcp-server.js";

const servers: TcpServer[] = [];
after(() => Promise.all(servers.map((server) => server.close())));

async function run(testCase: Case | undefined, behavior: Behavior): Promise<CaseResult> {
  const server = await rawServer(behavior);
  servers.push(server);
  const target = { url: server.url, headers: [] };
  const cases = testCase === undefined ? [] : [testCase];
  const [result] = await testServer(target, { cases, parallel: 1, seed: "test" });
  assert.ok(result !== undefined);
  return result;
}

const head = {
  id: "99.1",
  title: "An experiment",
  checks: "It works.",
  section: "RFC 6455 §1",
  limitMs: 300,
};

describe("a program", () => {
  it("talks and judges by itself, and the connection ends in any case", async () => {
    const program: ProgramCase = {
      ...head,
      kind: "program",
      expected: "an echo of a random number",
      async play(conversation, random) {
        const number = String(random.below(1_000_000));
        await conversation.send([text(number)]);
        const isBack = (): boolean => conversation.events.length > 0;
        const echoed = await conversation.until(isBack, 300);
        assert.equal(String(conversation.events[0]?.data), number);
        return {
          behavior: { verdict: echoed ? "OK" : "FAILED", why: "an echo" },
          behaviorClose: { verdict: "OK", why: "not asked for" },
        };
      },
    };
    const result = await run(program, (frame, peer) => peer.answer(frame));
    assert.equal(result.behavior, "OK");
    assert.equal(result.expected, "an echo of a random number");
    assert.match(result.log.at(-1)?.text ?? "", /drops TCP: its time is over/);
  });
});

describe("the tester", () => {
  const script: Case = {
    ...head,
    kind: "script",
    close: cleanClose,
    script: () => ({
      steps: [send([text("hi")])],
      events: { OK: [event("ping", "are you there"), event("text", "hi")] },
    }),
  };

  it("§5.5.2 answers pings, which are events as well", async () => {
    const pongs: string[] = [];
    const result = await run(script, (frame, peer) => {
      if (frame.opcode === opcodes.text) {
        peer.send({ opcode: opcodes.ping, payload: Buffer.from("are you there") });
      }
      if (frame.opcode === opcodes.pong) pongs.push(String(frame.payload));
      else peer.answer(frame);
    });
    assert.deepEqual([result.behavior, result.behaviorClose], ["OK", "OK"]);
    assert.deepEqual(pongs, ["are you there"]);
  });

  it("answers between frames, though these are written octet by octet", async () => {
    const payloads = Array.from({ length: 5 }, (_, index) => `${index}`);
    const heard: string[] = [];
    await run(
      {
        ...script,
        script: () => ({
          steps: [
            send(
              payloads.map((payload) => ping(payload)),
              1,
            ),
          ],
          events: { OK: [] },
        }),
      },
      (frame, peer) => {
        heard.push(`${frame.opcode} ${String(frame.payload)}`);
        if (heard.length === 1) peer.send({ opcode: opcodes.ping, payload: Buffer.from("back") });
        if (heard.length === 6) peer.socket.end();
      },
    );
    assert.deepEqual(heard.toSorted(), ["10 back", ...payloads.map((one) => `9 ${one}`)]);
  });

  it("ends a case whose peer takes nothing", async () => {
    const socket = new Duplex({ read: () => undefined, write: () => undefined });
    const large: Case = {
      ...script,
      script: () => ({ steps: [send([text("a".repeat(100_000))])], events: { OK: [] } }),
    };
    const opened = { agreement: undefined, rest: Buffer.alloc(0), fields: new Map() };
    const stage: Stage = {
      role: "server",
      open: async () => ({ socket, opened }),
      byHand: () => Promise.reject(new Error("it is played on a connection")),
    };
    const { behaviorClose, log } = await runCase(large, "test", stage, 100);
    assert.equal(behaviorClose, "UNCLEAN");
    assert.match(log.at(-1)?.text ?? "", /nothing has happened for too long/);
  });

  it("shows what came of a frame that did not end", async () => {
    const result = await run(script, (_frame, { socket }) => {
      socket.end(Buffer.from("810548", "hex"));
    });
    assert.ok(
      result.log.some(
        ({ text: line, octets }) =>
          /3 octets of a frame that did not/.test(line) && octets === "81 05 48",
      ),
    );
  });

  it("gives up a round trip that takes too long", async () => {
    const [slow] = selectCases({ include: ["9.7.2"], exclude: [] });
    assert.ok(slow?.kind === "round trips");
    const result = await run({ ...slow, limitMs: 0 }, (frame, peer) => peer.answer(frame));
    assert.match(result.behaviorWhy, /message 1 of 1000: 0 ms are over/);
  });
});
