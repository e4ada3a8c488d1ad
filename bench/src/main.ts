// `npm run bench`: measures, then reports. Ctrl+C ends it, and everything that it started, without a
// report. The exit code is 1 when a measurement failed, 2 for wrong arguments, 130 when interrupted.

import { writeFile } from "node:fs/promises";
import { measureAll } from "./measure.ts";
import { type Options, parseOptions, usage } from "./options.ts";
import { formatReport, reportOf } from "./report.ts";
import { summarize } from "./summary.ts";

async function run({ plan, jsonFile }: Options): Promise<number> {
  if (process.platform !== "linux") {
    console.error("the bench reads CPU time and memory from /proc: it needs Linux");
    return 1;
  }
  const interrupt = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.once(name, () => interrupt.abort());
  }
  try {
    const all = await measureAll(plan, interrupt.signal, (title) => console.error(title));
    const report = reportOf(plan, summarize(all));
    if (jsonFile !== undefined) await writeFile(jsonFile, `${JSON.stringify(report, null, 2)}\n`);
    console.log(formatReport(report));
    return 0;
  } catch (error) {
    if (interrupt.signal.aborted) return 130;
    console.error(String(error));
    return 1;
  }
}

function readOptions(): Options | undefined {
  try {
    return parseOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    return undefined;
  }
}

const options = readOptions();
if (options === undefined) process.exitCode = 2;
else if (options.isHelp) console.log(usage);
else process.exitCode = await run(options);
