// The charts of the report, drawn in the browser by uPlot, which the page has inlined. What they show is in the page
// as JSON. Colours come from the style sheet, so they follow the reader's light or dark.

import type UPlot from "uplot";
import type { BenchResult, Moment } from "./result.ts";

declare const uPlot: typeof UPlot;

const source = document.querySelector("#result")?.textContent ?? "{}";
const result = JSON.parse(source) as BenchResult;
const { timeline } = result;

interface Curve {
  readonly label: string;
  /** The name of the custom property that has its colour. */
  readonly color: string;
  readonly values: readonly (number | null)[];
  /** Fills the area below. */
  readonly isFilled?: boolean;
}

interface Chart {
  /** The id of the element that it is drawn into. */
  readonly id: string;
  readonly x: readonly number[];
  readonly curves: readonly Curve[];
  format(value: number): string;
  readonly isLog?: boolean;
  /** Whether x is a share of the messages and not the time. */
  readonly isDistribution?: boolean;
}

function count(value: number): string {
  return value.toLocaleString("en-US", { notation: "compact", maximumSignificantDigits: 3 });
}

function time(micros: number): string {
  if (micros < 1000) return `${Math.round(micros)} µs`;
  if (micros < 1e6) return `${Number((micros / 1000).toPrecision(3))} ms`;
  return `${Number((micros / 1e6).toPrecision(3))} s`;
}

/** Where a percentile stands on the axis, on which 90, 99 and 99.9 % are equally far from each other. */
function place(percentile: number): number {
  return 100 / (100 - percentile);
}

function percent(placed: number): string {
  return `${Number((100 - 100 / placed).toFixed(6))} %`;
}

/** In the middle of each stretch of time. */
function moments(): number[] {
  return timeline.map(({ from, to }) => (from + to) / 2);
}

function curve(label: string, color: string, of: (moment: Moment) => number | undefined): Curve {
  return { label, color, values: timeline.map((moment) => of(moment) ?? null) };
}

function chartsOf(): Chart[] {
  const x = moments();
  const charts: Chart[] = [];
  if (result.scenario === "storm") {
    const curves = [curve("handshakes/s", "--first", ({ opened }) => opened)];
    charts.push({ id: "rate", x, curves, format: count });
  } else if (result.scenario !== "idle") {
    const received = curve("received/s", "--first", (moment) => moment.received);
    const sent = curve("sent/s", "--second", (moment) => moment.sent);
    // Without a rate as many are sent as come back, and of fan-out so few that they would lie on the axis.
    const isTwofold = result.scenario === "echo" && result.options.rate !== undefined;
    const curves = [{ ...received, isFilled: true }, ...(isTwofold ? [sent] : [])];
    charts.push({ id: "rate", x, curves, format: count });
  }
  const latency = [
    curve("p50", "--first", (moment) => moment.latency?.p50),
    curve("p90", "--third", (moment) => moment.latency?.p90),
    curve("p99", "--second", (moment) => moment.latency?.p99),
    curve("max", "--fourth", (moment) => moment.latency?.max),
  ];
  charts.push({ id: "latency", x, curves: latency, format: time, isLog: true });
  const total = result.latency?.count ?? 1;
  const points = result.distribution.map(([percentile, micros]) => {
    return [percentile === 100 ? total : place(percentile), micros] as const;
  });
  const rising = points.filter(([at], index) => at > (points[index - 1]?.[0] ?? 0));
  charts.push({
    id: "distribution",
    x: rising.map(([at]) => at),
    curves: [
      {
        label: "latency",
        color: "--first",
        values: rising.map(([, micros]) => micros),
        isFilled: true,
      },
    ],
    format: time,
    isLog: true,
    isDistribution: true,
  });
  const open = [{ ...curve("open", "--third", (moment) => moment.open), isFilled: true }];
  charts.push({ id: "open", x, curves: open, format: count });
  return charts;
}

