// A small report with one of each, for the tests of its forms.

import type { CaseResult } from "../../../dist/conform/engine/run-case.js";
import type { Verdict } from "../../../dist/conform/engine/verdict.js";
import { selectCases } from "../../../dist/conform/groups/index.js";
import { createReport, type Report } from "../../../dist/conform/report/model.js";

export function result(id: string, behavior: Verdict, behaviorClose: Verdict): CaseResult {
  return {
    id,
    behavior,
    behaviorClose,
    behaviorWhy: 'what came is text of 5 "<b>&\'"',
    behaviorCloseWhy: "the close code is 1001, not 1000",
    expected: "text of 5",
    closeCode: 1001,
    closeReason: "</pre><script>alert(1)</script>\u001B[31m",
    ms: 12.5,
    log: [
      { ms: 0.1, from: "tester", text: "GET / HTTP/1.1\nHost: x" },
      { ms: 0.2, from: "peer", text: 'text frame: "</pre><script>"', octets: "81 05" },
      { ms: 0.3, from: "note", text: "the peer has ended TCP" },
    ],
  };
}

const figures = {
  messages: 1_000,
  contentOctets: 4_096_000,
  wireOctetsOut: 4_104_000,
  wireOctetsIn: 4_104_000,
  ms: 500,
};

export function exampleReport(): Report {
  const include = ["1.1.1", "1.1.2", "6.4.1", "7.1.6", "7.3.3", "9.7.6", "12.1.1"];
  return createReport({
    version: "1.2.3",
    role: "client",
    seed: "<seed>",
    startedAt: new Date(Date.UTC(2026, 10, 21, 12)),
    cases: selectCases({ include, exclude: [] }),
    agents: new Map([
      [
        "<agent> & co\u001B[31m",
        [
          result("1.1.1", "OK", "OK"),
          result("1.1.2", "FAILED", "UNCLEAN"),
          result("6.4.1", "NON-STRICT", "OK"),
          result("7.1.6", "INFORMATIONAL", "INFORMATIONAL"),
          result("7.3.3", "OK", "WRONG CODE"),
          { ...result("9.7.6", "OK", "OK"), figures },
          result("12.1.1", "UNIMPLEMENTED", "UNIMPLEMENTED"),
        ],
      ],
      ["other", [result("1.1.1", "OK", "OK")]],
    ]),
  });
}
