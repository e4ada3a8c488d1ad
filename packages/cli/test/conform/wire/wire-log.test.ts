// The log: what a line says, and that a long conversation keeps its ends only.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { closePayload } from "../../../dist/conform/wire/frame.js";
import { Random } from "../../../dist/conform/wire/random.js";
import { count, WireLog } from "../../../dist/conform/wire/wire-log.js";

function lineOf(opcode: number, payload: Uint8Array): string | undefined {
  const log = new WireLog();
  const frame = { fin: opcode !== 2, rsv: opcode === 2 ? 4 : 0, opcode, masked: true, payload };
  log.frame("peer", frame, Buffer.from("8180", "hex"));
  return log.entries[0]?.text;
}

describe("WireLog", () => {
  it("says what a frame is", () => {
    assert.equal(lineOf(1, Buffer.from("hé")), 'text frame, FIN, masked, 3 octets: "hé"');
    assert.equal(lineOf(2, Buffer.of(0)), "binary frame, no FIN, RSV 4, masked, 1 octet");
    assert.equal(lineOf(11, Buffer.alloc(0)), "opcode 11 frame, FIN, masked, 0 octets");
    assert.equal(
      lineOf(8, closePayload(1000, "bye")),
      'close frame, FIN, masked, 5 octets: code 1000: "bye"',
    );
    assert.equal(lineOf(8, Buffer.from("a")), 'close frame, FIN, masked, 1 octet: "a"');
  });

  it("shows no credentials", () => {
    const log = new WireLog();
    log.http(
      "tester",
      "GET / HTTP/1.1\r\nauthorization: Basic YQ==\r\nCookie: a=b\r\nX: y\r\n\r\n",
    );
    assert.equal(
      log.entries[0]?.text,
      "GET / HTTP/1.1\nauthorization: (not shown)\nCookie: (not shown)\nX: y",
    );
  });

  it("shortens what is long, between two characters", () => {
    const line = lineOf(1, Buffer.from("é".repeat(31) + "é")) ?? "";
    assert.match(line, /: "é{30}" …$/);
    const log = new WireLog();
    log.octets("tester", "x", Buffer.alloc(100));
    assert.match(log.entries[0]?.octets ?? "", /^(?:00 ){32}…$/);
  });

  it("keeps the beginning and the end of a long conversation", () => {
    const log = new WireLog();
    for (let index = 0; index < 1_000; index++) log.note(`${index}`);
    const texts = log.entries.map(({ text }) => text);
    assert.ok(texts.length < 120);
    assert.deepEqual(texts.slice(0, 2), ["0", "1"]);
    assert.equal(texts.at(-1), "999");
    const [gap] = texts.filter((text) => text.startsWith("…"));
    const left = Number(/\d+/.exec(gap ?? "")?.[0]);
    assert.equal(left + texts.length - 1, 1_000);
  });

  it("counts", () =>
    assert.deepEqual([count(1, "octet"), count(1234, "octet")], ["1 octet", "1,234 octets"]));
});

describe("Random", () => {
  it("says the same for the same seed, and something else for another", () => {
    const octets = (seed: string): string => new Random(seed).octets(32).toString("hex");
    assert.equal(octets("a"), octets("a"));
    assert.notEqual(octets("a"), octets("b"));
    assert.ok(Array.from({ length: 1_000 }, () => new Random("x").below(3)).every((n) => n < 3));
  });
});
