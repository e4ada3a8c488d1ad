// The file of lines that were typed: whose it is, how long it becomes, and that nothing fails without it.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { History, historyPath, maxLines } from "../../dist/connect/history.js";

const folder = mkdtempSync(join(tmpdir(), "hawser-history-"));
after(() => rmSync(folder, { recursive: true }));

describe("the history", () => {
  it("lies where XDG says, or in ~/.local/state", () => {
    const ofHome = join(homedir(), ".local/state/hawser/connect-history");
    assert.equal(historyPath({ XDG_STATE_HOME: "/state" }), "/state/hawser/connect-history");
    assert.equal(historyPath({ XDG_STATE_HOME: "relative" }), ofHome);
    assert.equal(historyPath({}), ofHome);
  });

  it("gives the lines of before, newest first, and is its owner's alone", () => {
    const path = join(folder, "new", "history");
    const history = new History(path);
    assert.deepEqual(history.load(), []);
    for (const line of ["first", "  ", "second", "x".repeat(5000)]) history.add(line);
    assert.deepEqual(new History(path).load(), ["second", "first"]);
    assert.equal(statSync(path).mode & 0o777, 0o600);
    assert.equal(statSync(join(folder, "new")).mode & 0o777, 0o700);
  });

  it("is bounded, over all times together", () => {
    const path = join(folder, "long");
    for (let time = 0; time < 2; time++) {
      const history = new History(path);
      history.load();
      for (let line = 0; line < maxLines * 0.8; line++) history.add(`${time} ${line}`);
    }
    const lines = readFileSync(path, "utf8").trimEnd().split("\n");
    assert.ok(lines.length <= maxLines);
    assert.equal(lines.at(-1), `1 ${maxLines * 0.8 - 1}`);
  });

  it("does without a file that can't be", () => {
    const history = new History("/dev/null/history");
    assert.deepEqual(history.load(), []);
    history.add("line");
  });
});
