// Bytes for people: sixteen a line, with their place, in hex, and as the ASCII that they are.

const bytesPerLine = 16;

/** The lines, without an end of line behind the last; empty for no bytes. */
export function hexDump(bytes: Uint8Array, maxBytes: number): string {
  const lines: string[] = [];
  const shown = bytes.subarray(0, maxBytes);
  for (let offset = 0; offset < shown.length; offset += bytesPerLine) {
    lines.push(lineOf(offset, shown.subarray(offset, offset + bytesPerLine)));
  }
  const left = bytes.length - shown.length;
  if (left > 0) lines.push(`… and ${left} bytes more`);
  return lines.join("\n");
}

function lineOf(offset: number, bytes: Uint8Array): string {
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0"));
  const halves = `${hex.slice(0, 8).join(" ")}  ${hex.slice(8).join(" ")}`;
  const ascii = String.fromCharCode(...bytes.map((byte) => (byte >= 32 && byte < 127 ? byte : 46)));
  return `${offset.toString(16).padStart(8, "0")}  ${halves.padEnd(48)}  |${ascii}|`;
}
