// `npm run bench`: measures, then reports. Ctrl+C ends it, and everything that it started, without a
// report. The exit code is 1 when a measurement failed, 2 for wrong arguments, 130 when interrupted; a
// goal that is not reached is no failure.

import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { measureAll } from "./measure.ts";
import { type Options, parseOptions, usage } from "./options.ts";
import { chartOf } from "./report/chart.ts";
import { writeDocs } from "./report/docs-page.ts";
import { type Report, reportOf } from "./report/report.ts";
import { formatReport } from "./report/terminal.ts";

async function run(options: Options): Promise<number> {
  if (process.platform !== "linux") {
    console.error("the bench reads CPU time and memory from /proc: it needs Linux");
    return 1;
  }
  const interrupt = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.once(name, () => interrupt.abort());
  }
  try {
    const all = await measureAll(options.plan, interrupt.signal, (title) => console.error(title));
    const report = reportOf(options.plan, all);
    console.log(formatReport(report));
    await writeFiles(report, options);
    return report.failures.length > 0 ? 1 : 0;
  } catch (error) {
    if (interrupt.signal.aborted) return 130;
    console.error(String(error));
    return 1;
  }
}

async function writeFiles(report: Report, options: Options): Promise<void> {
  const { jsonFile, svgFile, forDocs } = options;
  for (const file of [jsonFile, svgFile]) await mkdir(dirname(file), { recursive: true });
  await writeFile(jsonFile, `${JSON.stringify(report, null, 2)}\n`);
  await writeFile(svgFile, chartOf(report));
  console.error(`written: ${jsonFile}, ${svgFile}`);
  if (forDocs) await writeDocs(report);
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
