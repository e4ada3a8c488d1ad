// Group 12: permessage-deflate with contents of five kinds.

import type { Group } from "../engine/case.ts";
import type { CorpusKind } from "./corpus.ts";
import { deflateCases } from "./deflate-sizes.ts";

const contents: readonly (readonly [kind: CorpusKind, type: "text" | "binary"])[] = [
  ["JSON", "text"],
  ["bitmap", "binary"],
  ["German prose", "binary"],
  ["HTML", "text"],
  ["PDF", "binary"],
];

export const deflateContents: Group = {
  number: 12,
  title: "permessage-deflate, contents",
  isPerformance: true,
  cases: contents.flatMap(([kind, type], index) =>
    deflateCases({ id: `12.${index + 1}`, kind, type, with: "", deflate: [{}] }),
  ),
};
