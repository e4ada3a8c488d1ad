// The bits of HTTP's grammar that the opening handshake is made of (RFC 9110 §5.6), read by hand in
// one pass: no regular expression, so no input makes it slow.

/** tchar of RFC 9110 §5.6.2, by character code. */
const isTokenCode: readonly boolean[] = Array.from({ length: 128 }, (_, code) => {
  const char = String.fromCharCode(code);
  return (
    (char >= "0" && char <= "9") ||
    (char >= "A" && char <= "Z") ||
    (char >= "a" && char <= "z") ||
    "!#$%&'*+-.^_`|~".includes(char)
  );
});

/** Whether the character at `index` may stand in a token. */
export function isTokenCharAt(text: string, index: number): boolean {
  return isTokenCode[text.charCodeAt(index)] === true;
}

/** Whether the text is a token: one or more tchar. */
export function isToken(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (!isTokenCharAt(text, i)) return false;
  return text.length > 0;
}

/** Whether the character at `index` is optional white space: a space or a tab. */
export function isSpaceAt(text: string, index: number): boolean {
  const code = text.charCodeAt(index);
  return code === 0x20 || code === 0x09;
}

/** The index of the first character from `index` on that is no white space. */
export function skipSpace(text: string, index: number): number {
  let at = index;
  while (at < text.length && isSpaceAt(text, at)) at++;
  return at;
}

/** The text without white space at either end. */
export function trimSpace(text: string): string {
  const start = skipSpace(text, 0);
  let end = text.length;
  while (end > start && isSpaceAt(text, end - 1)) end--;
  return text.slice(start, end);
}

/** The members of a comma-separated list (RFC 9110 §5.6.1), trimmed; empty ones are left out. */
export function splitList(text: string): string[] {
  return text
    .split(",")
    .map(trimSpace)
    .filter((member) => member !== "");
}
