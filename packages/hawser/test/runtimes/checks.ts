// What `hawser` has to do in every runtime that it is used in: a small contract, over real sockets.

import type { Check } from "./check.ts";
import { ends } from "./end-checks.ts";
import { faces } from "./face-checks.ts";
import { messages } from "./message-checks.ts";
import { openings } from "./opening-checks.ts";

export const checks: readonly Check[] = [...messages, ...ends, ...openings, ...faces];
