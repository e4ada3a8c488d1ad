// `hawser bench` on the command line.

import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { type Command, Option } from "commander";
import type { CompressionOptions, ConnectOptions } from "hawser";
import { type Io, say } from "../io.ts";
import type { CommandContext } from "../shared/command-context.ts";
import { paintFor } from "../shared/paint.ts";
import { addRoadOptions, connectOptionsOf, type RoadValues } from "../shared/road-options.ts";
import { version } from "../shared/version.ts";
import {
  parseCount,
  parseDuration,
  parsePositiveDuration,
  parseRate,
  parseSizes,
  scenarioNames,
} from "./arguments.ts";
import { checkLoopback } from "./loopback.ts";
import { minMessageBytes } from "./payloads.ts";
import type { BenchResult, ScenarioName } from "./page/result.ts";
import type { Plan } from "./plan.ts";
import { progressOn } from "./progress.ts";
import { reportOf } from "./report/report.ts";
import { runBench } from "./run.ts";
import { summaryOf } from "./summary.ts";

interface BenchValues extends RoadValues {
  readonly scenario: ScenarioName;
  readonly connections: number;
  readonly publishers: number;
  readonly inFlight: number;
  readonly rate?: number;
  readonly size: number[];
  readonly text?: boolean;
  readonly ramp: number;
  readonly opening: number;
  readonly warmUp: number;
  readonly duration: number;
  readonly timeout: number;
  readonly workers: number;
  readonly spin?: boolean;
  readonly json?: string;
  readonly html?: string;
  readonly allowRemote?: boolean;
}

const help = `
Scenarios:
  echo     each connection sends messages that the server sends back
  fan-out  one connection sends, all listen: for servers that send what they get to everybody,
           such as "hawser serve --topic news"
  storm    connections are opened and closed again, --connections at a time
  idle     connections that say nothing; each has to answer a Ping at the end

Each message has its number, its connection, the time it was due and known contents. What does not
come back, comes late, twice, out of order, changed, or to another connection, is counted.

With --rate messages are due at fixed times, whatever the server does, and latency counts from then:
a server that stops for a second has delayed all that was due in it. Without, each connection has
--in-flight messages under way, and sends the next when one comes back: that finds the highest
throughput, and hides what a user of a server that stops would wait.

Examples:
  hawser bench ws://localhost:8080
  hawser bench ws://localhost:8080 --connections 64 --in-flight 16 --duration 30s --html report.html
  hawser bench ws://localhost:8080 --rate 20000 --size 64,1k,16k --json - | jq .latency.p99
  hawser bench ws://localhost:8080 --scenario fan-out --connections 1000 --rate 100
  hawser bench ws://localhost:8080 --scenario storm --connections 100
  hawser bench ws://localhost:8080 --scenario idle --connections 20000 --ramp 20s --duration 5m

Exit codes:
  0  all went well
  1  something was lost, late, twice, out of order or changed, a connection failed or ended early,
     or the bench could not run
`;

