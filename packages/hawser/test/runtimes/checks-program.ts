// Runs all checks in the runtime that runs this, and writes their outcomes, one JSON a line.

import * as protocol from "../../dist/protocol/index.js";
import { type Outcome, runAll } from "./check.ts";
import { checks } from "./checks.ts";
import { protocolChecks } from "./protocol-checks.ts";

// What fails must not end the program: it belongs to the check that is running.
process.on("uncaughtException", (error) => process.stderr.write(`uncaught ${String(error)}\n`));
process.on("unhandledRejection", (error) => process.stderr.write(`unhandled ${String(error)}\n`));

const only = process.argv[2];
const all = [...protocolChecks(protocol), ...checks];
const chosen = only === undefined ? all : all.filter(({ name }) => name.includes(only));
await runAll(
  chosen,
  (outcome: Outcome) => void process.stdout.write(`${JSON.stringify(outcome)}\n`),
);
process.exit(0);
