// Topics as names of the engine. Clients may choose topics, so nothing in one may mean anything to an engine: no
// dot, star or ">" (NATS), no white space, no brace (a hash tag of Redis Cluster). Only letters, digits, "-", "_"
// and "%" come out, reversibly, so different topics never meet.

import { UsageError } from "../protocol/index.ts";

const special = /[.!~*'()]/g;

/**
 * A topic as one token of the engine.
 *
 * @throws UsageError HAWSER_TOPIC_INVALID for half a surrogate pair, which has no form in UTF-8
 */
export function escapeTopic(topic: string): string {
  // NATS has no empty tokens, and no topic comes out as a single "%".
  if (topic === "") return "%";
  let escaped: string;
  try {
    escaped = encodeURIComponent(topic);
  } catch {
    throw new UsageError(
      "HAWSER_TOPIC_INVALID",
      "a topic that reaches other nodes must be well-formed: it has half a surrogate pair in it",
    );
  }
  return escaped.replaceAll(special, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}
