// Files of a folder over plain HTTP. A request can't get out of the folder: neither by dots, however they are written,
// nor by a link, since what counts is where a file really is. Hidden files are not there.

import type { Stats } from "node:fs";
import { type FileHandle, open, realpath } from "node:fs/promises";
import { join, sep } from "node:path";
import { Readable } from "node:stream";
import type { ReadableStream as NodeReadableStream } from "node:stream/web";
import { lookup } from "mrmime";

/** @throws Error when there is no such folder */
export async function staticFolder(
  folder: string,
): Promise<(request: Request) => Promise<Response>> {
  const root = await realpath(folder).catch((error: unknown) => {
    throw new Error(`--static ${folder}: ${(error as Error).message}`, { cause: error });
  });
  return async (request) => {
    if (request.method !== "GET" && request.method !== "HEAD") {
      return plain(405, "only GET and HEAD", { allow: "GET, HEAD" });
    }
    const url = new URL(request.url);
    const path = pathOf(url.pathname);
    if (path === undefined) return plain(404, "not found");
    try {
      return await answer(request, url, await realpath(join(root, path)), root);
    } catch {
      // Not there, or not to be read.
      return plain(404, "not found");
    }
  };
}

/** The path in the folder; undefined for one that a file here can't have. */
function pathOf(pathname: string): string | undefined {
  let path: string;
  try {
    path = decodeURIComponent(pathname);
  } catch {
    return undefined;
  }
  // Backslashes separate on Windows, and NUL is in no name.
  if (/[\\\0]/.test(path)) return undefined;
  const isHidden = path.split("/").some((name) => name.startsWith("."));
  return isHidden ? undefined : path;
}

async function answer(request: Request, url: URL, path: string, root: string): Promise<Response> {
  if (path !== root && !path.startsWith(root.endsWith(sep) ? root : root + sep)) {
    return plain(404, "not found");
  }
  const file = await open(path);
  let isSent = false;
  try {
    const stats = await file.stat();
    if (stats.isDirectory()) {
      // Relative links of the index are relative to the folder.
      if (!url.pathname.endsWith("/")) {
        return plain(301, "", { location: `${url.pathname}/${url.search}` });
      }
      return await answer(request, url, await realpath(join(path, "index.html")), root);
    }
    if (!stats.isFile()) return plain(404, "not found");
    const headers = headersOf(path, stats);
    if (request.headers.get("if-none-match") === headers.etag) {
      return new Response(null, { status: 304, headers });
    }
    isSent = request.method === "GET";
    return new Response(isSent ? contentsOf(file) : null, { headers });
  } finally {
    if (!isSent) await file.close();
  }
}

/** Closes the file behind it. */
function contentsOf(file: FileHandle): ReadableStream<Uint8Array> {
  const contents: NodeReadableStream = Readable.toWeb(file.createReadStream());
  return contents as ReadableStream<Uint8Array>;
}

function headersOf(path: string, { size, mtimeMs }: Stats) {
  return {
    "content-type": typeOf(path),
    "content-length": String(size),
    // What is being tried out changes all the time.
    "cache-control": "no-cache",
    etag: `"${size.toString(16)}-${Math.round(mtimeMs).toString(16)}"`,
    "x-content-type-options": "nosniff",
  };
}

/** What is written today is UTF-8. */
function typeOf(path: string): string {
  const type = lookup(path) ?? "application/octet-stream";
  return type.startsWith("text/") ? `${type}; charset=utf-8` : type;
}

function plain(status: number, text: string, headers: Record<string, string> = {}): Response {
  return new Response(status === 301 ? null : `${text}\n`, {
    status,
    headers: { "content-type": "text/plain; charset=utf-8", ...headers },
  });
}
