// A request that came as an extended CONNECT, with the face that the other requests have: header fields without
// pseudo ones, `host` among them whatever way the client named it, and a message of Node's own when it is asked for.

import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import {
  Http2ServerRequest,
  type IncomingHttpHeaders as Http2Headers,
  type ServerHttp2Stream,
} from "node:http2";
import type { Socket } from "node:net";
import { socketUnder } from "./stream.ts";

export class ConnectRequest {
  readonly stream: ServerHttp2Stream;
  readonly #fields: Http2Headers;
  readonly #raw: readonly string[];
  #headers: IncomingHttpHeaders | undefined;
  #incoming: IncomingMessage | undefined;

  constructor(stream: ServerHttp2Stream, fields: Http2Headers, raw: readonly string[]) {
    this.stream = stream;
    this.#fields = fields;
    this.#raw = raw;
  }

  /** The socket that the session of the stream is on. */
  get socket(): Socket {
    return socketUnder(this.stream.session);
  }

  /** Path and query. */
  get url(): string {
    return this.#fields[":path"] ?? "";
  }

  get httpVersion(): string {
    return "2.0";
  }

  get headers(): IncomingHttpHeaders {
    this.#headers ??= regularFields(this.#fields);
    return this.#headers;
  }

  /** Node's `Http2ServerRequest`, which has what an IncomingMessage has as far as HTTP/2 has it. */
  get incoming(): IncomingMessage {
    const { stream } = this;
    this.#incoming ??= new Http2ServerRequest(
      stream,
      this.#fields,
      {},
      this.#raw,
    ) as unknown as IncomingMessage;
    return this.#incoming;
  }
}

/** The fields without pseudo ones; what asks for the host finds it where HTTP/1.1 has it. */
function regularFields(fields: Http2Headers): IncomingHttpHeaders {
  const headers = Object.create(null) as Record<string, string | string[] | undefined>;
  const authority = fields[":authority"];
  if (authority !== undefined) headers["host"] = authority;
  for (const [name, value] of Object.entries(fields)) {
    if (!name.startsWith(":")) headers[name] = value;
  }
  return headers;
}
