// The header fields that the opening handshake is about, picked out of all others in one pass. A field
// that comes on several lines is their values with commas between (RFC 9110 §5.3): where the field is a
// list that is what they mean, and where it is not, no value with a comma passes its check.

import type { FieldScanner } from "./field-scanner.ts";
import { splitList } from "./grammar.ts";
import type { Headers } from "./headers.ts";

export class HandshakeFields {
  /** How many field lines there are, the others too. */
  count = 0;
  /** The bytes of all lines. */
  bytes = 0;

  host: string | undefined;
  origin: string | undefined;
  upgrade: string | undefined;
  connection: string | undefined;
  key: string | undefined;
  version: string | undefined;
  protocols: string | undefined;
  extensions: string | undefined;
  contentLength: string | undefined;
  transferEncoding: string | undefined;

  /** Takes the line that the scanner found in the text. */
  addFrom(text: string, { nameStart, nameEnd, valueStart, valueEnd }: FieldScanner): void {
    if (lengths[nameEnd - nameStart] === true) {
      this.add(text.slice(nameStart, nameEnd), text.slice(valueStart, valueEnd));
      return;
    }
    this.count++;
    this.bytes += nameEnd - nameStart + valueEnd - valueStart + 4;
  }

  /** Takes one field line. */
  add(name: string, value: string): void {
    this.count++;
    // ": " and CRLF are four more.
    this.bytes += name.length + value.length + 4;
    switch (name.toLowerCase()) {
      case "host":
        this.host = combine(this.host, value);
        break;
      case "origin":
        this.origin = combine(this.origin, value);
        break;
      case "upgrade":
        this.upgrade = combine(this.upgrade, value);
        break;
      case "connection":
        this.connection = combine(this.connection, value);
        break;
      case "sec-websocket-key":
        this.key = combine(this.key, value);
        break;
      case "sec-websocket-version":
        this.version = combine(this.version, value);
        break;
      case "sec-websocket-protocol":
        this.protocols = combine(this.protocols, value);
        break;
      case "sec-websocket-extensions":
        this.extensions = combine(this.extensions, value);
        break;
      case "content-length":
        this.contentLength = combine(this.contentLength, value);
        break;
      case "transfer-encoding":
        this.transferEncoding = combine(this.transferEncoding, value);
        break;
    }
  }
}

/** How long the names above are: of lines whose names have other lengths no strings are made. */
const lengths: readonly boolean[] = Array.from({ length: 25 }, (_, length) =>
  [4, 6, 7, 10, 14, 17, 21, 22, 24].includes(length),
);

function combine(before: string | undefined, value: string): string {
  return before === undefined ? value : `${before}, ${value}`;
}

/** The fields of interest among all. */
export function fieldsFromHeaders(headers: Headers): HandshakeFields {
  const fields = new HandshakeFields();
  for (const [name, lines] of headers) for (const line of lines) fields.add(name, line);
  return fields;
}

/** Whether a list has the member, which is given in lower case (RFC 6455 §4.2.1: in whatever case). */
export function hasMember(list: string | undefined, member: string): boolean {
  if (list === undefined) return false;
  const lower = list.toLowerCase();
  // Most lists have one member.
  return lower === member || splitList(lower).includes(member);
}
