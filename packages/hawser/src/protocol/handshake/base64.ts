// Base64 (RFC 4648 §4) for the two short values of the opening handshake, which the language itself
// cannot make on every platform that this folder runs on.

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** By character code. */
const isInAlphabet: readonly boolean[] = Array.from({ length: 128 }, (_, code) =>
  alphabet.includes(String.fromCharCode(code)),
);

/** The bytes in base64, with padding. */
export function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const group = ((bytes[i] as number) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    text += alphabet[group >>> 18];
    text += alphabet[(group >>> 12) & 0x3f];
    text += left > 1 ? alphabet[(group >>> 6) & 0x3f] : "=";
    text += left > 2 ? alphabet[group & 0x3f] : "=";
  }
  return text;
}

/** Whether the text is the base64 form of exactly 16 bytes: 22 characters and "==". */
export function isBase64Of16Bytes(text: string): boolean {
  if (text.length !== 24 || !text.endsWith("==")) return false;
  for (let i = 0; i < 22; i++) if (!isInAlphabet[text.charCodeAt(i)]) return false;
  // The last character carries two bits; the four below them have to be zero.
  return (alphabet.indexOf(text[21] as string) & 0x0f) === 0;
}
