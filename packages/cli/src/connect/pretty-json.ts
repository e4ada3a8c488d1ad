// JSON for people. Only blanks and colours are added: numbers keep all their digits, and keys that come twice stay,
// which parsing and serializing would not do.

import type { Paint, Style } from "../shared/paint.ts";

/** Longer or deeper texts are shown as they are. */
const maxLength = 256 * 1024;
const maxDepth = 64;

const tokens = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/gu;

/** The text with an indentation; undefined when it is no object or array of JSON. */
export function prettyJson(text: string, paint: Paint): string | undefined {
  if (text.length > maxLength || !/^\s*[{[]/.test(text) || !isJson(text)) return undefined;
  const all = text.match(tokens) ?? [];
  let [result, depth] = ["", 0];
  const newLine = (): string => `\n${"  ".repeat(depth)}`;
  for (const [index, token] of all.entries()) {
    const [before, after] = [all[index - 1], all[index + 1]];
    if (token === "{" || token === "[") {
      if (++depth > maxDepth) return undefined;
      result += token;
      if (after !== "}" && after !== "]") result += newLine();
    } else if (token === "}" || token === "]") {
      depth--;
      result += before === "{" || before === "[" ? token : newLine() + token;
    } else if (token === ",") result += token + newLine();
    else if (token === ":") result += ": ";
    else result += paint(styleOf(token, after), token);
  }
  return result;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function styleOf(token: string, after: string | undefined): Style {
  if (token.startsWith('"')) return after === ":" ? "cyan" : "green";
  return /^[-\d]/.test(token) ? "yellow" : "magenta";
}
