// Group 13: permessage-deflate with parameters. What the tester asks for concerns what the peer sends:
// that it forgets its history after each message, and how large its window is.

import type { Group } from "../engine/case.ts";
import type { DeflateParameters } from "../wire/extensions.ts";
import { deflateCases } from "./deflate-sizes.ts";

const forgetful = { noContextTakeover: true };

const parameters: readonly (readonly [words: string, deflate: readonly DeflateParameters[]])[] = [
  ["", [{}]],
  [", no context takeover", [forgetful]],
  [", a window of 9 bits", [{ maxWindowBits: 9 }]],
  [", a window of 15 bits", [{ maxWindowBits: 15 }]],
  [", no context takeover, a window of 9 bits", [{ ...forgetful, maxWindowBits: 9 }]],
  [", no context takeover, a window of 15 bits", [{ ...forgetful, maxWindowBits: 15 }]],
  [", three offers", [{ ...forgetful, maxWindowBits: 9 }, forgetful, {}]],
];

export const deflateParameters: Group = {
  number: 13,
  title: "permessage-deflate, parameters",
  isPerformance: true,
  cases: parameters.flatMap(([words, deflate], index) =>
    deflateCases({ id: `13.${index + 1}`, kind: "JSON", type: "text", with: words, deflate }),
  ),
};
