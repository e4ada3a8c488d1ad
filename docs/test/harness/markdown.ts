// A page as its fenced blocks, links and anchors. The info string of a block says what it is:
//
//   ```ts file=server.ts      a whole file; the tests compile it and run it
//   ```ts from=server.ts      lines cut from that file, shown again to talk about them
//   ```text output=server.ts  what that file prints
//   ```sh                     lines for a shell, run as they are
//
// A block in any other language, or with `shown` behind it, is there to be read only.

import { readFileSync } from "node:fs";

/** A fenced block. */
export interface Block {
  readonly language: string;
  /** "file", "from", "output" and the like, from the info string. */
  readonly attributes: ReadonlyMap<string, string>;
  readonly text: string;
  /** The line of its opening fence, counted from 1. */
  readonly line: number;
}

/** A link of a page. */
export interface Link {
  readonly target: string;
  readonly line: number;
}

/** The fenced blocks of a page. */
export function blocksOf(markdown: string): Block[] {
  const blocks: Block[] = [];
  const lines = markdown.split("\n");
  for (let i = 0; i < lines.length; i++) {
    const open = /^(\s*)```(\S+)?(.*)$/.exec(lines[i] as string);
    if (open === null) continue;
    const indent = (open[1] as string).length;
    const start = i + 1;
    for (i = start; i < lines.length && (lines[i] as string).trim() !== "```"; i++);
    if (i === lines.length) throw new Error(`line ${start}: the block is not closed`);
    blocks.push({
      language: open[2] ?? "",
      attributes: attributesOf(open[3] ?? ""),
      text: `${lines
        .slice(start, i)
        .map((line) => line.slice(indent))
        .join("\n")}\n`,
      line: start,
    });
  }
  return blocks;
}

function attributesOf(info: string): Map<string, string> {
  const attributes = new Map<string, string>();
  for (const word of info.trim().split(/\s+/)) {
    const [name = "", value = ""] = word.split("=");
    if (name !== "") attributes.set(name, value);
  }
  return attributes;
}

/** The page without its fenced blocks and code spans, line for line. */
function proseOf(markdown: string): string[] {
  let isInBlock = false;
  return markdown.split("\n").map((line) => {
    const isFence = line.trimStart().startsWith("```");
    if (isFence) isInBlock = !isInBlock;
    return isFence || isInBlock
      ? ""
      : line.replaceAll(/`[^`]*`/g, (span) => span.replaceAll(/[[\]()]/g, " "));
  });
}

/** The links of a page, images and reference definitions too. */
export function linksOf(markdown: string): Link[] {
  return proseOf(markdown).flatMap((text, index) =>
    [...text.matchAll(/\]\(\s*<?([^)\s>]+)>?[^)]*\)|^\[[^\]]+\]:\s*(\S+)/g)].map((match) => ({
      target: (match[1] ?? match[2]) as string,
      line: index + 1,
    })),
  );
}

/** The anchors that GitHub gives the headings of a page, and those written in HTML. */
export function anchorsOf(markdown: string): Set<string> {
  const anchors = new Set<string>();
  const counts = new Map<string, number>();
  let isInBlock = false;
  for (const line of markdown.split("\n")) {
    if (line.trimStart().startsWith("```")) isInBlock = !isInBlock;
    if (isInBlock) continue;
    for (const [, id] of line.matchAll(/<a (?:id|name)="([^"]+)"/g)) anchors.add(id as string);
    const heading = /^#{1,6}\s+(.*?)\s*#*$/.exec(line)?.[1];
    if (heading === undefined) continue;
    const slug = slugOf(heading);
    const seen = counts.get(slug) ?? 0;
    counts.set(slug, seen + 1);
    anchors.add(seen === 0 ? slug : `${slug}-${seen}`);
  }
  return anchors;
}

/** GitHub's rule: lower case, no punctuation but hyphens and underscores, a hyphen for each space. */
function slugOf(heading: string): string {
  const text = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1");
  return text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\p{Pc}\- ]/gu, "")
    .replaceAll(" ", "-");
}

/** The text of a page. */
export function readPage(path: string): string {
  return readFileSync(path, "utf8");
}
