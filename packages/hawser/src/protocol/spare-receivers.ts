// Receivers that are in nobody's use. An endpoint needs one only while it is in the middle of something:
// between messages there is no state of reading, and most connections are between messages most of the
// time. So an idle connection has none, and busy ones use the few that are warm in turns.

import type { ReceiverOptions } from "./frame-reader.ts";
import { Receiver } from "./receiver.ts";

const spares: Receiver[] = [];

/** How many are kept; a process has few more in use at once, and they are small. */
const mostSpares = 64;

/** A receiver that has nothing read yet. */
export function takeReceiver(options: ReceiverOptions, rsv1Allowed: boolean): Receiver {
  const spare = spares.pop();
  if (spare === undefined) return new Receiver(options, rsv1Allowed);
  spare.serve(options, rsv1Allowed);
  return spare;
}

/** Takes it back, with whatever it holds; the caller must not use it any more. */
export function giveReceiverBack(receiver: Receiver): void {
  receiver.clear();
  if (spares.length < mostSpares) spares.push(receiver);
}
