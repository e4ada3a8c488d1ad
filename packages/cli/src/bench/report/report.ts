// The report: one page that needs nothing else, with its figures as text and tables, and as charts where scripts run.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { bytes, count, plural, threeDigits, time } from "../figures.ts";
import type { BenchResult, Latency } from "../page/result.ts";
import { goodNews, titleOf } from "../summary.ts";
import { faults } from "../tally.ts";
import { pageStyle } from "./style.ts";

type Row = readonly [name: string, value: string, isBad?: boolean];

export function reportOf(result: BenchResult): string {
  const title = escape(titleOf(result));
  const { startedAt, version, machine } = result;
  const when = `${startedAt.slice(0, 19).replace("T", " ")} UTC`;
  const where = `Node ${machine.node.slice(1)}, ${machine.platform}, ${plural(machine.cpus, "core")}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${title}</title>
<style>${uPlotFile("uPlot.min.css")}${pageStyle}</style>
</head>
<body>
<header>
<h1>${title}</h1>
<p>${escape(`hawser bench ${version}, ${when}, ${where}`)}</p>
${verdict(result)}
</header>
<main>
<dl class="tiles">${tiles(result)}</dl>
<div class="charts">
${charts(result)}
</div>
<div class="tables">
${tables(result)}
</div>
</main>
<script type="application/json" id="result">${JSON.stringify(result).replaceAll("<", "\\u003c")}</script>
<script>${uPlotFile("uPlot.iife.min.js")}</script>
<script type="module">${readFileSync(new URL("../page/charts.js", import.meta.url), "utf8")}</script>
</body>
</html>
`;
}

function uPlotFile(name: string): string {
  const path = createRequire(import.meta.url).resolve(`uplot/dist/${name}`);
  return readFileSync(path, "utf8");
}

function verdict(result: BenchResult): string {
  const [kind, text] = result.isFaultless
    ? ["good", `No faults: ${goodNews(result)}`]
    : ["bad", "There were faults: see the checks below"];
  const until = result.isInterrupted ? " (interrupted)" : "";
  return `<p class="verdict ${kind}">${text}${until}</p>`;
}

function tiles({ scenario, measured, latency, counts, generator }: BenchResult): string {
  const all: [string, string][] = [];
  if (scenario === "storm") all.push(["handshakes a second", count(measured.openedPerSecond)]);
  else if (scenario === "idle")
    all.push(["connections held", count(counts.opened - counts.dropped)]);
  else all.push(["messages a second", count(measured.receivedPerSecond)]);
  if (latency !== undefined) {
    all.push(["median latency", time(latency.p50)]);
    all.push(["99 % within", time(latency.p99)], ["longest", time(latency.max)]);
  }
  if (generator.cpuMicrosPerMessage !== undefined) {
    all.push(["generator, CPU each", `${threeDigits(generator.cpuMicrosPerMessage)} µs`]);
  }
  return all.map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`).join("");
}

function charts({ scenario, options }: BenchResult): string {
  const since = options.rate === undefined ? "from sending" : "from the time that it was due";
  const all: [string, string, string][] = [
    [
      "rate",
      scenario === "storm" ? "Handshakes a second" : "Messages a second",
      "shaded: not measured",
    ],
    ["latency", "Latency over time", `${since}; logarithmic`],
    ["distribution", "Latency by percentile", "how many messages took at most so long"],
    ["open", "Connections", "open at a time"],
  ];
  // Idle connections send nothing but a Ping at the end.
  const shown = scenario === "idle" ? all.slice(2) : all;
  return shown
    .map(
      ([id, caption, note]) =>
        `<figure><figcaption>${caption}<small>${note}</small></figcaption><div id="${id}"></div></figure>`,
    )
    .join("\n");
}

function tables(result: BenchResult): string {
  const { latency, handshakes, lag, counts, problems, scenario } = result;
  const found: Row[] = faults.map(([name, words]) => [
    words,
    count(counts[name]),
    counts[name] > 0,
  ]);
  const totals: Row[] = [
    ["sent", count(counts.sent)],
    ["came", count(counts.received)],
    ["not from this bench", count(counts.unknown)],
    ["connections opened", count(counts.opened)],
  ];
  return [
    table("Checks, of the whole run", [...totals, ...found]),
    latency && table(scenario === "idle" ? "Ping" : "Latency", latencyRows(latency)),
    handshakes && scenario !== "storm" && table("Opening handshake", latencyRows(handshakes)),
    lag && table("Lag of the generator, part of the latency", latencyRows(lag)),
    table("Run", runRows(result)),
    Object.keys(problems).length > 0 &&
      table(
        "Problems",
        Object.entries(problems).map(([words, times]): Row => [words, count(times)]),
      ),
  ]
    .filter((one) => typeof one === "string")
    .join("\n");
}

function latencyRows(latency: Latency): Row[] {
  return [
    ["least", time(latency.min)],
    ["mean", time(latency.mean)],
    ["50 % within", time(latency.p50)],
    ["90 %", time(latency.p90)],
    ["99 %", time(latency.p99)],
    ["99.9 %", time(latency.p999)],
    ["most", time(latency.max)],
    ["count", count(latency.count)],
  ];
}

function runRows({ options, extensions, generator, measuredSeconds }: BenchResult): Row[] {
  const { connections, publishers, rate, inFlight, sizes, isText } = options;
  const rows: (Row | undefined)[] = [
    ["connections", count(connections)],
    publishers === undefined ? undefined : ["publishers", count(publishers)],
    rate === undefined ? undefined : ["rate", `${count(rate)}/s`],
    inFlight === undefined ? undefined : ["in flight on each", count(inFlight)],
    sizes.length === 0
      ? undefined
      : ["messages", `${sizes.map(bytes).join(", ")} ${isText ? "text" : "binary"}`],
    ["extensions", extensions === "" ? "none" : extensions],
    ["ramp", `${options.rampSeconds} s`],
    ["warm-up", `${options.warmUpSeconds} s`],
    ["measured", `${measuredSeconds} s`],
    ["time for an answer", `${options.timeoutSeconds} s`],
    ["workers", count(options.workers)],
    ["busiest worker", `${Math.round(generator.utilization * 100)} % busy`],
    ["CPU of the generator", `${generator.cpuSeconds} s`],
  ];
  return rows.filter((row) => row !== undefined);
}

function table(caption: string, rows: readonly Row[]): string {
  const lines = rows.map(([name, value, isBad]) => {
    const mark = isBad === true ? ` class="bad"` : "";
    return `<tr><th scope="row">${escape(name)}</th><td${mark}>${escape(value)}</td></tr>`;
  });
  return `<section><h2>${escape(caption)}</h2><table>${lines.join("")}</table></section>`;
}

function escape(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