function colorOf(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Marks the time that is not measured. */
function shade(plot: UPlot): void {
  const { ctx, bbox } = plot;
  const measured = timeline.filter(({ phase }) => phase === "measured");
  const first = measured[0];
  const last = measured.at(-1);
  if (first === undefined || last === undefined) return;
  const from = Math.max(bbox.left, plot.valToPos(first.from, "x", true));
  const to = Math.min(bbox.left + bbox.width, plot.valToPos(last.to, "x", true));
  ctx.save();
  ctx.fillStyle = colorOf("--unmeasured");
  ctx.fillRect(bbox.left, bbox.top, Math.max(0, from - bbox.left), bbox.height);
  ctx.fillRect(to, bbox.top, Math.max(0, bbox.left + bbox.width - to), bbox.height);
  ctx.restore();
}

function draw(chart: Chart, element: HTMLElement): UPlot {
  const { x, curves, format, isLog = false, isDistribution = false } = chart;
  const axis = {
    stroke: colorOf("--dim"),
    grid: { stroke: colorOf("--line"), width: 1 },
    ticks: { show: false },
    font: "12px system-ui, sans-serif",
  };
  const series = curves.map(({ label, color, isFilled = false }): UPlot.Series => {
    const stroke = colorOf(color);
    return {
      label,
      stroke,
      width: 2,
      points: { show: false },
      ...(isFilled && { fill: `${stroke}22` }),
      value: (_plot, value: number | null) => (value === null ? "–" : format(value)),
    };
  });
  const options: UPlot.Options = {
    width: element.clientWidth,
    height: 240,
    cursor: { y: false, drag: { x: false, y: false } },
    scales: {
      x: {
        time: false,
        ...(isDistribution && { distr: logarithmic, range: (_plot, _min, max) => [1, max] }),
      },
      y: isLog
        ? { distr: logarithmic }
        : { range: (_plot, _min, max) => [0, Math.max(1, max * 1.08)] },
    },
    axes: [
      {
        ...axis,
        size: 36,
        space: 70,
        ...(isDistribution && {
          filter: decades,
          grid: { ...axis.grid, filter: decades },
        }),
        values: (_plot, splits) =>
          splits.map((at) => (at === null ? "" : isDistribution ? percent(at) : `${at} s`)),
      },
      {
        ...axis,
        size: 64,
        ...(isLog && { filter: decades, grid: { ...axis.grid, filter: decades } }),
        values: (_plot, splits) => splits.map((at) => (at === null ? "" : format(at))),
      },
    ],
    series: [
      {
        label: isDistribution ? "percentile" : "time",
        value: (_plot, at: number | null) => {
          if (at === null) return "–";
          return isDistribution ? percent(at) : `${at.toFixed(2)} s`;
        },
      },
      ...series,
    ],
    hooks: isDistribution ? {} : { drawClear: [shade] },
  };
  const data = [x, ...curves.map(({ values }) => values)] as unknown as UPlot.AlignedData;
  return new uPlot(options, data, element);
}

/** uPlot's enum of scales is there for the compiler only. */
// oxlint-disable-next-line typescript/no-unsafe-enum-assignment
const logarithmic = 3 as UPlot.Scale.Distr.Logarithmic;

/** Of a logarithmic axis, only the powers of ten. */
function decades(_plot: UPlot, splits: number[]): (number | null)[] {
  return splits.map((split) => (Number.isInteger(Math.log10(split)) ? split : null));
}

let drawn: UPlot[] = [];

function drawAll(): void {
  for (const plot of drawn) plot.destroy();
  drawn = [];
  for (const chart of chartsOf()) {
    const element = document.querySelector<HTMLElement>(`#${chart.id}`);
    if (element === null) continue;
    const hasValues = chart.curves.some(({ values }) => values.some((value) => value !== null));
    const figure = element.closest("figure");
    if (figure !== null) figure.hidden = !hasValues;
    if (hasValues) drawn.push(draw(chart, element));
  }
}

drawAll();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
let width = innerWidth;
addEventListener("resize", () => {
  // On a phone the height changes with the address bar.
  if (innerWidth === width) return;
  width = innerWidth;
  drawAll();
});
