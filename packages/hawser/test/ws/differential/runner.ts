// Plays a script on both subjects and compares the logs. Accepted differences are said in the script
// (`explained`), and then there has to be one: an explanation outlives no difference.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { turn, within } from "../../support/deferred.ts";
import { explanations } from "./explained.ts";
import { Log } from "./log.ts";
import { Stage } from "./stage.ts";
import { candidate, isSelfCheck, type LoadedSubject, reference, type Subject } from "./subjects.ts";

/** `HAWSER_DIFFERENTIAL_PRINT=1` shows the log of npm `ws` for each script. */
const isPrinting = process.env["HAWSER_DIFFERENTIAL_PRINT"] === "1";

export interface Play {
  readonly subject: Subject;
  /** What is imported and required to get it. */
  readonly specifier: string;
  /** What `require` gives of the subject. */
  readonly cjs: unknown;
  readonly stage: Stage;
  readonly log: Log;
}

export interface Script {
  readonly title: string;
  /** Why the two may differ here. */
  readonly explained?: string;
  readonly play: (play: Play) => void | Promise<void>;
}

/** A script by its title. */
export function script(title: string, play: Script["play"], explained?: string): Script {
  return explained === undefined ? { title, play } : { title, play, explained };
}

/** Plays the script once and gives all lines of its log; what it throws is the last of them. */
export async function playOn(loaded: LoadedSubject, { play }: Script): Promise<string[]> {
  const log = new Log();
  const stage = new Stage(loaded.esm, log);
  try {
    const played = play({ ...loaded, subject: loaded.esm, stage, log });
    await within(Promise.resolve(played), "the script", 8_000);
    await turn();
    await turn();
  } catch (error) {
    log.add("~failure", "failure", error);
  } finally {
    log.freeze();
    await stage.end();
  }
  return log.lines;
}

/** Both logs side by side, as a diff; undefined when they are equal. */
export function difference(expected: string[], actual: string[]): string | undefined {
  if (expected.join("\n") === actual.join("\n")) return undefined;
  const rows: string[] = [];
  const lengths = longestCommon(expected, actual);
  let [i, j] = [0, 0];
  while (i < expected.length || j < actual.length) {
    if (i < expected.length && j < actual.length && expected[i] === actual[j]) {
      rows.push(`    ${expected[i]}`);
      i += 1;
      j += 1;
    } else if (
      j >= actual.length ||
      (i < expected.length && at(lengths, i + 1, j) >= at(lengths, i, j + 1))
    ) {
      rows.push(`  - ${expected[i]}`);
      i += 1;
    } else {
      rows.push(`  + ${actual[j]}`);
      j += 1;
    }
  }
  return rows.join("\n");
}

function at(table: number[][], i: number, j: number): number {
  return table[i]?.[j] ?? 0;
}

/** For each pair of positions, how many lines the two have in common from there on. */
function longestCommon(left: string[], right: string[]): number[][] {
  const table = Array.from({ length: left.length + 1 }, () =>
    Array.from({ length: right.length + 1 }, () => 0),
  );
  for (let i = left.length - 1; i >= 0; i--) {
    for (let j = right.length - 1; j >= 0; j--) {
      const row = table[i] as number[];
      row[j] =
        left[i] === right[j]
          ? at(table, i + 1, j + 1) + 1
          : Math.max(at(table, i + 1, j), at(table, i, j + 1));
    }
  }
  return table;
}

/** Plays the script on both, and fails when there is a difference that is not explained. */
export async function compare(
  played: Script,
  [expected, actual]: readonly [LoadedSubject, LoadedSubject] = [reference, candidate],
  tell?: (lines: readonly string[]) => void,
): Promise<void> {
  const wanted = await playOn(expected, played);
  const failure = wanted.find((line) => line.startsWith("~failure"));
  assert.equal(failure, undefined, `on ${expected.name}:\n    ${wanted.join("\n    ")}`);
  tell?.(wanted);
  const found = difference(wanted, await playOn(actual, played));
  if (played.explained !== undefined && expected.name !== actual.name) {
    assert.ok(found !== undefined, `no difference any more; drop "${played.explained}"`);
    return;
  }
  assert.ok(found === undefined, `- is ${expected.name}, + is ${actual.name}\n\n${found ?? ""}\n`);
}

function withoutRole(title: string): string {
  return title.replace(/^(client|server): /, "");
}

/** A test for each script. Titles have to differ, or a failure could not be found. */
export function differential(area: string, scripts: readonly Script[]): void {
  const titles = new Set(scripts.map(({ title }) => title));
  assert.equal(titles.size, scripts.length, `two scripts of "${area}" have the same title`);
  const accepted = explanations[area] ?? {};
  for (const title of Object.keys(accepted)) {
    const isThere = scripts.some((one) => withoutRole(one.title) === title);
    assert.ok(isThere, `no script of "${area}" is called "${title}", which is explained`);
  }
  describe(`${area}, ${reference.name} and ${isSelfCheck ? "again" : candidate.name}`, () => {
    for (const one of scripts) {
      it(one.title, (test) => {
        const tell = isPrinting
          ? (lines: readonly string[]) => lines.forEach((line) => test.diagnostic(line))
          : undefined;
        const reason = accepted[withoutRole(one.title)];
        const played = reason === undefined ? one : { ...one, explained: reason };
        return compare(played, [reference, candidate], tell);
      });
    }
  });
}
