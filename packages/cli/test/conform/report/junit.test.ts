// JUnit XML: well-formed, whatever a peer has said, and with the right counts.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { describe, it } from "node:test";
import { formatJunit } from "../../../dist/conform/report/junit.js";
import { exampleReport } from "./example.js";

describe("formatJunit", () => {
  const xml = formatJunit(exampleReport());

  it("is XML for Python's parser, too", () => {
    const program = [
      "import sys, xml.dom.minidom",
      "root = xml.dom.minidom.parse(sys.stdin.buffer).documentElement",
      "tests = root.getElementsByTagName('testcase')",
      "print(root.tagName, len(tests), len(root.getElementsByTagName('failure')))",
    ].join("\n");
    const printed = execFileSync("/usr/bin/python3", ["-c", program], {
      input: xml,
      encoding: "utf8",
    });
    assert.equal(printed, "testsuites 8 2\n");
  });

  it("counts tests, failures and what is skipped", () => {
    assert.match(
      xml,
      /<testsuites name="hawser conform client" tests="8" failures="2" errors="0" skipped="1"/,
    );
    assert.match(
      xml,
      /<testsuite name="&lt;agent&gt; &amp; co\uFFFD\[31m: 7 Closing" tests="2" failures="1"/,
    );
    assert.match(xml, /<skipped message="UNIMPLEMENTED"\/>/);
    assert.match(xml, /<failure type="WRONG CODE" message="WRONG CODE">expected: text of 5\n/);
    assert.match(xml, /<system-out>NON-STRICT\n/);
  });
});
