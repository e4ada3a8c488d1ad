// Files of a folder, and nothing that is not in it.

import assert from "node:assert/strict";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { serve, type Server } from "hawser";
import { staticFolder } from "../../dist/serve/static-folder.js";

describe("--static", () => {
  let folder: string;
  let server: Server;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), "hawser-static-"));
    for (const name of ["public", "public/sub", "public/empty", "public-secret"]) {
      mkdirSync(join(folder, name));
    }
    const files = {
      "public/index.html": "<h1>home</h1>",
      "public/sub/index.html": "sub",
      "public/app.js": "1",
      "public/a b ü.txt": "grüezi",
      "public/noext": "\0",
      "public/.hidden": "hidden",
      "public-secret/secret.txt": "secret",
      "secret.txt": "secret",
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
    symlinkSync("../secret.txt", join(folder, "public/out"));
    symlinkSync("../public-secret", join(folder, "public/out-folder"));
    symlinkSync("app.js", join(folder, "public/in.js"));
    writeFileSync(join(folder, "public/unreadable"), "x");
    chmodSync(join(folder, "public/unreadable"), 0);
    const fetch = await staticFolder(join(folder, "public"));
    server = await serve({ hostname: "127.0.0.1", port: 0, fetch });
  });
  after(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });

  /** With the path as it is: `fetch` would resolve its dots. */
  async function get(
    path: string,
    method = "GET",
    headers: Record<string, string> = {},
  ): Promise<{ status: number; headers: NodeJS.Dict<string | string[]>; body: string }> {
    const { hostname, port } = new URL(server.url);
    const request = httpRequest({ hostname, port, path, method, headers, agent: false }).end();
    const [response] = (await once(request, "response")) as [import("node:http").IncomingMessage];
    let body = "";
    for await (const chunk of response.setEncoding("utf8")) body += String(chunk);
    return { status: response.statusCode ?? 0, headers: response.headers, body };
  }

  const found: [path: string, type: string, body: string][] = [
    ["/", "text/html; charset=utf-8", "<h1>home</h1>"],
    ["/?a=/../", "text/html; charset=utf-8", "<h1>home</h1>"],
    ["/sub/", "text/html; charset=utf-8", "sub"],
    ["/app.js", "text/javascript; charset=utf-8", "1"],
    ["/in.js", "text/javascript; charset=utf-8", "1"],
    ["/a%20b%20%C3%BC.txt", "text/plain; charset=utf-8", "grüezi"],
    ["/noext", "application/octet-stream", "\0"],
  ];
  for (const [path, type, text] of found) {
    it(`${path} is there`, async () => {
      const { status, headers, body } = await get(path);
      assert.deepEqual([status, headers["content-type"], body], [200, type, text]);
      assert.equal(headers["x-content-type-options"], "nosniff");
      assert.equal(headers["content-length"], String(Buffer.byteLength(text)));
    });
  }

  for (const path of [
    "/nothing",
    "/empty/",
    "/../secret.txt",
    "/sub/../../secret.txt",
    "/%2e%2e/secret.txt",
    "/..%2fsecret.txt",
    "/..%5csecret.txt",
    "/../public-secret/secret.txt",
    "//etc/passwd",
    "/out",
    "/out-folder/secret.txt",
    "/.hidden",
    "/app.js%00.html",
    "/%",
    "/%ff",
    "/app.js/",
  ]) {
    it(`${path} is not`, async () => {
      const { status, body } = await get(path);
      assert.deepEqual([status, body], [404, "not found\n"]);
    });
  }

  it("a folder without its slash leads to the one with it", async () => {
    const { status, headers } = await get("/sub?a=1");
    assert.deepEqual([status, headers["location"]], [301, "/sub/?a=1"]);
  });

  it("HEAD has no body, and other methods are refused", async () => {
    const head = await get("/app.js", "HEAD");
    assert.deepEqual([head.status, head.body, head.headers["content-length"]], [200, "", "1"]);
    const post = await get("/app.js", "POST");
    assert.deepEqual([post.status, post.headers["allow"]], [405, "GET, HEAD"]);
  });

  it("what the client has already is not sent again", async () => {
    const { headers } = await get("/app.js");
    const again = await get("/app.js", "GET", { "if-none-match": String(headers["etag"]) });
    assert.deepEqual([again.status, again.body], [304, ""]);
  });

  it("a folder that is not there is said at once", async () => {
    await assert.rejects(staticFolder(join(folder, "none")), { message: /^--static .*ENOENT/ });
  });
});
