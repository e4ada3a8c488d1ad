// What a run found, in some lines for people.

import { withoutControls } from "../io.ts";
import type { Paint } from "../shared/paint.ts";
import { bytes, count, plural, threeDigits, time } from "./figures.ts";
import type { BenchResult, Latency } from "./page/result.ts";
import { faults } from "./tally.ts";

/** A worker that is busier than this is what limits the rate, and not the server. */
const busy = 0.95;

export function summaryOf(result: BenchResult, paint: Paint): string {
  const rows = [
    ...workRows(result),
    ...latencyRows(result),
    ["generator", generator(result)] as const,
    ["checks", checks(result, paint)] as const,
  ];
  const lines = rows.map(([name, value]) => `  ${paint("dim", name.padEnd(11))} ${value}`);
  return [paint("bold", titleOf(result)), "", ...lines, ...notes(result, paint), ""].join("\n");
}

/** "echo on ws://localhost:8080: 50 connections, 1 in flight, 64 B binary" */
export function titleOf({ scenario, url, options, extensions }: BenchResult): string {
  const { connections, publishers, rate, inFlight, sizes, isText } = options;
  const parts = [plural(connections, scenario === "fan-out" ? "listener" : "connection")];
  if (publishers !== undefined) parts.push(plural(publishers, "publisher"));
  if (rate !== undefined) parts.push(`${count(rate)}/s`);
  if (inFlight !== undefined) parts.push(`${inFlight} in flight`);
  if (sizes.length > 0) parts.push(`${sizes.map(bytes).join(", ")} ${isText ? "text" : "binary"}`);
  if (extensions !== "") parts.push(extensions.split(";")[0] as string);
  return `${scenario} on ${url}: ${parts.join(", ")}`;
}

type Row = readonly [name: string, value: string];

function workRows(result: BenchResult): Row[] {
  const { scenario, measured, measuredSeconds, options, counts } = result;
  const during = `in ${threeDigits(measuredSeconds)} s`;
  if (scenario === "storm") {
    const { opened, openedPerSecond } = measured;
    return [["handshakes", `${count(openedPerSecond)}/s, ${count(opened)} ${during}`]];
  }
  if (scenario === "idle") {
    const held = counts.opened - counts.dropped;
    return [["held", `${plural(held, "connection")} of ${count(options.connections)}, ${during}`]];
  }
  const averageBytes = options.sizes.reduce((a, b) => a + b, 0) / options.sizes.length;
  const perSecond = measured.receivedPerSecond;
  const volume = `${bytes(perSecond * averageBytes)}/s`;
  const rows: Row[] = [
    ["messages", `${count(perSecond)}/s, ${count(measured.received)} ${during}, ${volume}`],
  ];
  if (scenario === "fan-out") {
    const { sent, sentPerSecond } = measured;
    return [
      ["published", `${count(sentPerSecond)}/s, ${count(sent)} ${during}`],
      ["copies", `${count(perSecond)}/s, ${count(measured.received)} ${during}, ${volume}`],
    ];
  }
  return rows;
}

function latencyRows({ latency, handshakes, lag, scenario, options }: BenchResult): Row[] {
  const rows: Row[] = [];
  if (latency !== undefined) {
    const since = options.rate === undefined ? "" : ", from the time that it was due";
    const name = scenario === "idle" ? "ping" : "latency";
    rows.push([name, percentiles(latency) + since]);
  }
  if (lag !== undefined) rows.push(["lag of send", percentiles(lag)]);
  if (handshakes !== undefined && scenario !== "storm") {
    rows.push(["handshake", percentiles(handshakes)]);
  }
  return rows;
}

function percentiles({ p50, p90, p99, p999, max }: Latency): string {
  const parts: [string, number][] = [
    ["p50", p50],
    ["p90", p90],
    ["p99", p99],
    ["p99.9", p999],
    ["max", max],
  ];
  return parts.map(([name, micros]) => `${name} ${time(micros)}`).join("  ");
}

function generator({ generator: own, options }: BenchResult): string {
  const perMessage = own.cpuMicrosPerMessage;
  const each = perMessage === undefined ? "" : `, ${threeDigits(perMessage)} CPU µs each`;
  return `${plural(options.workers, "worker")}, ${Math.round(own.utilization * 100)} % busy${each}`;
}

function checks(result: BenchResult, paint: Paint): string {
  const { counts, isFaultless } = result;
  if (isFaultless) return paint("green", goodNews(result));
  const found = faults.filter(([name]) => counts[name] > 0);
  return found
    .map(([name, words]) => paint("red", `${count(counts[name])} ${words}`))
    .join(`\n${" ".repeat(14)}`);
}

/** What is to be said when there are no faults. */
export function goodNews({ scenario, counts }: BenchResult): string {
  if (scenario === "storm") return "every connection was opened";
  if (scenario === "idle") return "every connection stayed, and answered a Ping";
  const all = scenario === "echo" ? `${count(counts.sent)} sent, all back` : "every copy came";
  return `${all}, once, in order, unchanged and in time`;
}

function notes(result: BenchResult, paint: Paint): string[] {
  const { counts, problems, generator: own, options, isInterrupted } = result;
  const lines: string[] = [];
  for (const [words, times] of Object.entries(problems)) {
    lines.push(`  ${paint("red", `${count(times)} ×`)} ${withoutControls(words)}`);
  }
  if (counts.unknown > 0) {
    lines.push(`  ${plural(counts.unknown, "message")} that this bench did not send, left out`);
  }
  if (own.utilization > busy && !options.isSpinning) {
    lines.push("  The generator was the limit, and not the server: try more --workers.");
  }
  if (isInterrupted) lines.push("  Interrupted: these are the figures until then.");
  return lines.length === 0 ? [] : ["", ...lines];
}
