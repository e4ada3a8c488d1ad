// The report as an SVG of bars: one panel a figure, each with a scale of its own, because what is to be
// compared are the peers. A page can't style an image, so it brings its colours for light and for dark.

import { figureTitles } from "../measurement.ts";
import { digits } from "./cells.ts";
import { describeReport, type Report } from "./report.ts";
import type { Row } from "./summary.ts";

const width = 880;
const margin = 20;
const gap = 40;
const columnCount = 2;
const panelWidth = (width - 2 * margin - gap * (columnCount - 1)) / columnCount;
const headHeight = 84;
const titleHeight = 46;
const barStep = 22;
const barHeight = 14;
const panelGap = 22;
/** Left of the bars, for the names; right of the longest, for its figure. */
const nameWidth = 96;
const valueWidth = 44;

const style = `
  text { font: 12px system-ui, sans-serif; fill: #1f2328; }
  .head { font-size: 16px; font-weight: 600; }
  .title { font-weight: 600; }
  .small { font-size: 11px; fill: #59636e; }
  .end { text-anchor: end; }
  .paper { fill: #ffffff; }
  .bar { fill: #a8b3bf; }
  .hawser { fill: #0969da; }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc; }
    .small { fill: #9198a1; }
    .paper { fill: #0d1117; }
    .bar { fill: #59636e; }
    .hawser { fill: #4493f8; }
  }`;

export function chartOf(report: Report): string {
  const panels = panelsOf(report.rows);
  let y = headHeight;
  const drawn: string[] = [];
  for (let i = 0; i < panels.length; i += columnCount) {
    const line = panels.slice(i, i + columnCount);
    drawn.push(...line.map((rows, j) => panel(rows, margin + j * (panelWidth + gap), y)));
    y += titleHeight + barStep * Math.max(...line.map(({ length }) => length)) + panelGap;
  }
  const [versions = "", machine = ""] = describeReport(report);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y}" width="${width}" height="${y}">`,
    `<title>What it costs: Hawser beside others</title>`,
    `<style>${style}\n</style>`,
    `<rect class="paper" width="${width}" height="${y}"/>`,
    text(margin, 30, "What it costs (shorter is better)", "head"),
    text(margin, 50, versions, "small"),
    text(margin, 66, machine, "small"),
    ...drawn,
    "</svg>",
    "",
  ].join("\n");
}

/** The rows of each figure. */
function panelsOf(rows: readonly Row[]): Row[][] {
  const panels = new Map<string, Row[]>();
  for (const row of rows) {
    const name = `${row.scenario} ${row.figure}`;
    panels.set(name, [...(panels.get(name) ?? []), row]);
  }
  return [...panels.values()];
}

function panel(rows: readonly Row[], x: number, y: number): string {
  const [{ title, figure }] = rows as [Row];
  const most = Math.max(...rows.map(({ median }) => median));
  const scale = (panelWidth - nameWidth - valueWidth) / most;
  const bars = rows.map(({ peer, median, note }, i) => {
    const top = y + titleHeight + i * barStep;
    const baseline = top + barHeight - 3;
    const length = Math.max(1, median * scale);
    return [
      text(x + nameWidth - 8, baseline, peer, "end"),
      `<rect class="${peer === "hawser" ? peer : "bar"}" x="${x + nameWidth}" y="${top}" width="${length.toFixed(1)}" height="${barHeight}" rx="2"/>`,
      text(x + nameWidth + length + 6, baseline, digits(median) + (note === null ? "" : " *")),
    ].join("\n");
  });
  return [
    text(x, y + 14, title, "title"),
    text(x, y + 32, figureTitles[figure] + noteOn(rows), "small"),
    ...bars,
  ].join("\n");
}

function noteOn(rows: readonly Row[]): string {
  const notes = new Set(rows.flatMap(({ note }) => note ?? []));
  return notes.size === 0 ? "" : `; * ${[...notes].join(", ")}`;
}

function text(x: number, y: number, content: string, name = ""): string {
  const escaped = content.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return `<text x="${x.toFixed(1)}" y="${y}" class="${name}">${escaped}</text>`;
}
