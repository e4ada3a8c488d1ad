// Group 30: a WebSocket on a stream of HTTP/2 (RFC 8441), for servers that offer it: some of the scripts
// of other groups. UNIMPLEMENTED where a server does not speak HTTP/2, or has no WebSockets over it.

import type { Case, Group, ScriptCase } from "../engine/case.ts";

/** The cases that are played so: one of each kind. */
const chosen: readonly string[] = (
  "1.1.1 1.1.6 1.1.7 1.2.7 1.2.8 2.4 2.5 2.10 2.11 3.1 3.2 4.1.1 4.2.1 5.1 5.6 5.9 5.18 6.1.1 6.2.3 6.3.1 6.5.1 " +
  "7.1.1 7.1.2 7.1.3 7.1.4 7.3.1 7.3.2 7.3.6 7.5.1 7.7.1 7.9.4 10.1.1 21.1.1 21.2.1 22.3.3 22.4.1 22.4.3 24.1.8 24.2.10"
).split(" ");

function overHttp2(testCase: Case, index: number): ScriptCase {
  if (testCase.kind !== "script") throw new Error(`${testCase.id} is no script`);
  return {
    ...testCase,
    id: `30.${index + 1}`,
    title: `${testCase.title}, over HTTP/2 (as ${testCase.id})`,
    section: `RFC 8441 §5, ${testCase.section}`,
    over: "HTTP/2",
    isServedAfter: false,
  };
}

export function http2Of(groups: readonly Group[]): Group {
  const cases = groups.flatMap((group) => group.cases);
  return {
    number: 30,
    title: "Over HTTP/2",
    isPerformance: false,
    cases: cases.filter(({ id }) => chosen.includes(id)).map(overHttp2),
  };
}
