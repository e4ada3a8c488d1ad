// A registry on the loopback that knows the packages of this repository's lockfile and no others: so
// `npm install hawser express` of a page runs as it is written, without a network, and installs what
// npm would publish.

import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execute } from "./processes.ts";

const root = join(import.meta.dirname, "../../..");

interface LockEntry {
  readonly resolved?: string;
  readonly link?: boolean;
}

/** A registry that listens. */
export interface Registry {
  /** For the environment of npm. */
  readonly environment: Readonly<Record<string, string>>;
  close(): void;
}

export async function startRegistry(): Promise<Registry> {
  const folder = mkdtempSync(join(tmpdir(), "hawser-registry-"));
  const packages = findPackages();
  const http = createServer((request, response) => {
    try {
      answer(packages, folder, request, response);
    } catch (error) {
      response.writeHead(500).end(String(error));
    }
  }).listen(0, "127.0.0.1");
  await once(http, "listening");
  return {
    environment: {
      npm_config_registry: `http://127.0.0.1:${(http.address() as AddressInfo).port}/`,
      npm_config_cache: join(folder, "cache"),
      npm_config_audit: "false",
      npm_config_fund: "false",
      npm_config_update_notifier: "false",
    },
    close: () => {
      http.close();
      http.closeAllConnections();
      rmSync(folder, { recursive: true });
    },
  };
}

/** Package name → the folders that it is in, one for each version. */
function findPackages(): Map<string, string[]> {
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
    packages: Record<string, LockEntry>;
  };
  const packages = new Map<string, string[]>();
  for (const [key, { link, resolved }] of Object.entries(lock.packages)) {
    const name = key.split("node_modules/").at(-1) as string;
    if (name === key) continue;
    const folder = join(root, link === true ? (resolved as string) : key);
    packages.set(name, [...(packages.get(name) ?? []), folder]);
  }
  return packages;
}

function answer(
  packages: Map<string, string[]>,
  folder: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const url = new URL(request.url as string, `http://${request.headers.host as string}`);
  const name = decodeURIComponent(url.pathname.slice(1));
  const folders = packages.get(name) ?? [];
  const tarballOf = url.searchParams.get("tarball");
  if (tarballOf !== null && folders.includes(tarballOf)) {
    response.end(readFileSync(pack(tarballOf, folder)));
  } else if (folders.length === 0) {
    response.writeHead(404).end(`the repository has no package ${name}`);
  } else {
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(describe(name, folders, url.origin)));
  }
}

/** What a registry says of a package. */
function describe(name: string, folders: readonly string[], origin: string): unknown {
  const versions: Record<string, unknown> = {};
  const all = folders.map((folder) => {
    const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
      version: string;
    };
    const tarball = `${origin}/${encodeURIComponent(name)}?tarball=${encodeURIComponent(folder)}`;
    versions[manifest.version] = { ...manifest, dist: { tarball } };
    return manifest.version;
  });
  return { name, "dist-tags": { latest: all[0] }, versions };
}

/** The tarball of a folder: of our packages as npm makes it, of all others as they are installed. */
function pack(source: string, folder: string): string {
  if (!source.includes("node_modules")) {
    const out = execute("npm", [
      "pack",
      source,
      "--pack-destination",
      folder,
      "--ignore-scripts",
      "--json",
    ]);
    const [{ filename }] = JSON.parse(out) as [{ filename: string }];
    return join(folder, filename);
  }
  const tarball = join(folder, `${source.replaceAll(/[^\w]/g, "-")}.tgz`);
  const { status, stderr } = spawnSync(
    "tar",
    [
      "-czf",
      tarball,
      "--exclude",
      "./node_modules",
      "--transform",
      "s,^\\.,package,",
      "-C",
      source,
      ".",
    ],
    { encoding: "utf8" },
  );
  if (status !== 0) throw new Error(`tar of ${source} failed: ${stderr}`);
  return tarball;
}
