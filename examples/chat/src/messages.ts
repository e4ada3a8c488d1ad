// The messages of the chat, and the judge of those that clients send: nothing else in the server looks
// at a message that has not passed `parseMessage`. Limits count UTF-16 code units, as an input
// element's `maxlength` does, so that the page and the server agree.

/** Asks to come in under a name. */
export interface Joining {
  readonly type: "join";
  readonly name: string;
}

/** Says something to the room. */
export interface Saying {
  readonly type: "say";
  readonly text: string;
}

/** Refuses a message with a sentence for the person who sent it; the connection stays open. */
export interface Problem {
  readonly type: "problem";
  readonly about: "join" | "say";
  readonly text: string;
}

/** What no honest page sends: the connection is to be closed. */
export interface Violation {
  readonly type: "violation";
  readonly code: 1003 | 1008;
  readonly reason: string;
}

export type ClientMessage = Joining | Saying;

export type ServerMessage =
  | { readonly type: "welcome"; readonly name: string; readonly people: readonly string[] }
  | { readonly type: "joined" | "left"; readonly name: string }
  /** `at` is in milliseconds since 1970, by the server's clock. */
  | { readonly type: "said"; readonly name: string; readonly text: string; readonly at: number }
  | Problem;

export const maxNameLength = 24;
export const maxTextLength = 1000;

// Lone surrogates, and what would reorder or break the lines of other people.
const unfitForName = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u;
const unfitForText = /[\p{Cs}\u202a-\u202e\u2066-\u2069]|(?![\n\t])\p{Cc}/u;
const visible = /[\p{L}\p{N}\p{P}\p{S}]/u;

/** Judges a message of a client, and tidies it. */
export function parseMessage(received: string | Uint8Array): ClientMessage | Problem | Violation {
  if (typeof received !== "string") return violation(1003, "messages are text");
  let fields: unknown;
  try {
    fields = JSON.parse(received);
  } catch {
    return violation(1008, "messages are JSON");
  }
  if (typeof fields !== "object" || fields === null) return violation(1008, "messages are objects");
  const { type, name, text } = fields as Partial<Record<string, unknown>>;
  if (type === "join" && typeof name === "string") return parseName(name);
  if (type === "say" && typeof text === "string") return parseText(text);
  return violation(1008, "no such message");
}

function parseName(given: string): Joining | Problem {
  const name = given.normalize("NFC").trim().replaceAll(/ +/g, " ");
  if (!visible.test(name)) return problem("join", "Please enter a name.");
  if (name.length > maxNameLength) {
    return problem("join", `A name may have up to ${maxNameLength} characters.`);
  }
  if (unfitForName.test(name))
    return problem("join", "The name has characters that can't be shown.");
  return { type: "join", name };
}

function parseText(given: string): Saying | Problem {
  const text = given
    .replaceAll(/\r\n?/g, "\n")
    .replaceAll(/\n{3,}/g, "\n\n")
    .trim();
  if (!visible.test(text)) return problem("say", "There is nothing to send yet.");
  if (text.length > maxTextLength) {
    return problem("say", `A message may have up to ${maxTextLength} characters.`);
  }
  if (unfitForText.test(text))
    return problem("say", "The message has characters that can't be shown.");
  return { type: "say", text };
}

function problem(about: Problem["about"], text: string): Problem {
  return { type: "problem", about, text };
}

function violation(code: Violation["code"], reason: string): Violation {
  return { type: "violation", code, reason };
}
