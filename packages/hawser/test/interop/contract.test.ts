// The contract itself: it leaves nothing out, and nothing can be taken out of it by a list of lacks.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isWireCloseCode } from "../../dist/protocol/index.js";
import { compressedScenarios } from "./compressed-scenarios.ts";
import type { Compression } from "./compression.ts";
import { compressions } from "./compressions.ts";
import type { Scenario, Step } from "./contract.ts";
import { peers } from "./peers.ts";
import { closeCodes, isForPages, scenarios } from "./scenarios.ts";

describe("the contract of interoperation", () => {
  it("is run with every peer there is", () => {
    assert.deepEqual(
      peers.map(({ name, role }) => `${name}: ${role}`),
      [
        "Node's global WebSocket: client",
        "undici: client",
        "ws, client: client",
        "Python websockets, client: client",
        "Python websocket-client: client",
        "Chromium: client",
        "ws, server: server",
        "Python websockets, server: server",
      ],
    );
  });

  it("is run compressed with every peer there is, in our two modes with those that compress", () => {
    assert.deepEqual(
      [...compressions.keys()],
      peers.map(({ name }) => name),
    );
    const modeOf = ({ ours }: Compression): string =>
      ours === true ? "shared" : (ours.mode ?? "");
    for (const [name, ways] of compressions) {
      const modes = new Set(ways.filter(({ agreed }) => agreed !== "").map(modeOf));
      const isWithout = name === "Python websocket-client";
      assert.deepEqual([...modes], isWithout ? [] : ["shared", "dedicated"], name);
    }
  });

  it("has no two scenarios of one name", () => {
    const all = [...scenarios, ...compressedScenarios];
    assert.equal(new Set(all.map(({ name }) => name)).size, all.length);
  });

  it("§7.4 knows every close code that may be sent", () => {
    const legal = Array.from({ length: 65_536 }, (_, code) => code).filter(isWireCloseCode);
    const isBetween = (code: number): boolean => code >= 3000 && !closeCodes.includes(code);
    assert.deepEqual(
      legal.filter((code) => !isBetween(code)),
      closeCodes,
    );
    assert.equal(legal.at(-1), closeCodes.at(-1));
  });

  it("§7.4 closes with every legal code from either end, with and without a reason", () => {
    const closing = (end: "theirs" | "ours", code: number | undefined, hasReason: boolean) =>
      scenarios.some((scenario) =>
        scenario[end].some(
          (step) =>
            step.do === "close" && step.code === code && (step.reason !== undefined) === hasReason,
        ),
      );
    for (const end of ["theirs", "ours"] as const) {
      assert.ok(closing(end, undefined, false), `${end} without a code`);
      for (const code of closeCodes) {
        assert.ok(closing(end, code, false), `${end} with ${code}`);
        assert.ok(closing(end, code, true), `${end} with ${code} and a reason`);
      }
    }
  });

  it("asks every peer for what every API has, whatever the peer's list says", () => {
    const everybodyCan = (step: Step): boolean =>
      step.do === "send" ||
      step.do === "receive" ||
      (step.do === "close" && step.code !== undefined && isForPages(step.code));
    const everybodySees = ({ name, ours }: Scenario): boolean =>
      !/BOM at its beginning|status/.test(name) &&
      ours.every((step) => step.do !== "close" || step.code === undefined || isForPages(step.code));
    const basic = scenarios.filter((one) => one.theirs.every(everybodyCan) && everybodySees(one));
    assert.ok(basic.length > 50);
    assert.deepEqual(
      basic.filter(({ needs }) => needs.length > 0),
      [],
    );
  });

  for (const { name, lacks } of peers) {
    it(`lets ${name} lack only what some scenario asks for`, () => {
      const all = [...scenarios, ...compressedScenarios];
      const asked = new Set<string>(all.flatMap(({ needs }) => needs));
      assert.deepEqual(
        Object.keys(lacks).filter((lack) => !asked.has(lack)),
        [],
      );
    });
  }
});
