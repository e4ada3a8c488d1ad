// Runs all scenarios of the contract with one peer. Every one is run, also those that the peer lacks:
// these must show that it does.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type Ability, comparable, expected, type Peer, type Report } from "./contract.ts";
import { Pair } from "./pair.ts";
import { scenarios } from "./scenarios.ts";

/** A browser may take its time. */
const startTimeoutMs = 30_000;

/** Declares the tests of one peer. */
export function checkContract(peer: Peer): void {
  describe(peer.name, () => {
    const pair = new Pair(peer);
    const met = new Set<string>();
    const lacked = new Set<string>();

    before(() => pair.start(), { timeout: startTimeoutMs });
    after(() => pair.end());

    for (const scenario of scenarios) {
      const should = expected(scenario, peer);
      const lack = scenario.needs.find((need) => need in peer.lacks);
      if (lack === undefined) {
        it(scenario.name, async () => {
          const { theirs, ours } = await pair.run(scenario);
          assert.deepEqual(comparable(theirs, should.theirs), should.theirs, "theirs");
          assert.deepEqual(comparable(ours, should.ours), should.ours, "ours");
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
      assert.equal(met.size + lacked.size, scenarios.length);
      t.diagnostic(`${peer.name}: ${met.size} scenarios met, ${lacked.size} lacked`);
    });
  });
}

/** A peer that has learnt what its list says it lacks fails here, so the lists stay true. */
function assertLacks(lack: Ability, report: Report | undefined, should: Report | undefined): void {
  assert.notDeepEqual(comparable(report, should), should, `it does not lack "${lack}" any more`);
  const isAction = lack !== "status" && lack !== "leading BOM" && !lack.startsWith("take ");
  if (isAction) assert.ok(report !== undefined && "cannot" in report, JSON.stringify(report));
}
