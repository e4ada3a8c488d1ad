// `Receiver` of `ws`: a Writable that takes the bytes of a connection and emits what they mean. WebSockets
// read with the engine; this one is for programs that do without the rest.

import { Buffer } from "node:buffer";
import { Writable } from "node:stream";
import { nodePlatform } from "../node/platform.ts";
import { Receiver as FrameReceiver } from "../protocol/index.ts";
import { ChunkCount } from "./chunk-count.ts";
import { type BinaryType, inForm } from "./data.ts";
import { translated } from "./errors.ts";
import { limitOf } from "./limits.ts";
import { PerMessageDeflate } from "./permessage-deflate.ts";

export interface ReceiverOptions {
  readonly allowSynchronousEvents?: boolean | undefined;
  readonly binaryType?: BinaryType | undefined;
  readonly extensions?: Readonly<Record<string, unknown>> | undefined;
  readonly isServer?: boolean | undefined;
  readonly maxBufferedChunks?: number | undefined;
  readonly maxFragments?: number | undefined;
  readonly maxPayload?: number | undefined;
  readonly skipUTF8Validation?: boolean | undefined;
}

type Callback = (error?: Error | null) => void;

/** Emits message(data, isBinary), ping(data), pong(data), conclude(code, reason), and error. */
export class Receiver extends Writable {
  readonly #receiver: FrameReceiver;
  readonly #deflate: PerMessageDeflate | undefined;
  readonly #binaryType: BinaryType;
  readonly #isStepwise: boolean;
  readonly #checksUtf8: boolean;
  readonly #maxChunks: number;
  readonly #chunks = new ChunkCount();
  #isOver = false;

  constructor(options: ReceiverOptions = {}) {
    super();
    const { extensions = {} } = options;
    this.#deflate = extensions[PerMessageDeflate.extensionName] as PerMessageDeflate | undefined;
    this.#binaryType = options.binaryType ?? "nodebuffer";
    this.#isStepwise = options.allowSynchronousEvents === false;
    this.#checksUtf8 = options.skipUTF8Validation !== true;
    this.#maxChunks = (options.maxBufferedChunks ?? 0) | 0;
    this.#receiver = new FrameReceiver(
      {
        role: options.isServer === true ? "server" : "client",
        platform: nodePlatform,
        maxMessageBytes: limitOf(options.maxPayload),
        maxFragments: limitOf(options.maxFragments),
        binaryViews: false,
        textsAsBytes: true,
        checksUtf8: this.#checksUtf8,
        checksLengths: false,
        notesFragments: true,
      },
      this.#deflate !== undefined,
    );
  }

  override _write(chunk: Buffer, _encoding: string, callback: Callback): void {
    if (this.#isOver) return callback();
    const fault = this.#chunks.faultOfNext(this.#maxChunks);
    if (fault !== undefined) return this.#fail(fault, callback);
    const done: Callback = (error) => {
      this.#chunks.read(chunk.length, this.#receiver.unfinishedFrameBytes);
      callback(error);
    };
    // The receiver unmasks in place, and the bytes are the caller's.
    const copy = Buffer.from(chunk);
    this.#receiver.feed(copy);
    if (this.#isStepwise) setImmediate(() => this.#read(done));
    else this.#read(done);
  }

  #read(callback: Callback): void {
    const receiver = this.#receiver;
    for (;;) {
      let event: ReturnType<FrameReceiver["next"]>;
      // What a listener throws is for whoever writes.
      try {
        event = receiver.next();
      } catch (error) {
        return this.#fail(error as Error, callback);
      }
      switch (event) {
        case "binary":
          this.#message(receiver.payload, receiver.isText, receiver.fragmentEnds);
          break;
        case "compressed":
          return this.#inflate(receiver.payload, receiver.isText, callback);
        case "ping":
          this.emit("ping", receiver.payload);
          break;
        case "pong":
          this.emit("pong", receiver.payload);
          break;
        case "close":
          this.#isOver = true;
          this.emit("conclude", receiver.closeCode, Buffer.from(receiver.text));
          this.end();
          return callback();
        default:
          return callback();
      }
      if (this.#isStepwise) return void setImmediate(() => this.#read(callback));
    }
  }

  #fail(error: Error, callback: Callback): void {
    this.#isOver = true;
    callback(translated(error));
  }

  #inflate(payload: Uint8Array, isText: boolean, callback: Callback): void {
    (this.#deflate as PerMessageDeflate).decompress(payload, true, (error, content) => {
      if (error !== null) return callback(error);
      this.#message(content as Buffer, isText, undefined);
      this.#read(callback);
    });
  }

  #message(bytes: Uint8Array, isText: boolean, fragmentEnds: readonly number[] | undefined): void {
    const form = isText ? "nodebuffer" : this.#binaryType;
    this.emit("message", inForm(bytes as Buffer, form, fragmentEnds), !isText);
  }
}
