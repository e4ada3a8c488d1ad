// The override itself: wherever in the whole tree a package asks for ws, whichever version, it gets the
// stand-in; `import` and `require` of it are one and the same class. What the other tests prove is proven
// about ours because of this one.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { describe, it } from "node:test";
import isomorphic from "isomorphic-ws";
import imported, * as named from "ws";
import { folderOf, standIn, trial, wsOf } from "./support.mjs";

const require = createRequire(import.meta.url);
const manifest = (name) => JSON.parse(readFileSync(join(folderOf(name), "package.json"), "utf8"));

describe("the override of ws", { timeout: 30_000 }, () => {
  it("leaves one ws in the tree, the one on trial", () => {
    const found = readdirSync(folderOf("."), { recursive: true }).filter((file) =>
      /(^|node_modules\/)ws\/package\.json$/.test(file),
    );
    assert.deepEqual(found, ["ws/package.json"]);
    assert.equal(manifest("ws").name, standIn);
  });

  it("satisfies npm, whatever version each package asks for", () => {
    const args = ["ls", "ws", "--all", "--json"];
    const { stdout } = spawnSync("npm", args, { cwd: import.meta.dirname, encoding: "utf8" });
    const { problems, dependencies } = JSON.parse(stdout);
    const about = (problems ?? []).filter((problem) => / ws@|: ws/.test(problem));
    if (trial === "hawser") assert.deepEqual(about, []);

    for (const [name, range] of Object.entries({
      "@fastify/websocket": "^8",
      "express-ws": "^7",
      "puppeteer-core": "^8",
      "webpack-dev-server": "^8",
    })) {
      assert.ok(name in dependencies, name);
      assert.ok(manifest(name).dependencies.ws.startsWith(range), name);
    }
    assert.match(manifest("engine.io").dependencies.ws, /^~8/);
    assert.equal(manifest("graphql-ws").peerDependencies.ws, "^8");
  });

  it("gives one class to import and require", () => {
    const required = require("ws");
    assert.equal(imported, required);
    assert.equal(wsOf("ws"), required);
    assert.equal(isomorphic, required);
    assert.equal(required.WebSocket, required);
    assert.equal(required.Server, required.WebSocketServer);
    for (const name of [
      "WebSocket",
      "WebSocketServer",
      "createWebSocketStream",
      "extension",
      "PerMessageDeflate",
      "Receiver",
      "Sender",
      "subprotocol",
    ]) {
      assert.equal(named[name], required[name], name);
      assert.ok(required[name], name);
    }
    if (trial === "hawser") assert.equal(required, require("hawser/ws"));
  });

  it("throws when a bundler took it for a page, and only when it is used", () => {
    const { browser } = manifest("ws").exports["."];
    const forPages = require(join(folderOf("ws"), browser.default ?? browser));
    assert.throws(() => new forPages("ws://localhost"), /browser/);
    assert.throws(() => forPages("ws://localhost"), /browser/);
  });
});
