// The types: a program that uses those of ws, and the declarations of the software here, which import them,
// compile strictly with the ones of ours in the place of @types/ws.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, it } from "node:test";
import { wsOf } from "./support.mjs";

const root = join(import.meta.dirname, "..");
wsOf("@fastify/websocket");

describe("the types of ws", { timeout: 60_000 }, () => {
  it("fit the declarations of who depends on it, imported and required", () => {
    const compiler = join(root, "node_modules/typescript/bin/tsc");
    const args = [compiler, "-p", join(import.meta.dirname, "types")];
    const { status, stdout } = spawnSync(process.execPath, args, { encoding: "utf8" });
    assert.equal(stdout, "");
    assert.equal(status, 0);
  });
});
