// What a peer's process runs in: this Node, or Bun for its own. Bun is not installed with the rest (it is
// 100 MB): `npm install --no-save bun` puts it there, or it is found on the PATH.

import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type PeerName, peersOnRequest } from "./peer.ts";

export interface Runtime {
  readonly execPath: string;
  readonly execArgv: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** Whether it takes part without being asked for. */
export function takesPart(peer: PeerName): boolean {
  // Where there is no prebuilt addon and no compiler, npm leaves it out.
  return peer === "ws+bufferutil" ? isInstalled("bufferutil") : !peersOnRequest.has(peer);
}

/** @throws Error when it is not installed */
export function runtimeOf(peer: PeerName, needsGc = false): Runtime {
  if (peer === "bun") return { execPath: findBun(), execArgv: [], env: {} };
  return {
    execPath: process.execPath,
    execArgv: needsGc ? ["--expose-gc"] : [],
    // ws takes the native addon when it finds it, and few install it: that is a peer of its own.
    env: peer === "ws" ? { WS_NO_BUFFER_UTIL: "1" } : {},
  };
}

function isInstalled(name: string): boolean {
  try {
    createRequire(import.meta.url).resolve(name);
    return true;
  } catch {
    return false;
  }
}

function findBun(): string {
  const candidates = [() => installedBun(), () => "bun"];
  for (const candidate of candidates) {
    try {
      const path = candidate();
      execFileSync(path, ["--version"], { stdio: "ignore" });
      return path;
    } catch {
      // The next one, then.
    }
  }
  throw new Error("bun is neither on the PATH nor installed; try `npm install --no-save bun`");
}

function installedBun(): string {
  const manifest = createRequire(import.meta.url).resolve("bun/package.json");
  return join(dirname(manifest), "bin/bun.exe");
}
