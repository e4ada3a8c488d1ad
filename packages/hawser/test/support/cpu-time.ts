// How long something takes of the processor: what others do on the machine does not count.

/** Milliseconds of CPU time of this process in there. */
export function cpuMs(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}
