// Makes a thousand deflaters with context takeover in a process of its own, whose memory nothing else has used before, and says
// on standard output how many bytes each of them takes of it.
// node deflaters-program.js <window bits> <bytes of the content>

import { memoryUsage } from "node:process";
import { zlibEngine } from "../../../dist/node/deflate/engine.js";
import { settledMemory } from "../../support/memory.ts";
import { json } from "./contents.ts";

const [windowBits, length] = process.argv.slice(2);
const parameters = { windowBits: Number(windowBits), takeover: true };
const engine = zlibEngine();
const content = json(Number(length));
const make = async (count: number): Promise<unknown> => {
  const deflaters = Array.from({ length: count }, () => engine.deflater(parameters));
  for (const deflater of deflaters) await deflater.deflate(content);
  await settledMemory();
  return deflaters;
};

const kept = [await make(20)];
const before = memoryUsage.rss();
kept.push(await make(1_000));
process.stdout.write(String((memoryUsage.rss() - before) / 1_000));
process.exitCode = kept.length === 2 ? 0 : 1;
