// A thread of a simulation: runs its share, and says what came of it.

import { parentPort, workerData } from "node:worker_threads";
import { runShare, type Share } from "./simulate.ts";

// To a thread, not a window.
// oxlint-disable-next-line unicorn/require-post-message-target-origin
parentPort?.postMessage(await runShare(workerData as Share));
