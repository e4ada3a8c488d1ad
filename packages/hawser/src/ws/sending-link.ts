// The sending side of the link behind a WebSocket of `ws`: what is sent goes out in order, messages in any
// form, Blobs that have to be read first and hold up what comes behind them, pings, pongs, the Close frame,
// and frames that others made. It is the link itself because each connection has one less to carry so.

import { Buffer } from "node:buffer";
import { nextTick } from "node:process";
import { ConnectionClosedError, type OnWritten, Opcode } from "../protocol/index.ts";
import type { WriteOptions } from "../node/writer.ts";
import { frameOf } from "./frame.ts";
import { byteLengthOf, isBlob, toBuffer } from "./data.ts";
import { RepeatedMessage } from "./repeated-message.ts";
import { messageInHand, WsLink } from "./ws-link.ts";

/** How a message is sent. */
export interface SendOptions {
  /** Whether it goes out as binary; by default what is no string does. */
  readonly binary?: boolean | undefined;
  /** Whether it may be compressed. Default true. */
  readonly compress?: boolean | undefined;
  /** False sends a part of a message that the next calls go on with. Default true. */
  readonly fin?: boolean | undefined;
  /** Whether the payload is masked. Default: as a client has to, and a server must not. */
  readonly mask?: boolean | undefined;
}

type Callback = (error?: Error) => void;

const noOptions: SendOptions = {};
const asText: WriteOptions = { isText: true };
const asBinary: WriteOptions = { isText: false };

const noBytes = Buffer.alloc(0);

/** What is not larger is copied when it is sent, unless it is masked: then it always is. */
const keptBytes = 4_000;

const repeated = new RepeatedMessage();

export class SendingLink<Socket = unknown> extends WsLink<Socket> {
  /** What waits for a Blob to be read, the Blob first; undefined while none is. */
  #waiting: { readonly send: () => void; readonly callback: Callback | undefined }[] | undefined;
  /** Bytes of Blobs that are being read or wait for that. */
  waitingBytes = 0;
  #laterBytes = 0;

  /**
   * Bytes that are not written yet and that `ws` would not have written either: it compresses in another
   * thread, where ours are compressed already. They are those of the first such message and of all behind it.
   */
  get laterBytes(): number {
    if (this.endpoint.output.byteLength === 0) this.#laterBytes = 0;
    return this.#laterBytes;
  }

