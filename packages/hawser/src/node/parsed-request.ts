// A request that our own parser has read, with the face of Node's: header fields as an object, and a
// message of Node's own. Both are made when they are asked for, because most handshakes never are.

import { IncomingMessage, type IncomingHttpHeaders } from "node:http";
import type { Socket } from "node:net";
import { fieldsOfWhole, type WholeRequest } from "../protocol/index.ts";

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
    this.#headers ??= joinedHeaders(this.#incoming?.rawHeaders ?? fieldsOfWhole(this.#request));
    return this.#headers;
  }

  /** The request as Node would have made it. */
  get incoming(): IncomingMessage {
    this.#incoming ??= new ReadMessage(this, fieldsOfWhole(this.#request));
    return this.#incoming;
  }
}

/** A message of Node's own whose header objects are made when they are asked for, as Node's are. */
class ReadMessage extends IncomingMessage {
  readonly #source: ParsedRequest;
  #headersDistinct: NodeJS.Dict<string[]> | undefined;

  constructor(source: ParsedRequest, rawHeaders: string[]) {
    super(source.socket);
    this.#source = source;
    this.method = "GET";
    this.url = source.url;
    this.httpVersion = source.httpVersion;
    this.httpVersionMajor = 1;
    this.httpVersionMinor = 1;
    this.rawHeaders = rawHeaders;
    this.complete = true;
    (this as { upgrade?: boolean }).upgrade = true;
    // It has no body: who reads it finds its end.
    this.push(null);
  }

  static {
    // What asks its constructor's name is told that of Node's.
    Object.defineProperty(this, "name", { value: IncomingMessage.name });
    // They are properties by Node's types, and accessors of the prototype in truth.
    Object.defineProperties(this.prototype, {
      headers: {
        get(this: ReadMessage) {
          return this.#source.headers;
        },
      },
      headersDistinct: {
        get(this: ReadMessage) {
          return (this.#headersDistinct ??= distinctHeaders(this.rawHeaders));
        },
      },
    });
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
  const headers: Record<string, string | string[]> = {};
  eachField(raw, (name, value) => {
    const before = Object.hasOwn(headers, name) ? headers[name] : undefined;
    if (name === "set-cookie") addTo(headers, name, value, before as string[] | undefined);
    else if (before === undefined) set(headers, name, value);
    else if (!singleNames.has(name)) {
      set(headers, name, `${before as string}${name === "cookie" ? "; " : ", "}${value}`);
    }
  });
  return headers;
}

function distinctHeaders(raw: readonly string[]): NodeJS.Dict<string[]> {
  // Without a prototype, as Node has it.
  const headers = Object.create(null) as Record<string, string[]>;
  eachField(raw, (name, value) => addTo(headers, name, value, headers[name]));
  return headers;
}

function eachField(raw: readonly string[], take: (name: string, value: string) => void): void {
  for (let i = 0; i + 1 < raw.length; i += 2) {
    take((raw[i] as string).toLowerCase(), raw[i + 1] as string);
  }
}

function addTo(
  headers: Record<string, unknown>,
  name: string,
  value: string,
  before: string[] | undefined,
): void {
  if (before === undefined) set(headers, name, [value]);
  else before.push(value);
}

/** A field called "__proto__" is a property like any other. */
function set(headers: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== "__proto__") headers[name] = value;
  else {
    const property = { value, configurable: true, enumerable: true, writable: true };
    Object.defineProperty(headers, name, property);
  }
}
