// `npm run simulate`: a million conversations on a simulated network, by default. The exit code is 1 when an oracle
// said no, with the command that shows that conversation again; 2 for wrong arguments.

import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { oracles } from "./oracles.ts";
import { type Found, type Result, runWorld, type Share } from "./simulate.ts";
import { type Level, levels, newTally, type Tally } from "./world.ts";

const usage = `npm run simulate -- [flags]

  --seed N               of all choices; default another each time
  --conversations N      how many at the level of the protocol; default 1,000,000. At the level of
                         node there is one for fifty of them
  --conversation K       shows this one and those of its world, event by event
  --level protocol|node  at which level it is; default protocol
  --help`;

/** A conversation at the level of node costs about twelve times as much. */
const protocolPerNode = 50;

interface Settings {
  readonly seed: number;
  readonly conversations: number;
  readonly conversation: number | undefined;
  readonly level: Level;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function wholeNumber(name: string, given: string): number {
  const value = Number(given);
  if (given !== "" && Number.isSafeInteger(value) && value >= 0) return value;
  throw new Error(`--${name} takes a whole number`);
}

/** Undefined when there is nothing to do but to print how it is called. */
function readSettings(args: readonly string[]): Settings | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seed: { type: "string", default: String(Date.now() % 1_000_000) },
      conversations: { type: "string", default: "1000000" },
      conversation: { type: "string" },
      level: { type: "string", default: "protocol" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const level = levels.find((one) => one === values.level);
  if (level === undefined) throw new Error("--level takes protocol or node");
  return {
    seed: wholeNumber("seed", values.seed),
    conversations: wholeNumber("conversations", values.conversations),
    conversation:
      values.conversation === undefined
        ? undefined
        : wholeNumber("conversation", values.conversation),
    level,
  };
}

function runInThread(share: Share): Promise<Result> {
  return new Promise((resolve, reject) => {
    const program = join(import.meta.dirname, "share-program.js");
    new Worker(program, { workerData: share }).on("message", resolve).on("error", reject);
  });
}

function sum(tallies: readonly Tally[]): Tally {
  const total = newTally();
  for (const tally of tallies) {
    for (const name of Object.keys(total) as (keyof Tally)[]) total[name] += tally[name];
  }
  return total;
}

function show({ level, conversation, oracle, text }: Found, seed: number): void {
  print(`FOUND at the level ${level}: ${text}`);
  print(`  what does not hold: ${oracles[oracle]} (${oracle})`);
  print(`  npm run simulate -- --seed ${seed} --level ${level} --conversation ${conversation}`);
}

async function runAll({ seed, conversations }: Settings): Promise<number> {
  const parts = availableParallelism();
  const counts = { protocol: conversations, node: Math.ceil(conversations / protocolPerNode) };
  print(`Node ${process.version}, seed ${seed}, ${parts} threads`);
  let code = 0;
  for (const level of levels) {
    const began = performance.now();
    const results = await Promise.all(
      Array.from({ length: parts }, (_, part) =>
        runInThread({ seed, level, conversations: counts[level], part, parts }),
      ),
    );
    const total = sum(results.map(({ tally }) => tally));
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    print(
      `${level}: ${total.conversations} conversations (${total.clean} ended cleanly), ${total.messages} messages, ` +
        `${total.pings} pings, ${total.events} events in ${seconds} s`,
    );
    for (const { found } of results) {
      if (found === undefined) continue;
      show(found, seed);
      code = 1;
    }
  }
  return code;
}

async function runOne({ seed, level }: Settings, conversation: number): Promise<number> {
  const found = await runWorld(seed, level, conversation, newTally(), print);
  if (found === undefined) {
    print("nothing was found");
    return 0;
  }
  show(found, seed);
  return 1;
}

try {
  const settings = readSettings(process.argv.slice(2));
  if (settings === undefined) print(usage);
  else if (settings.conversation === undefined) process.exitCode = await runAll(settings);
  else process.exitCode = await runOne(settings, settings.conversation);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n\n${usage}\n`);
  process.exitCode = 2;
}
