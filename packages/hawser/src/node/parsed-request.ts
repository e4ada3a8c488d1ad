// A request that our own parser has read, with the face of Node's: header fields as an object, and a
// message of Node's own. Both are made when they are asked for, because most handshakes never are.

import { IncomingMessage, type IncomingHttpHeaders } from "node:http";
import type { Socket } from "node:net";
import { fieldsOfWhole, headersFromRaw, type WholeRequest } from "../protocol/index.ts";

export class ParsedRequest {
  readonly socket: Socket;
  readonly #request: WholeRequest;
  #headers: IncomingHttpHeaders | undefined;
  #incoming: IncomingMessage | undefined;

  constructor(socket: Socket, request: WholeRequest) {
    this.socket = socket;
    this.#request = request;
  }

  /** Path and query. */
  get url(): string {
    return this.#request.target;
  }

  get httpVersion(): string {
    return "1.1";
  }

  /** As Node gives them: names in lower case, values joined. */
  get headers(): IncomingHttpHeaders {
    this.#headers ??= joinedHeaders(fieldsOfWhole(this.#request));
    return this.#headers;
  }

  /** The request as Node would have made it. */
  get incoming(): IncomingMessage {
    this.#incoming ??= this.#makeIncoming();
    return this.#incoming;
  }

  #makeIncoming(): IncomingMessage {
    const incoming = new IncomingMessage(this.socket);
    const rawHeaders = fieldsOfWhole(this.#request);
    Object.assign(incoming, {
      method: "GET",
      url: this.url,
      httpVersion: "1.1",
      httpVersionMajor: 1,
      httpVersionMinor: 1,
      rawHeaders,
      headers: this.headers,
      headersDistinct: distinctHeaders(rawHeaders),
      upgrade: true,
      complete: true,
    });
    // It has no body: who reads it finds its end.
    incoming.push(null);
    return incoming;
  }
}

/** Of these Node keeps the first line and drops the others: the documentation of `message.headers`. */
const singleNames: ReadonlySet<string> = new Set([
  "age",
  "authorization",
  "content-length",
  "content-type",
  "etag",
  "expires",
  "from",
  "host",
  "if-modified-since",
  "if-unmodified-since",
  "last-modified",
  "location",
  "max-forwards",
  "proxy-authorization",
  "referer",
  "retry-after",
  "server",
  "user-agent",
]);

function joinedHeaders(raw: readonly string[]): IncomingHttpHeaders {
  return fromLines(raw, (name, lines) => {
    if (name === "set-cookie") return [...lines];
    if (singleNames.has(name)) return lines[0];
    return lines.join(name === "cookie" ? "; " : ", ");
  });
}

function distinctHeaders(raw: readonly string[]): NodeJS.Dict<string[]> {
  // Without a prototype, as Node has it.
  const headers = Object.create(null) as NodeJS.Dict<string[]>;
  return Object.assign(
    headers,
    fromLines(raw, (_, lines) => [...lines]),
  );
}

/** An object of the fields, in which one called "__proto__" is a property like any other. */
function fromLines<Value>(
  raw: readonly string[],
  valueOf: (name: string, lines: readonly string[]) => Value,
): Record<string, Value> {
  const entries = Array.from(headersFromRaw(raw), ([name, lines]): [string, Value] => [
    name,
    valueOf(name, lines),
  ]);
  return Object.fromEntries(entries);
}
