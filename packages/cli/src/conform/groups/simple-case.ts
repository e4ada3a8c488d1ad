// A case whose script needs nothing: written down as a row.

import {
  type Alternatives,
  type CloseExpectation,
  type Outcome,
  type ScriptCase,
  type Step,
} from "../engine/case.ts";
import type { DeflateParameters } from "../wire/extensions.ts";

/** A row of a group's table. */
export interface SimpleCase {
  readonly id: string;
  readonly title: string;
  readonly checks: string;
  readonly section: string;
  readonly steps: readonly Step[];
  readonly events: Alternatives;
  readonly close: CloseExpectation;
  /** 1,000 by default */
  readonly limitMs?: number;
  readonly isInformational?: boolean;
  readonly tolerated?: Outcome;
  readonly isServedAfter?: boolean;
  readonly deflate?: readonly DeflateParameters[];
  readonly over?: "HTTP/2";
}

/** The row as a case. */
export function simpleCase({ steps, events, limitMs = 1_000, ...head }: SimpleCase): ScriptCase {
  return { kind: "script", ...head, limitMs, script: () => ({ steps, events }) };
}
