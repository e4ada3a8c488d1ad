// Verdicts on servers that do one thing wrong, or differently, each.

import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import type { CaseResult } from "../../../dist/conform/engine/run-case.js";
import { selectCases } from "../../../dist/conform/groups/index.js";
import { testServer } from "../../../dist/conform/roles/server.js";
import { closePayload, opcodes } from "../../../dist/conform/wire/frame.js";
import { type Behavior, rawServer } from "../raw-server.js";
import type { TcpServer } from "../tcp-server.js";

const servers: TcpServer[] = [];
after(() => Promise.all(servers.map((server) => server.close())));

async function run(id: string, behavior: Behavior, opening?: string): Promise<CaseResult> {
  const server = await rawServer(behavior, opening);
  servers.push(server);
  const [result] = await testServer(
    { url: server.url, headers: [] },
    { cases: selectCases({ include: [id], exclude: [] }), parallel: 1, seed: "test" },
  );
  assert.ok(result !== undefined);
  return result;
}

/** Close frames get this answer, everything else the right one. */
function closing(payload: Buffer, ends = true): Behavior {
  return (frame, peer) => {
    if (frame.opcode !== opcodes.close) return peer.answer(frame);
    peer.send({ opcode: opcodes.close, payload });
    if (ends) peer.socket.end();
  };
}

/** The connection is failed with the frame, as soon as anything comes. */
function failing(payload: Buffer, ends: "at once" | "after the answer" | "never"): Behavior {
  let isFailed = false;
  return (frame, { socket }) => {
    if (!isFailed) {
      isFailed = true;
      socket.write(Buffer.concat([Buffer.of(0x88, payload.length), payload]));
      if (ends === "at once") socket.end();
    } else if (frame.opcode === opcodes.close && ends === "after the answer") socket.end();
  };
}

const nothing: Behavior = () => undefined;

type Row = [
  title: string,
  id: string,
  behavior: Behavior,
  verdicts: [CaseResult["behavior"], CaseResult["behaviorClose"]],
  why: RegExp,
];

