// `Sender` of `ws`: writes frames to a stream, and `Sender.frame`, which makes them. WebSockets have a sender
// of their own; this one is for programs that do without the rest, and does what that of `ws` does.

import { Buffer } from "node:buffer";
import { nextTick } from "node:process";
import type { Duplex } from "node:stream";
import { Opcode } from "../protocol/index.ts";
import { closePayload } from "./close-arguments.ts";
import { isBlob, toBuffer } from "./data.ts";
import { type FrameOptions, frameOf, textFrameOf } from "./frame.ts";
import type { GenerateMask } from "./group.ts";
import { PerMessageDeflate } from "./permessage-deflate.ts";

/** Nothing of it has a default but false. */
export interface SenderOptions {
  readonly binary?: boolean | undefined;
  readonly compress?: boolean | undefined;
  readonly fin?: boolean | undefined;
  readonly mask?: boolean | undefined;
}

type Callback = (error?: Error | null) => void;

/** What is to be sent: an unmasked text goes to the stream as a string. */
type Payload = string | Buffer | Blob;

/** What waits for a message that is being compressed, or for a Blob that is being read. */
interface Waiting {
  readonly bytes: number;
  readonly callback: Callback | undefined;
  send(): void;
}

/** A frame to be, without its payload. */
interface Frame {
  readonly opcode: number;
  readonly fin: boolean;
  readonly mask: boolean;
  /** Whether the payload is the caller's. */
  readonly readOnly: boolean;
}

export class Sender {
  readonly #socket: Duplex;
  readonly #deflate: PerMessageDeflate | undefined;
  readonly #generateMask: GenerateMask | undefined;
  /** Between the fragments of a message, whether it is compressed; undefined between messages. */
  #isMessageCompressed: boolean | undefined;
  #isBusy = false;
  #waiting: Waiting[] = [];
  #bufferedBytes = 0;
  /** Told of a Blob that can't be read. */
  onerror: (error: Error) => void = () => undefined;

  constructor(
    socket: Duplex,
    extensions?: Readonly<Record<string, unknown>>,
    generateMask?: GenerateMask,
  ) {
    this.#socket = socket;
    this.#deflate = extensions?.[PerMessageDeflate.extensionName] as PerMessageDeflate | undefined;
    this.#generateMask = generateMask;
  }

  /** Bytes that wait in here. */
  get _bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  /** The frame, as a header and the data, or as one where they are one piece. */
  static frame(data: string | Buffer, options: FrameOptions): Buffer[] {
    return frameOf(data, options);
  }

  send(given: unknown, options: SenderOptions, callback?: Callback): void {
    const payload = payloadOf(given);
    const fin = Boolean(options.fin);
    const isFirst = this.#isMessageCompressed === undefined;
    const isCompressed = this.#isMessageCompressed ?? this.#isToCompress(payload, options);
    this.#isMessageCompressed = fin ? undefined : isCompressed;
    const opcode = options.binary ? Opcode.binary : Opcode.text;
    const frame = {
      opcode: isFirst ? opcode : Opcode.continuation,
      fin,
      mask: Boolean(options.mask),
      readOnly: isCallers(given),
    };
    this.#put(payload, frame, isCompressed, isFirst, callback);
  }

