// The payloads that functions are tried on: a short message, one of the usual size, a large one, and one
// that spans many reads.

export const sizes: ReadonlyMap<string, number> = new Map([
  ["64 B", 64],
  ["1 KiB", 1024],
  ["16 KiB", 16 * 1024],
  ["1 MiB", 1024 * 1024],
]);
