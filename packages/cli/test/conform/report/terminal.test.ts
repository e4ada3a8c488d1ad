// The summary on the terminal: what it says, and when in colors.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatSummary, paintFor } from "../../../dist/conform/report/terminal.js";
import { exampleReport } from "./example.js";

const escape = "\u001B";

describe("formatSummary", () => {
  const plain = formatSummary(exampleReport(), (_color, text) => text);

  it("says what each group has come to", () => {
    const groups = plain.filter((line) => /^ {2,3}\d+ /.test(line));
    assert.match(groups[0] ?? "", /^ {3}1 Framing +OK 1, FAILED 1$/);
    assert.match(groups[4] ?? "", /^ {2}12 permessage-deflate, contents +UNIMPLEMENTED 1$/);
    assert.match(groups[6] ?? "", /not run$/);
  });

  it("says what was wrong, and why", () => {
    const at = plain.findIndex((line) => line.startsWith("WRONG CODE 7.3.3"));
    assert.deepEqual(plain.slice(at, at + 3), [
      "WRONG CODE 7.3.3 A Close frame with a code",
      "    expected: text of 5",
      "    the close code is 1001, not 1000",
    ]);
    assert.ok(!plain.some((line) => line.startsWith("NON-STRICT 6.4.1")));
  });

  it("has the figures of performance cases", () => {
    assert.ok(
      plain.some((line) => /9\.7\.6 +500\.0 ms +2,000 messages\/s +7\.8 MiB\/s/.test(line)),
    );
  });

  it("lets nothing of a peer drive the terminal", () => {
    assert.equal(plain[0], "<agent> & co\\x1b[31m (client)");
    assert.ok(!plain.join("").includes(escape));
  });
});

describe("paintFor", () => {
  const rows: [title: string, isTerminal: boolean, env: NodeJS.ProcessEnv, paints: boolean][] = [
    ["a terminal", true, {}, true],
    ["a pipe", false, {}, false],
    ["NO_COLOR on a terminal", true, { NO_COLOR: "1" }, false],
    ["an empty NO_COLOR", true, { NO_COLOR: "" }, true],
    ["FORCE_COLOR on a pipe", false, { FORCE_COLOR: "1" }, true],
    ["a dumb terminal", true, { TERM: "dumb" }, false],
  ];
  for (const [title, isTerminal, env, paints] of rows) {
    it(`${title}: ${paints ? "colors" : "none"}`, () => {
      const text = paintFor(isTerminal, env)(31, "x");
      assert.equal(text, paints ? `${escape}[31mx${escape}[0m` : "x");
    });
  }
});
