// What a process has used so far, read from outside, from Linux's /proc: the process that is measured
// has no part in it, and any program can be a peer.

import { readFileSync } from "node:fs";

/** Since the process began, all its threads: CPU microseconds, user and system. */
export function readCpuUs(pid: number): number {
  // The name of the program, in parentheses, may hold spaces: the fields are counted from behind it.
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * clockTickUs;
}

/** USER_HZ is 100 on every platform of Node. */
const clockTickUs = 10_000;

/**
 * Since the process began: microseconds in which its main thread had work and got no core to do it on.
 * 0 where the kernel does not count them.
 */
export function readWaitUs(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, "latin1").split(" ")[1]) / 1_000;
  } catch {
    return 0;
  }
}

/** Resident memory in bytes. */
export function readRssBytes(pid: number): number {
  const kiB = /^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1];
  return Number(kiB) * 1024;
}
