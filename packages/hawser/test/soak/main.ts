// `npm run soak -- --seconds 300`: a server and its clients under mixed load for that long, both held
// against the rule of verdict.ts. The exit code is 1 when something was lost or changed on its way, when
// a process failed, or when memory or descriptors are not flat; 2 for wrong arguments, 130 when
// interrupted by Ctrl+C, which leaves nothing behind either.

import { parseArgs } from "node:util";
import type { Tally } from "./order.ts";
import { type Settings, soak } from "./soak.ts";
import { header, row } from "./table.ts";
import { judge, type Sample } from "./verdict.ts";

const usage = `npm run soak -- [flags]

  --seconds N   how long, without the samples at the end; default 300
  --seed N      of what is random; default another each time
  --help`;

/** Of a run of any length. */
const mostRows = 30;

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Undefined when there is nothing to do but to print how it is called. */
function readSettings(args: readonly string[]): Settings | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seconds: { type: "string", default: "300" },
      seed: { type: "string", default: String(Date.now() % 1_000_000) },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const seconds = Number(values.seconds);
  const seed = Number(values.seed);
  if (!(seconds >= 1 && seconds < Infinity)) throw new Error("--seconds takes a number from 1 on");
  if (!Number.isInteger(seed)) throw new Error("--seed takes a whole number");
  return { seconds, seed };
}

async function run(settings: Settings): Promise<number> {
  const interrupt = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => interrupt.abort());
  const samples: Sample[] = [];
  let faults: readonly string[] = [];
  let nextRowAt = 0;
  print(`Node ${process.version}, ${settings.seconds} s, seed ${settings.seed}; sizes in MiB\n`);
  print(header());
  const onSample = (sample: Sample, total: Tally): void => {
    samples.push(sample);
    ({ faults } = total);
    if (sample.seconds < nextRowAt) return;
    nextRowAt = sample.seconds + settings.seconds / mostRows;
    print(row(sample, total));
  };
  try {
    await soak(settings, interrupt.signal, onSample);
  } catch (error) {
    if (!interrupt.signal.aborted) faults = [...faults, String(error)];
  }
  print("");
  const findings = judge(samples);
  for (const { text, isFault } of findings) print(`${isFault ? "NOT FLAT" : "flat"}: ${text}`);
  for (const fault of faults.slice(0, 5)) print(`FAULT: ${fault}`);
  if (interrupt.signal.aborted) return 130;
  return faults.length > 0 || findings.some(({ isFault }) => isFault) ? 1 : 0;
}

try {
  const settings = readSettings(process.argv.slice(2));
  if (settings === undefined) print(usage);
  else process.exitCode = await run(settings);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n\n${usage}\n`);
  process.exitCode = 2;
}