/** Adds the command to the program. */
export function addBench(program: Command, { io, done }: CommandContext): void {
  const command = program
    .command("bench")
    .description("put a server under load, and check all that comes back")
    .argument("<url>", "ws: or wss: URL")
    .addOption(new Option("--scenario <name>", "what to do").choices(scenarioNames).default("echo"))
    .option("-c, --connections <number>", "how many", parseCount(1_000_000), 50)
    .option("--publishers <number>", "fan-out: connections that send", parseCount(1000), 1)
    .option("-r, --rate <number>", "messages (storm: handshakes) a second, of all", parseRate)
    .option("-i, --in-flight <number>", "messages under way on each", parseCount(100_000), 1)
    .option("--size <bytes>", "of a message; several in turn: 64,1k,1M", parseSizes, [64])
    .option("--text", "text messages; binary ones by default")
    .option("-d, --duration <time>", "what is measured", parsePositiveDuration, 10_000)
    .option("--warm-up <time>", "before, and not measured", parseDuration, 1000)
    .option("--ramp <time>", "open the connections over that time", parseDuration, 0)
    .option("--opening <number>", "handshakes under way at a time", parseCount(10_000), 64)
    .option("--timeout <time>", "for an answer", parsePositiveDuration, 5000)
    .option("--workers <number>", "threads", parseCount(256), defaultWorkers())
    .option("--spin", "with --rate: send to the microsecond; takes a core for each worker")
    .option("--json <file>", "write the result, with all figures; - is standard output")
    .option("--html <file>", "write a report with charts, one file")
    .option("--allow-remote", "for servers that are not on this machine");
  // Defaults of times are in milliseconds, which is not how they are given.
  for (const option of command.options) {
    if (option.flags.endsWith("<time>") && option.defaultValue !== undefined) {
      option.default(option.defaultValue, `${(option.defaultValue as number) / 1000}s`);
    }
    if (option.attributeName() === "size") option.default(option.defaultValue, "64");
  }
  addRoadOptions(command)
    .addHelpText("after", help)
    .action(async (url: string, values: BenchValues) => {
      done(await bench(url, values, io));
    });
}

/** One core is for the server. */
function defaultWorkers(): number {
  return Math.min(4, Math.max(1, availableParallelism() - 1));
}

async function bench(text: string, values: BenchValues, io: Io): Promise<number> {
  const plan = planOf(text, values);
  if (values.allowRemote !== true) await checkLoopback(new URL(text), plan.connect);
  const progress = progressOn(io, plan.scenario);
  const onMoment = progress.show;
  const running = runBench(plan, { version: version(), signal: io.signal, onMoment });
  const result = await running.finally(() => progress.end());
  const json = `${JSON.stringify(result, undefined, 2)}\n`;
  io.stdout.write(values.json === "-" ? json : summaryOf(result, paintFor(io.stdout)));
  for (const [file, contents] of [
    [values.json, (): string => json],
    [values.html, (): string => reportOf(result)],
  ] as const) {
    if (file === undefined || file === "-") continue;
    writeFileSync(file, contents());
    say(io, `wrote ${file}`);
  }
  return result.isFaultless && (result.isInterrupted || hasMeasured(result)) ? 0 : 1;
}

/** Whether anything happened at all. */
function hasMeasured({ scenario, latency }: BenchResult): boolean {
  return scenario === "idle" || latency !== undefined;
}

/** @throws Error for options that don't go together */
function planOf(text: string, values: BenchValues): Plan {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^(?:ws|http)s?:$/.test(url.protocol)) {
    throw new Error(`${text} is no URL of a server: it begins with ws: or wss:`);
  }
  const isText = values.text === true;
  const least = minMessageBytes(isText);
  if (values.size.some((size) => size < least)) {
    throw new Error(
      `a ${isText ? "text" : "binary"} message has at least ${least} bytes: its number and its time are in it`,
    );
  }
  const connect = connectOptionsOf(values);
  const isCompressed = connect.compression !== false;
  return {
    scenario: values.scenario,
    url: text,
    connect: isCompressed ? { ...connect, compression: everything(connect.compression) } : connect,
    connections: values.connections,
    publishers: values.scenario === "fan-out" ? values.publishers : 0,
    workers: Math.min(values.workers, values.connections),
    rate: values.rate,
    inFlight: values.inFlight,
    sizes: values.size,
    isText,
    isCompressed,
    opening: values.opening,
    rampMs: values.ramp,
    warmUpMs: values.warmUp,
    durationMs: values.duration,
    timeoutMs: values.timeout,
    isSpinning: values.spin === true,
    seed: randomBytes(4).readUInt32LE(),
  };
}

/** Who asks for compression gets it, for short messages too. */
function everything(given: ConnectOptions["compression"]): CompressionOptions {
  return { ...(typeof given === "object" && given), thresholdBytes: 0 };
}
