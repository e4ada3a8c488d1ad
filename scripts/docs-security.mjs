// @ts-check
// Writes docs/reference/security.md from scripts/security-table.mjs. `--check` writes nothing, and exits with 1 when
// the page is out of date. Either way a test that is named and is not there is an error.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tables } from "./security-table.mjs";

const root = join(import.meta.dirname, "..");
const page = join(root, "docs/reference/security.md");

/** @type {string[]} */
const faults = [];

/** @param {import("./security-table.mjs").Test} test */
function link([file, words]) {
  const source = readFileSync(join(root, file), "utf8");
  if (!source.includes(words)) faults.push(`${file} has no "${words}"`);
  const name = file.replace(/^.*\/([^/]+?)(?:\.test)?\.ts$/, "$1");
  return `[${name}](../../${file} "${words.replaceAll('"', "'")}")`;
}

const sections = tables.map(({ title, columns, rows }) => {
  const lines = rows.map(([tried, outcome, ...tests]) => {
    const links = [...new Set(tests.map(link))].join(", ");
    return `| ${tried} | ${outcome} | ${links} |`;
  });
  return [`## ${title}`, "", `| ${columns.join(" | ")} | test |`, "|---|---|---|", ...lines].join(
    "\n",
  );
});

const text = `# What is defended, and the tests

You get: each thing that a peer, a page or bad luck may do, what comes of it, and the file of the test that shows it. After
every bad input the tests also see that the process had no uncaught error, that a well-behaved client beside it gets
its answers, and that descriptors and memory are back where they were. The reasons are in
[Security](../explanation/security.md), what is promised in [SECURITY.md](../../SECURITY.md).

${sections.join("\n\n")}
`;

if (faults.length > 0) {
  console.error(faults.join("\n"));
  process.exitCode = 1;
} else if (!process.argv.includes("--check")) {
  writeFileSync(page, text);
} else if (readFileSync(page, "utf8") !== text) {
  console.error("docs/reference/security.md is out of date: node scripts/docs-security.mjs");
  process.exitCode = 1;
} else {
  console.log("docs/reference/security.md is up to date");
}
