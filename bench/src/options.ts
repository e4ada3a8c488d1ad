// The command line. What is not given means all of it: a run without flags compares every peer that is
// installed in every scenario, and takes less than ten minutes.

import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Plan } from "./measure.ts";
import { type PeerName, peerNames, peersOnRequest } from "./peer.ts";
import { runtimeOf, takesPart } from "./runtime.ts";
import { scenarios } from "./scenarios.ts";

const resultsFolder = join(import.meta.dirname, "../results");

export const usage: string = `npm run bench -- [flags]

  --scenario NAME   ${[...scenarios.keys()].join(", ")};
                    may be repeated; default all
  --peer NAME       ${peerNames.join(", ")};
                    may be repeated; default all but ${[...peersOnRequest].join(", ")}
  --seconds N       length of one measurement; default 2
  --rounds N        measurements of each peer in each scenario; default 3
  --json FILE       where the report is written as JSON; default bench/results/report.json
  --svg FILE        where it is written as a chart; default bench/results/chart.svg
  --docs            write table and chart into docs/explanation/performance.md too; a whole run only
  --help`;

export interface Options {
  readonly plan: Plan;
  readonly jsonFile: string;
  readonly svgFile: string;
  readonly forDocs: boolean;
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
      json: { type: "string", default: join(resultsFolder, "report.json") },
      svg: { type: "string", default: join(resultsFolder, "chart.svg") },
      docs: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  const chosen = pick("scenario", [...scenarios.keys()], values.scenario);
  const peers =
    values.peer === undefined
      ? peerNames.filter(takesPart)
      : pick<PeerName>("peer", peerNames, values.peer);
  const plan: Plan = {
    scenarios: new Map([...scenarios].filter(([name]) => chosen.includes(name))),
    peers,
    seconds: checkNumber("seconds", values.seconds, (n) => n > 0),
    rounds: checkNumber("rounds", values.rounds, (n) => Number.isInteger(n) && n > 0),
  };
  if (values.peer !== undefined) checkPeers(plan);
  if (values.docs) checkWhole(plan);
  for (const peer of peers) runtimeOf(peer);
  return {
    plan,
    jsonFile: values.json,
    svgFile: values.svg,
    forDocs: values.docs,
    isHelp: values.help,
  };
}

/** @throws Error when one of them has nothing to do */
function checkPeers({ scenarios: chosen, peers }: Plan): void {
  const all = [...chosen.values()];
  const idler = peers.find((name) => !all.some((scenario) => scenario.peers.includes(name)));
  if (idler !== undefined) throw new Error(`${idler} takes part in none of these scenarios`);
}

/** @throws Error when the run is not the one that is documented */
function checkWhole(plan: Plan): void {
  const lacksPeer = peerNames.some(
    (name) => !peersOnRequest.has(name) && !plan.peers.includes(name),
  );
  if (!lacksPeer && plan.scenarios.size === scenarios.size && plan.rounds >= 3) return;
  throw new Error("--docs is for a run of all scenarios and peers with at least 3 rounds");
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