  /** The first fragment decides for its message. */
  #isToCompress(payload: Payload, { compress }: SenderOptions): boolean {
    return Boolean(compress) && this.#deflate?.isWorthCompressing(sizeOf(payload)) === true;
  }

  ping(data: unknown, mask: boolean, callback?: Callback): void {
    this.#control(Opcode.ping, data, mask, callback);
  }

  pong(data: unknown, mask: boolean, callback?: Callback): void {
    this.#control(Opcode.pong, data, mask, callback);
  }

  /** @throws TypeError or RangeError as `WebSocket.close` */
  close(
    code: number | undefined,
    data: string | Buffer | undefined,
    mask: boolean,
    callback?: Callback,
  ): void {
    const frame = { opcode: Opcode.close, fin: true, mask, readOnly: false };
    this.#put(closePayload(code, data), frame, false, true, callback);
  }

  #control(opcode: number, data: unknown, mask: boolean, callback: Callback | undefined): void {
    const payload = payloadOf(data);
    if (sizeOf(payload) > 125) {
      throw new RangeError("The data size must not be greater than 125 bytes");
    }
    const frame = { opcode, fin: true, mask, readOnly: isCallers(data) };
    this.#put(payload, frame, false, true, callback);
  }

  /** Sends it when nothing is waited for, otherwise in its turn. */
  #put(
    payload: Payload,
    frame: Frame,
    isCompressed: boolean,
    isFirst: boolean,
    callback: Callback | undefined,
  ): void {
    const rsv1 = isCompressed && isFirst;
    const send = (): void => {
      if (isBlob(payload)) {
        this.#read(payload, callback, (bytes) => {
          this.#sendNow(bytes, frame, isCompressed, rsv1, callback);
        });
      } else this.#sendNow(payload, frame, isCompressed, rsv1, callback);
    };
    if (!this.#isBusy) return send();
    const bytes = sizeOf(payload);
    this.#bufferedBytes += bytes;
    this.#waiting.push({ bytes, callback, send });
  }

  #sendNow(
    payload: string | Buffer,
    frame: Frame,
    isCompressed: boolean,
    rsv1: boolean,
    callback: Callback | undefined,
  ): void {
    const { mask, fin } = frame;
    const options = { ...frame, rsv1, generateMask: this.#generateMask };
    if (!isCompressed) {
      const isText = typeof payload === "string" && !mask;
      const list = isText ? textFrameOf(payload, options) : frameOf(payload, options);
      return this.sendFrame(list, callback);
    }
    this.#begin(sizeOf(payload));
    (this.#deflate as PerMessageDeflate).compress(payload, fin, (error, bytes) => {
      const problem = "The socket was closed while data was being compressed";
      if (this.#socket.destroyed) return this.#giveUp(new Error(problem), callback);
      if (bytes === undefined) return this.#giveUp(error as Error, callback);
      this.#end(sizeOf(payload));
      this.sendFrame(frameOf(bytes, { ...options, readOnly: false }), callback);
      this.#next();
    });
  }

  #read(blob: Blob, callback: Callback | undefined, then: (bytes: Buffer) => void): void {
    const read = async (): Promise<void> => {
      let bytes: Buffer;
      try {
        bytes = Buffer.from(await blob.arrayBuffer());
      } catch (error) {
        return nextTick(() => this.#failed(error as Error, callback));
      }
      const problem = "The socket was closed while the blob was being read";
      if (this.#socket.destroyed) {
        return nextTick(() => this.#giveUp(new Error(problem), callback));
      }
      this.#end(blob.size);
      then(bytes);
      this.#next();
    };
    this.#begin(blob.size);
    void read();
  }

  #begin(bytes: number): void {
    this.#isBusy = true;
    this.#bufferedBytes += bytes;
  }

  #end(bytes: number): void {
    this.#isBusy = false;
    this.#bufferedBytes -= bytes;
  }

  #next(): void {
    while (!this.#isBusy) {
      const next = this.#waiting.shift();
      if (next === undefined) return;
      this.#bufferedBytes -= next.bytes;
      next.send();
    }
  }

  #failed(error: Error, callback: Callback | undefined): void {
    this.#giveUp(error, callback);
    this.onerror(error);
  }

  /** Nothing of this, nor of what waits, will be sent. */
  #giveUp(error: Error, callback: Callback | undefined): void {
    callback?.(error);
    for (const waiting of this.#waiting) waiting.callback?.(error);
  }

  /** Writes frames that are made, at once. */
  sendFrame(list: readonly (string | Buffer)[], callback?: Callback): void {
    const [header, payload] = list;
    const socket = this.#socket;
    if (payload === undefined) {
      socket.write(header, callback);
      return;
    }
    socket.cork();
    socket.write(header);
    socket.write(payload, callback);
    socket.uncork();
  }
}

function payloadOf(data: unknown): Payload {
  return typeof data === "string" || isBlob(data) ? data : toBuffer(data);
}

function sizeOf(payload: Payload): number {
  if (typeof payload === "string") return Buffer.byteLength(payload);
  return isBlob(payload) ? payload.size : payload.length;
}

/** Whether its bytes are the caller's own memory, and must not be changed. */
function isCallers(data: unknown): boolean {
  const isMemory = data instanceof ArrayBuffer || data instanceof SharedArrayBuffer;
  return isMemory || ArrayBuffer.isView(data);
}