describe("verdicts", { concurrency: 8 }, () => {
  const rows: Row[] = [
    [
      "a good server",
      "1.1.2",
      (frame, peer) => peer.answer(frame),
      ["OK", "OK"],
      /what was expected/,
    ],
    ["silence", "1.1.2", nothing, ["FAILED", "UNCLEAN"], /what came is nothing/],
    [
      "an echo that comes twice",
      "1.1.2",
      (frame, peer) => {
        peer.answer(frame);
        if (frame.opcode === opcodes.text) peer.answer(frame);
      },
      ["FAILED", "OK"],
      /text of 125, text of 125/,
    ],
    [
      "an echo of another type",
      "1.1.2",
      (frame, peer) =>
        frame.opcode === opcodes.text
          ? peer.send({ opcode: opcodes.binary, payload: frame.payload })
          : peer.answer(frame),
      ["FAILED", "UNCLEAN"],
      /binary of 125/,
    ],
    [
      "§5.1 masked frames of a server",
      "1.1.2",
      ({ opcode, payload }, peer) => peer.send({ opcode, payload, masked: true }),
      ["FAILED", "UNCLEAN"],
      /must not mask/,
    ],
    [
      "TCP that ends without a Close frame",
      "1.1.2",
      (_frame, { socket }) => void socket.destroy(),
      ["FAILED", "FAILED"],
      /nothing.*peer has ended the connection, and should not have: TCP ended without/,
    ],
    [
      "a Close frame without need",
      "1.1.2",
      (frame, peer) =>
        frame.opcode === opcodes.text
          ? peer.send({ opcode: opcodes.close, payload: closePayload(1009, "too big") })
          : peer.socket.end(),
      ["FAILED", "FAILED"],
      /should not have: a Close frame with 1009, "too big"/,
    ],
    ["no answer to a Close frame", "7.3.3", nothing, ["OK", "UNCLEAN"], /no Close frame came/],
    [
      "§7.1.1 a server that does not end TCP",
      "7.3.3",
      closing(closePayload(1000), false),
      ["OK", "UNCLEAN"],
      /has not ended TCP/,
    ],
    [
      "another code",
      "7.3.3",
      closing(closePayload(1001)),
      ["FAILED", "WRONG CODE"],
      /the close code is 1001, not 1000/,
    ],
    [
      "another code where the code is not the question",
      "1.1.2",
      closing(closePayload(1001)),
      ["OK", "WRONG CODE"],
      /1001, not 1000/,
    ],
    [
      "a Close frame without a code",
      "7.7.5",
      closing(Buffer.alloc(0)),
      ["OK", "OK"],
      /as it should/,
    ],
    [
      "§5.5.1 a Close frame with one octet",
      "7.3.3",
      closing(Buffer.of(3)),
      ["FAILED", "UNCLEAN"],
      /one octet/,
    ],
    [
      "a connection that is not failed",
      "5.9",
      nothing,
      ["OK", "FAILED"],
      /the peer should have ended the connection, and has not/,
    ],
    [
      "§7.1.7 one that is failed with 1002",
      "5.9",
      failing(closePayload(1002), "after the answer"),
      ["OK", "OK"],
      /as it should/,
    ],
    [
      "one that is failed without a code",
      "5.9",
      failing(Buffer.alloc(0), "at once"),
      ["OK", "OK"],
      /as it should/,
    ],
    [
      "one that is failed by dropping TCP",
      "5.9",
      (_frame, { socket }) => void socket.destroy(),
      ["OK", "OK"],
      /as it should/,
    ],
    [
      "one that is failed with another code",
      "5.9",
      failing(closePayload(1000), "at once"),
      ["OK", "WRONG CODE"],
      /1000, not 1002/,
    ],
    [
      "one that is failed, and TCP stays",
      "5.9",
      failing(closePayload(1002), "never"),
      ["OK", "FAILED BY CLIENT"],
      /server should have ended TCP/,
    ],
    [
      "what is informational",
      "7.13.1",
      closing(closePayload(1001)),
      ["INFORMATIONAL", "INFORMATIONAL"],
      /what came is nothing/,
    ],
    [
      "what is not implemented",
      "12.1.1",
      (frame, peer) => peer.answer(frame),
      ["UNIMPLEMENTED", "UNIMPLEMENTED"],
      /not agreed on/,
    ],
    [
      "one echo of a thousand with another content",
      "9.7.2",
      (() => {
        let count = 0;
        return (frame, peer) => {
          if (++count === 17) frame.payload[3] = 0x21;
          peer.answer(frame);
        };
      })(),
      ["FAILED", "UNCLEAN"],
      /message 17 of 1000: .*another content/,
    ],
  ];
  for (const [title, id, behavior, verdicts, why] of rows) {
    it(`${id}, ${title}: ${verdicts.join(" and ")}`, async () => {
      const result = await run(id, behavior);
      assert.deepEqual([result.behavior, result.behaviorClose], verdicts);
      assert.match(`${result.behaviorWhy} ${result.behaviorCloseWhy}`, why);
      assert.ok(result.log.length > 2);
    });
  }

  it("1.1.2, §4.1 a refusal, and a response with a wrong Accept: FAILED", async () => {
    const refusal = await run("1.1.2", nothing, "HTTP/1.1 404 Not Found\r\n\r\n");
    assert.deepEqual([refusal.behavior, refusal.behaviorClose], ["FAILED", "FAILED"]);
    assert.match(refusal.behaviorWhy, /refuses: HTTP\/1\.1 404/);
    const head = "HTTP/1.1 101 S\r\nUpgrade: websocket\r\nConnection: upgrade\r\n";
    const wrong = await run("1.1.2", nothing, `${head}Sec-WebSocket-Accept: no\r\n\r\n`);
    assert.match(wrong.behaviorWhy, /does not belong to the key/);
    for (const [opening, message] of [
      ["HTTP/1.1 101 S\r\nConnection: upgrade\r\n\r\n", /no Upgrade/],
      ["HTTP/1.1 101 S\r\nUpgrade: websocket\r\n\r\n", /no Connection/],
    ] as const) {
      assert.match((await run("1.1.2", nothing, opening)).behaviorWhy, message);
    }
  });

  it("the log has directions, times, frames and octets", async () => {
    const { log } = await run("2.2", (frame, peer) => peer.answer(frame));
    const ping = log.find(({ text }) => text.startsWith("ping"));
    const pong = log.find(({ text }) => text.startsWith("pong"));
    assert.equal(ping?.from, "tester");
    assert.match(ping?.octets ?? "", /^89 8d /);
    assert.equal(pong?.text, 'pong frame, FIN, 13 octets: "Hello, world!"');
    assert.equal(pong?.from, "peer");
    assert.match(pong?.octets ?? "", /^8a 0d 48 65/);
    const times = log.map(({ ms }) => ms);
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    );
  });
});
