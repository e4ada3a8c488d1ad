// The command line. What is not given means all of it: a run without flags compares every peer in every
// scenario, and takes less than three minutes.

import { parseArgs } from "node:util";
import type { Plan } from "./measure.ts";
import { type PeerName, peerNames } from "./peers.ts";
import { scenarios } from "./scenarios.ts";

export const usage: string = `npm run bench -- [flags]

  --scenario NAME   ${[...scenarios.keys()].join(", ")}; may be repeated; default all
  --peer NAME       ${peerNames.join(", ")}; may be repeated; default all
  --seconds N       length of one measurement; default 2
  --rounds N        measurements of each peer in each scenario; default 3
  --json FILE       write the report there as JSON, too
  --help`;

export interface Options {
  readonly plan: Plan;
  readonly jsonFile: string | undefined;
  readonly isHelp: boolean;
}

/** @throws Error that says what is wrong with the arguments */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      scenario: { type: "string", multiple: true },
      peer: { type: "string", multiple: true },
      seconds: { type: "string", default: "2" },
      rounds: { type: "string", default: "3" },
      json: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  const chosen = pick("scenario", [...scenarios.keys()], values.scenario);
  return {
    plan: {
      scenarios: new Map([...scenarios].filter(([name]) => chosen.includes(name))),
      peers: pick<PeerName>("peer", peerNames, values.peer),
      seconds: checkNumber("seconds", values.seconds, (n) => n > 0),
      rounds: checkNumber("rounds", values.rounds, (n) => Number.isInteger(n) && n > 0),
    },
    jsonFile: values.json,
    isHelp: values.help,
  };
}

/** Those that were asked for, in their own order. */
function pick<Name extends string>(
  flag: string,
  names: readonly Name[],
  asked: readonly string[] | undefined,
): readonly Name[] {
  if (asked === undefined) return names;
  const unknown = asked.find((name) => !names.some((known) => known === name));
  if (unknown === undefined) return names.filter((name) => asked.includes(name));
  throw new Error(`there is no ${flag} ${unknown}, only ${names.join(", ")}`);
}

function checkNumber(flag: string, text: string, isValid: (n: number) => boolean): number {
  const number = Number(text);
  if (Number.isFinite(number) && isValid(number)) return number;
  throw new Error(`--${flag} can't be ${text}`);
}
