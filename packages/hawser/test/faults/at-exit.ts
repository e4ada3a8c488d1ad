// What has to be put in order when this process ends, also when a signal ends it, as a test runner
// does with a file that takes too long.

export function atExit(cleanUp: () => void): void {
  process.on("exit", cleanUp);
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => process.exit(1));
}