  /** Counts what is given on a connection with compression. */
  #countLater(data: string | Uint8Array, isCompressed: boolean): void {
    const { endpoint, writer } = this;
    const isFirst = this.laterBytes === 0;
    if (isFirst && !isCompressed) return;
    const bytes = typeof data === "string" ? Buffer.byteLength(data) : data.length;
    if (isFirst) {
      if (bytes < (endpoint.extension?.minBytes ?? 0)) return;
      // What was sent before does not wait for it.
      if (endpoint.output.byteLength > 0) writer.flush();
    }
    this.#laterBytes += bytes;
  }

  send(data: unknown, options: SendOptions | undefined, callback: Callback | undefined): void {
    const isPlain = typeof data === "string" || Buffer.isBuffer(data);
    if (!isPlain && isBlob(data)) {
      const binary = { binary: true, ...options };
      return this.#read(data, callback, (bytes) => this.#sendNow(bytes, binary, callback));
    }
    const bytes = isPlain ? data : toBuffer(data || noBytes);
    if (this.#waiting === undefined) return this.#sendNow(bytes, options, callback);
    this.#inTurn(byteLengthOf(bytes), callback, () => this.#sendNow(bytes, options, callback));
  }

  #sendNow(
    data: string | Buffer,
    options: SendOptions | undefined,
    callback: Callback | undefined,
  ): void {
    const { writer } = this;
    const isString = typeof data === "string";
    // What is given counts, also when it is undefined: so it is in `ws`, which spreads its defaults.
    // Each by its name: one function for all four costs 6% of an echo.
    const given = options ?? noOptions;
    const isBinary = "binary" in given ? Boolean(given.binary) : !isString;
    const fin = "fin" in given ? Boolean(given.fin) : true;
    const compress = "compress" in given ? Boolean(given.compress) : true;
    const isMasked = "mask" in given ? Boolean(given.mask) : this.#masks();
    if (isMasked !== this.#masks()) {
      return this.#sendMasked(data, { binary: isBinary, fin, mask: isMasked }, callback);
    }
    // It is the type that says what a string is otherwise.
    const message = isString && isBinary ? Buffer.from(data) : data;
    const isLent = !isString && data.length > keptBytes && !isMasked && data !== messageInHand;
    const isDue = this.isHeard || isLent;
    if (this.agreed !== undefined) this.#countLater(data, compress);
    if (fin && compress && callback === undefined) {
      const frame = this.#sharedFrame(message, !isBinary);
      if (frame === undefined) writer.send(message, isBinary ? asBinary : asText);
      else writer.sendFrames(frame, undefined, frame.length);
      if (isDue) this.#writeNow();
      return;
    }
    const isTaken = writer.send(message, {
      isText: !isBinary,
      fin,
      compress,
      ...(callback === undefined ? {} : { onWritten: this.#onWritten(callback) }),
    });
    if (!isTaken && !this.#isOpen) callBackGone(callback);
    if (isDue) this.#writeNow();
  }

  /** What this client has in common with the one before, if both are sent the same, plain and whole. */
  #sharedFrame(message: string | Buffer, isText: boolean): Buffer | undefined {
    const isWhole = !this.endpoint.isInFragments;
    if (this.agreed !== undefined || this.#masks() || !isWhole) return undefined;
    return repeated.frameFor(this, message, isText);
  }

  /**
   * Hands over what was sent: to somebody who looks at the socket, or before the caller uses the memory again,
   * which is safe in `ws` as long as the system takes what is written. A message that is passed on is left alone.
   */
  #writeNow(): void {
    if (this.laterBytes === 0) this.writer.flush();
  }

  /** A frame that is masked though a server sends it, or the other way round: the user's own wish. */
  #sendMasked(data: string | Buffer, options: SendOptions, callback: Callback | undefined): void {
    const { endpoint, writer } = this;
    if (!this.#isOpen) return callBackGone(callback);
    const opcode = options.binary ? Opcode.binary : Opcode.text;
    const { fin = true, mask } = options;
    const frame = frameOf(toBuffer(data), {
      opcode: endpoint.isInFragments ? Opcode.continuation : opcode,
      fin,
      mask,
      readOnly: true,
    });
    endpoint.sendFrame(Buffer.concat(frame), fin, callback && this.#onWritten(callback));
    writer.outputReady();
    if (this.isHeard) this.#writeNow();
  }

  /** Reads a Blob, which holds up what is sent behind it. */
  #read(blob: Blob, callback: Callback | undefined, then: (bytes: Buffer) => void): void {
    this.waitingBytes += blob.size;
    const read = async (): Promise<void> => {
      try {
        const buffer = await blob.arrayBuffer();
        if (!this.#isOpen) return;
        this.waitingBytes -= blob.size;
        then(Buffer.from(buffer));
        this.#next();
      } catch (error) {
        if (!this.#isOpen) return;
        if (callback !== undefined) nextTick(callback, error);
        this.#waiting?.shift();
        this.failBy(error as Error);
      }
    };
    if (this.#waiting === undefined) {
      this.#waiting = [{ send: () => void read(), callback }];
      void read();
    } else this.#waiting.push({ send: () => void read(), callback });
  }

  /** At once, or when the Blobs before it were sent. */
  #inTurn(bytes: number, callback: Callback | undefined, send: () => void): void {
    if (this.#waiting === undefined) return send();
    this.waitingBytes += bytes;
    this.#waiting.push({
      send: () => {
        this.waitingBytes -= bytes;
        send();
        this.#next();
      },
      callback,
    });
  }

  #next(): void {
    this.#waiting?.shift();
    const next = this.#waiting?.[0];
    if (next === undefined) this.#waiting = undefined;
    else next.send();
  }

  ping(data: unknown, isMasked: boolean, callback?: Callback): void {
    this.sendControl("ping", data, isMasked, callback);
  }

  pong(data: unknown, isMasked: boolean, callback?: Callback): void {
    this.sendControl("pong", data, isMasked, callback);
  }

  sendControl(
    kind: "ping" | "pong",
    data: unknown,
    isMasked: boolean,
    callback: Callback | undefined,
  ): void {
    const bytes = isBlob(data) ? data : toBuffer(data || noBytes);
    if ((isBlob(bytes) ? bytes.size : bytes.length) > 125) {
      throw new RangeError("The data size must not be greater than 125 bytes");
    }
    const pingNow = (payload: Buffer): void => this.#pingNow(kind, payload, isMasked, callback);
    if (isBlob(bytes)) return this.#read(bytes, callback, pingNow);
    this.#inTurn(bytes.length, callback, () => pingNow(bytes));
  }

  #pingNow(
    kind: "ping" | "pong",
    payload: Buffer,
    isMasked: boolean,
    callback: Callback | undefined,
  ): void {
    const { endpoint, writer } = this;
    if (!this.#isOpen) return callBackGone(callback);
    if (this.agreed !== undefined) this.#countLater(payload, false);
    if (isMasked === this.#masks()) endpoint[kind](payload, callback && this.#onWritten(callback));
    else {
      const opcode = kind === "ping" ? Opcode.ping : Opcode.pong;
      const frame = frameOf(payload, { opcode, fin: true, mask: isMasked, readOnly: true });
      this.#put(frame, callback);
    }
    writer.outputReady();
    if (this.isHeard) this.#writeNow();
  }

  sendClose(payload: Uint8Array): void {
    if (this.agreed !== undefined) this.#countLater(payload, false);
    this.#inTurn(payload.length, undefined, () => this.closeWith(payload));
    if (this.isHeard) this.#writeNow();
  }

  /** Frames that were made elsewhere, such as by `Sender.frame`: they wait for nothing, as in `ws`. */
  sendFrame(list: readonly Uint8Array[], callback?: Callback): void {
    if (!this.socket.writable) return callBackGone(callback);
    this.#put(list, callback);
    this.writer.flush();
  }

  #put(frames: readonly Uint8Array[], callback: Callback | undefined): void {
    const { output } = this.endpoint;
    output.frames(frames.length === 1 ? (frames[0] as Uint8Array) : Buffer.concat(frames));
    if (callback !== undefined) output.mark(this.#onWritten(callback));
  }

  /** As `ws` calls back: with null when it went well, and with its errors. */
  #onWritten(callback: Callback): OnWritten {
    return (error) => {
      if (error === undefined) callback(null as unknown as undefined);
      else if (!(error instanceof ConnectionClosedError)) callback(error);
      else if (this.agreed === undefined) callback(destroyed());
      else callback(new Error("The socket was closed while data was being compressed"));
    };
  }

  /** Whether our frames are masked, as the rules have it. */
  #masks(): boolean {
    return this.group.endpointOptions.role === "client";
  }

  /** Whether what is sent goes out. */
  get #isOpen(): boolean {
    return this.endpoint.state === "open" && !this.socket.destroyed;
  }

  /** The connection has ended: what waits for a Blob never goes out. */
  endSending(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    repeated.forget(this);
    const error = new Error("The socket was closed while the blob was being read");
    for (const { callback } of waiting) callback?.(error);
  }
}

/** The stream has gone, and nobody has been told yet. */
function callBackGone(callback: Callback | undefined): void {
  if (callback !== undefined) nextTick(callback, destroyed());
}

function destroyed(): Error {
  const error = new Error("Cannot call write after a stream was destroyed");
  return Object.assign(error, { code: "ERR_STREAM_DESTROYED" });
}
