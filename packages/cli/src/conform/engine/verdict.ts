// The words of verdicts. What was heard and how it ended have one each.

export type Verdict =
  | "OK"
  | "NON-STRICT"
  | "INFORMATIONAL"
  | "UNIMPLEMENTED"
  | "FAILED"
  | "WRONG CODE"
  | "UNCLEAN"
  | "FAILED BY CLIENT";

/** From the best to the worst, each with what it means. */
export const verdicts: Readonly<Record<Verdict, string>> = {
  OK: "as the RFC wants it",
  "NON-STRICT": "permitted, though better can be done",
  INFORMATIONAL: "whatever it does is right; the report shows it",
  UNIMPLEMENTED: "an optional part of the protocol that the peer does not have",
  "FAILED BY CLIENT": "the tester had to end TCP, which the server should have done",
  "WRONG CODE": "the connection ended with another close code than it should",
  UNCLEAN: "the closing handshake or the end of TCP after it did not come",
  FAILED: "the peer breaks the protocol",
};

/** Whether the verdict is that something is wrong. */
export function isFailure(verdict: Verdict): boolean {
  return ["FAILED", "WRONG CODE", "UNCLEAN", "FAILED BY CLIENT"].includes(verdict);
}

/** A verdict, and why. */
export interface Judgement {
  readonly verdict: Verdict;
  readonly why: string;
}

/** What a case ends with. */
export interface CaseJudgement {
  readonly behavior: Judgement;
  readonly behaviorClose: Judgement;
}
