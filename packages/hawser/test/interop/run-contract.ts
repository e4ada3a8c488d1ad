// Runs all scenarios of the contract with one peer. Every one is run, also those that the peer lacks:
// these must show that it does. Compressed, the whole contract is run in our two modes, and the
// scenarios that are about compression in every way that the peer can be told.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import {
  type CompressedScenario,
  compressedScenarios,
  type WireBytes,
} from "./compressed-scenarios.ts";
import { sendersOf } from "./compression.ts";
import { compressions } from "./compressions.ts";
import {
  type Ability,
  comparable,
  expected,
  type Peer,
  type Report,
  type Scenario,
} from "./contract.ts";
import { Pair } from "./pair.ts";
import { scenarios } from "./scenarios.ts";

/** A browser may take its time. */
const startTimeoutMs = 30_000;

/** Declares the tests of one peer. */
export function checkContract(peer: Peer): void {
  describe(peer.name, () => {
    const pair = new Pair(peer);
    checkScenarios(pair, peer, scenarios, "");
  });
}

/** Declares the tests of one peer with compression. */
export function checkCompressed(peer: Peer): void {
  const seen = new Set<string>();
  for (const compression of compressions.get(peer.name) ?? []) {
    const { ours, theirs, agreed } = compression;
    const mode = ours === true ? "shared" : (ours.mode ?? "shared");
    const asked = theirs === undefined ? "" : `, told ${JSON.stringify(theirs)}`;
    describe(`${peer.name}${asked}, with us ${JSON.stringify(ours)}`, () => {
      const pair = new Pair(peer, compression);
      const senders = sendersOf(compression, peer);
      const whole = seen.has(mode) ? [] : scenarios;
      seen.add(mode);
      checkScenarios(pair, peer, [...whole, ...compressedScenarios], agreed, (scenario) => {
        if (!("wire" in scenario)) return;
        const { wire } = scenario as CompressedScenario;
        assertWithin(pair.wire.bytesReceived, wire(senders.theirs), "they sent");
        assertWithin(pair.wire.bytesSent, wire(senders.ours), "we sent");
      });
    });
  }
}

/**
 * Declares the tests of some scenarios.
 *
 * @param agreed the extensions that both ends have to report
 * @param alsoCheck what else must hold after a scenario that was met
 */
function checkScenarios(
  pair: Pair,
  peer: Peer,
  all: readonly Scenario[],
  agreed: string,
  alsoCheck: (scenario: Scenario) => void = () => undefined,
): void {
  const met = new Set<string>();
  const lacked = new Set<string>();

  before(() => pair.start(), { timeout: startTimeoutMs });
  after(() => pair.end());

  for (const scenario of all) {
    const should = expected(scenario, peer, agreed);
    const lack = scenario.needs.find((need) => need in peer.lacks);
    if (lack === undefined) {
      it(scenario.name, async () => {
        const { theirs, ours } = await pair.run(scenario);
        assert.deepEqual(comparable(theirs, should.theirs), should.theirs, "theirs");
        assert.deepEqual(comparable(ours, should.ours), should.ours, "ours");
        alsoCheck(scenario);
        met.add(scenario.name);
      });
    } else {
      it(`${scenario.name} (lacks "${lack}": ${peer.lacks[lack]})`, async () => {
        const { theirs } = await pair.run(scenario);
        assertLacks(lack, theirs, should.theirs);
        lacked.add(scenario.name);
      });
    }
  }

  it("has met or is known to lack every scenario", (t) => {
    assert.equal(met.size + lacked.size, all.length);
    t.diagnostic(`${peer.name}: ${met.size} scenarios met, ${lacked.size} lacked`);
  });
}

/** A peer that has learnt what its list says it lacks fails here, so the lists stay true. */
function assertLacks(lack: Ability, report: Report | undefined, should: Report | undefined): void {
  assert.notDeepEqual(comparable(report, should), should, `it does not lack "${lack}" any more`);
  const isAction = lack !== "status" && lack !== "leading BOM" && !lack.startsWith("take ");
  if (isAction) assert.ok(report !== undefined && "cannot" in report, JSON.stringify(report));
}

function assertWithin(bytes: number, { atLeast, atMost }: WireBytes, what: string): void {
  assert.ok(bytes >= atLeast, `${what} ${bytes} bytes, fewer than ${atLeast}`);
  assert.ok(bytes <= atMost, `${what} ${bytes} bytes, more than ${atMost}`);
}
