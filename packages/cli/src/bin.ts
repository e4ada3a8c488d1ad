#!/usr/bin/env node
// The command as a process: Ctrl+C or SIGTERM ends it in good order, a second one at once.

import { run } from "./index.ts";

const interrupt = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => interrupt.abort());
}
// Whoever reads our output has had enough of it, as `head` has: nothing is left to do.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
});
process.exitCode = await run(process.argv.slice(2), { signal: interrupt.signal });
