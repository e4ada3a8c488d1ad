// One end of a socket that does what it is told: it writes literal bytes, reads frames and HTTP
// responses, and tells how the other side ended. It knows nothing of what is tested.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { connect, type NetConnectOpts, Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { deferred, turn, within } from "./deferred.ts";
import { closeOf, type Frame, frame, opcodes, parseFrame } from "./frame.ts";
import { type Fields, parseHead, requestText, type ResponseHead } from "./http-head.ts";

export interface RawResponse extends ResponseHead {
  readonly body: string;
}

/** Where to connect to; over TLS where there is a certificate to trust. */
export type Where = NetConnectOpts & { readonly ca?: string | undefined };

/** How the other side ended: with FIN, or with a reset. */
export type Ending = "fin" | "reset";

export class RawPeer {
  readonly socket: Socket;
  /** The TCP connection, where the socket is TLS. */
  readonly #tcp: Socket;
  #unread: Buffer = Buffer.alloc(0);
  #arrived: Buffer[] = [];
  #ending: Ending | undefined;
  #news = deferred();

  constructor(socket: Socket, tcp: Socket = socket) {
    this.socket = socket;
    this.#tcp = tcp;
    // A stream of HTTP/2 can be played with, too.
    if (socket instanceof Socket) socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => {
      this.#arrived.push(chunk);
      this.#tell();
    });
    socket.on("end", () => this.#end("fin"));
    socket.on("error", () => this.#end("reset"));
    socket.on("close", () => this.#end("reset"));
  }

  static async connect(where: Where): Promise<RawPeer> {
    const { ca, ...tcpOptions } = where;
    const tcp = connect({ ...tcpOptions, allowHalfOpen: true });
    await done(tcp, "connect");
    if (ca === undefined) return new RawPeer(tcp);
    const socket = connectTls({ socket: tcp, ca, host: "127.0.0.1" });
    await done(socket, "secureConnect");
    return new RawPeer(socket, tcp);
  }

  /** Connects and does the opening handshake with some header fields changed. */
  static async open(where: Where, fields: Fields = {}): Promise<RawPeer> {
    const peer = await RawPeer.connect(where);
    peer.write(requestText(fields));
    const { status } = await peer.readHead();
    assert.equal(status, 101);
    return peer;
  }

  #end(how: Ending): void {
    this.#ending ??= how;
    this.#tell();
  }

  #tell(): void {
    this.#news.resolve();
    this.#news = deferred();
  }

  /** How the other side has ended; undefined while it has not. */
  get ending(): Ending | undefined {
    return this.#ending;
  }

  write(data: string | Uint8Array): void {
    if (!this.socket.destroyed) this.socket.write(data, "latin1");
  }

  /** One byte a write, each of which the other side reads by itself; stops when that side ends. */
  async writeByteByByte(data: string | Uint8Array): Promise<void> {
    const bytes = Buffer.from(data as string, "latin1");
    for (let i = 0; i < bytes.length && this.#ending === undefined; i++) {
      this.write(bytes.subarray(i, i + 1));
      await turn();
    }
  }

  /** A message as a client sends it. */
  send(text: string): void {
    this.write(frame(opcodes.text, text));
  }

  /** Reads what `parse` finds at the front of the input. */
  async #read<Value>(
    what: string,
    parse: (bytes: Buffer) => { value: Value; size: number } | undefined,
  ): Promise<Value> {
    for (;;) {
      this.#gather();
      const parsed = parse(this.#unread);
      if (parsed !== undefined) {
        this.#unread = this.#unread.subarray(parsed.size);
        return parsed.value;
      }
      if (this.#ending !== undefined) {
        throw new Error(`${what}: the other side ended first (${this.#ending})`);
      }
      await within(this.#news.promise, what);
    }
  }

  #gather(): void {
    if (this.#arrived.length === 0) return;
    this.#unread = Buffer.concat([this.#unread, ...this.#arrived]);
    this.#arrived = [];
  }

  readFrame(what = "a frame"): Promise<Frame> {
    return this.#read(what, (bytes) => {
      const parsed = parseFrame(bytes);
      return parsed && { value: parsed.frame, size: parsed.size };
    });
  }

  /** The text of the next frame, which has to be a whole text message. */
  async readText(): Promise<string> {
    const { opcode, fin, payload } = await this.readFrame("a text message");
    assert.deepEqual({ opcode, fin }, { opcode: opcodes.text, fin: true });
    return payload.toString();
  }

  /** The code and reason of the next Close frame; whatever frames come before it are dropped. */
  async readClose(): Promise<{ code: number; reason: string; isMasked: boolean }> {
    for (;;) {
      const next = await this.readFrame("a Close frame");
      if (next.opcode === opcodes.close) return { ...closeOf(next), isMasked: next.isMasked };
    }
  }

  /** The head of a request or response, as text without the empty line. */
  readHeadText(): Promise<string> {
    return this.#read("a head", (bytes) => {
      const end = bytes.indexOf("\r\n\r\n");
      return end < 0 ? undefined : { value: bytes.toString("latin1", 0, end), size: end + 4 };
    });
  }

  async readHead(): Promise<ResponseHead> {
    return parseHead(await this.readHeadText());
  }

  /** A response with its body, by Content-Length or chunked. */
  async readResponse(): Promise<RawResponse> {
    const head = await this.readHead();
    if (head.headers.get("transfer-encoding")?.[0] === "chunked") {
      return { ...head, body: await this.#readChunks() };
    }
    const length = Number(head.headers.get("content-length")?.[0] ?? 0);
    return { ...head, body: await this.readBytes(length) };
  }

  async #readChunks(): Promise<string> {
    for (let body = ""; ; ) {
      const size = await this.#read("a chunk's size", (bytes) => {
        const end = bytes.indexOf("\r\n");
        const line = bytes.toString("latin1", 0, end);
        return end < 0 ? undefined : { value: Number.parseInt(line, 16), size: end + 2 };
      });
      const chunk = await this.readBytes(size + 2);
      if (size === 0) return body;
      body += chunk.slice(0, -2);
    }
  }

  readBytes(length: number, encoding: "utf8" | "latin1" = "utf8"): Promise<string> {
    return this.#read(`${length} bytes`, (bytes) =>
      bytes.length < length
        ? undefined
        : { value: bytes.toString(encoding, 0, length), size: length },
    );
  }

  /** Everything up to the other side's end. */
  async readToEnd(): Promise<Buffer> {
    await this.waitForEnd();
    this.#gather();
    const rest = this.#unread;
    this.#unread = Buffer.alloc(0);
    return rest;
  }

  async waitForEnd(limitMs = 10_000): Promise<Ending> {
    const ended = async (): Promise<Ending> => {
      while (this.#ending === undefined) await this.#news.promise;
      return this.#ending;
    };
    return within(ended(), "the other side's end", limitMs);
  }

  /** Ends our side, waits until the other has ended too, and lets go. */
  async finish(): Promise<void> {
    this.socket.end();
    await this.waitForEnd();
    this.socket.destroy();
  }

  destroy(): void {
    this.socket.destroy();
  }

  reset(): void {
    this.#tcp.resetAndDestroy();
  }
}

async function done(socket: Socket, event: string): Promise<void> {
  const { promise, resolve, reject } = deferred();
  socket.once(event, resolve).once("error", reject);
  await within(promise, event);
  socket.removeListener("error", reject);
}
