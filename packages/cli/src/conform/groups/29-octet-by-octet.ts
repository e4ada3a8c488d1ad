// Group 29: the scripts of other groups once more, each frame one octet a write: a peer must not depend
// on how octets come. Case 29.5.3 is the third of group 5 that is played so.

import type { Case, Group, ScriptCase, Step } from "../engine/case.ts";
import { Random } from "../wire/random.ts";

/** A script with more octets would take too long this way. */
const mostOctets = 2_048;

function isSuitable(testCase: Case): testCase is ScriptCase {
  if (testCase.kind !== "script" || testCase.isInformational === true) return false;
  const { steps } = testCase.script(new Random(testCase.id));
  let octets = 0;
  for (const step of steps) {
    if (step.do === "send in parts") return false;
    if (step.do !== "send") continue;
    if (typeof step.delivery === "number") return false;
    for (const { payload = [] } of step.frames) octets += payload.length + 2;
  }
  return octets <= mostOctets;
}

function chopped(step: Step): Step {
  return step.do === "send" ? { ...step, delivery: 1 } : step;
}

function octetByOctet(testCase: ScriptCase, id: string): ScriptCase {
  return {
    ...testCase,
    id,
    title: `${testCase.title}, one octet a write (as ${testCase.id})`,
    script(random) {
      const { steps, events } = testCase.script(random);
      return { steps: steps.map(chopped), events };
    },
  };
}

/** The cases of these groups, as far as they are scripts that are short and whole. */
export function octetByOctetOf(groups: readonly Group[]): Group {
  return {
    number: 29,
    title: "One octet a write",
    isPerformance: false,
    cases: groups.flatMap(({ number, cases }) =>
      cases
        .filter(isSuitable)
        .map((testCase, index) => octetByOctet(testCase, `29.${number}.${index + 1}`)),
    ),
  };
}
