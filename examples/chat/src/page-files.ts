// The page: a fixed table of files, so that no path of a request ever reaches the file system. The
// browser is told to run and load nothing but these files, and to let no string become HTML.

import { readFile } from "node:fs/promises";

const html = "text/html; charset=utf-8";
const css = "text/css; charset=utf-8";
const script = "text/javascript; charset=utf-8";

/** Path → media type and place, relative to dist/: scripts are compiled, the rest is served as it is. */
const files: ReadonlyMap<string, readonly [type: string, file: string]> = new Map([
  ["/", [html, "../page/index.html"]],
  ["/base.css", [css, "../page/base.css"]],
  ["/frame.css", [css, "../page/frame.css"]],
  ["/room.css", [css, "../page/room.css"]],
  ["/flags.css", [css, "../page/flags.css"]],
  ["/icon.svg", ["image/svg+xml", "../page/icon.svg"]],
  ["/chat.js", [script, "page/chat.js"]],
  ["/conversation.js", [script, "page/conversation.js"]],
  ["/mooring.js", [script, "page/mooring.js"]],
]);

const safety = {
  "content-security-policy": [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; "),
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
};

/** Answers a plain HTTP request. */
export async function servePage(request: Request): Promise<Response> {
  const found = files.get(new URL(request.url).pathname);
  if (found === undefined) return answer("not found\n", 404);
  if (request.method !== "GET" && request.method !== "HEAD") {
    return answer("this is for reading only\n", 405, { allow: "GET, HEAD" });
  }
  const [type, file] = found;
  const body = await readFile(new URL(file, import.meta.url));
  return answer(body, 200, { "content-type": type, "cache-control": "no-cache" });
}

function answer(
  body: string | Uint8Array<ArrayBuffer>,
  status: number,
  headers: Record<string, string> = {},
): Response {
  return new Response(body, { status, headers: { ...safety, ...headers } });
}
