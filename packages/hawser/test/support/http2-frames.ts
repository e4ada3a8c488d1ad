// HTTP/2 byte by byte (RFC 9113 §4, §6), for what no client would send: frames as literal bytes, field lines as HPACK's
// literals without indexing (RFC 7541 §6.2.2), and a peer that writes them and counts what comes back.

import { Buffer } from "node:buffer";
import { once } from "node:events";
import { connect, type TLSSocket } from "node:tls";
import { deferred, within } from "./deferred.ts";

export const frameTypes = {
  data: 0,
  headers: 1,
  rstStream: 3,
  settings: 4,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

/** Frame flags, by what they mean for HEADERS and DATA. */
export const flags = { endStream: 1, endHeaders: 4 } as const;

export const preface: Buffer = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");

export function http2Frame(type: number, flag: number, stream: number, payload = ""): Buffer {
  const bytes = Buffer.from(payload, "latin1");
  const head = Buffer.alloc(9);
  head.writeUIntBE(bytes.length, 0, 3);
  head[3] = type;
  head[4] = flag;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, bytes]);
}

/** A field block. */
export function fieldBlock(fields: readonly (readonly [string, string])[]): string {
  const text = (value: string): string => String.fromCharCode(value.length) + value;
  return fields.map(([name, value]) => `\0${text(name)}${text(value)}`).join("");
}

/** An extended CONNECT as it should be, and fields behind it. */
export function connectHeaders(stream: number, more: [string, string][] = []): Buffer {
  const block = fieldBlock([
    [":method", "CONNECT"],
    [":protocol", "websocket"],
    [":scheme", "https"],
    [":authority", "localhost"],
    [":path", "/"],
    ["sec-websocket-version", "13"],
    ...more,
  ]);
  return http2Frame(frameTypes.headers, flags.endHeaders, stream, block);
}

export interface ReadFrame {
  readonly type: number;
  readonly flag: number;
  readonly stream: number;
  readonly payload: Buffer;
}

export class Http2BytePeer {
  readonly socket: TLSSocket;
  readonly frames: ReadFrame[] = [];
  #unread: Buffer = Buffer.alloc(0);
  #news = deferred();
  isEnded = false;

  private constructor(socket: TLSSocket) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => this.#read(chunk));
    socket.on("error", () => undefined);
    socket.on("close", () => {
      this.isEnded = true;
      this.#tell();
    });
  }

  /** Connects, and sends the preface with SETTINGS that say nothing. */
  static async connect(port: number): Promise<Http2BytePeer> {
    const socket = connect({
      host: "127.0.0.1",
      port,
      rejectUnauthorized: false,
      ALPNProtocols: ["h2"],
    });
    await within(once(socket, "secureConnect"), "TLS");
    const peer = new Http2BytePeer(socket);
    peer.write(preface, http2Frame(frameTypes.settings, 0, 0));
    return peer;
  }

  write(...frames: Buffer[]): void {
    if (!this.socket.destroyed) this.socket.write(Buffer.concat(frames));
  }

  #tell(): void {
    this.#news.resolve();
    this.#news = deferred();
  }

  #read(chunk: Buffer): void {
    this.#unread = Buffer.concat([this.#unread, chunk]);
    for (;;) {
      if (this.#unread.length < 9) break;
      const size = 9 + this.#unread.readUIntBE(0, 3);
      if (this.#unread.length < size) break;
      this.frames.push({
        type: this.#unread[3] as number,
        flag: this.#unread[4] as number,
        stream: this.#unread.readUInt32BE(5),
        payload: this.#unread.subarray(9, size),
      });
      this.#unread = this.#unread.subarray(size);
    }
    this.#tell();
  }

  /** The first frame of that type, on that stream if one is given. */
  async frame(type: number, stream?: number): Promise<ReadFrame> {
    const find = async (): Promise<ReadFrame> => {
      for (;;) {
        const found = this.frames.find(
          (one) => one.type === type && (stream === undefined || one.stream === stream),
        );
        if (found !== undefined) return found;
        if (this.isEnded) throw new Error(`the other side ended before a frame of type ${type}`);
        await this.#news.promise;
      }
    };
    return within(find(), `a frame of type ${type}`);
  }

  /** Waits until the other side has ended the session. */
  async ended(): Promise<void> {
    const wait = async (): Promise<void> => {
      while (!this.isEnded) await this.#news.promise;
    };
    await within(wait(), "the end of the session");
  }

  destroy(): void {
    this.socket.destroy();
  }
}
