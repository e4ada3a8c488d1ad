// `Sender` of `ws`: writes frames to a stream, and `Sender.frame`, which makes them. WebSockets have a sender
// of their own; this one is for programs that do without the rest.

import { Buffer } from "node:buffer";
import { randomFillSync } from "node:crypto";
import type { Duplex } from "node:stream";
import { finBit, frameHeaderBytes, rsv1Bit, writeFrameHeader } from "../protocol/frame-header.ts";
import { applyMask } from "../protocol/masking.ts";
import { Opcode } from "../protocol/index.ts";
import { closeMessage } from "./close-arguments.ts";
import { toBuffer } from "./data.ts";
import type { GenerateMask } from "./group.ts";
import { PerMessageDeflate } from "./permessage-deflate.ts";

/** One frame. */
export interface FrameOptions {
  readonly opcode: number;
  readonly fin?: boolean | undefined;
  readonly rsv1?: boolean | undefined;
  readonly mask?: boolean | undefined;
  /** Whether the data must be left as it is; otherwise it is masked in place. */
  readonly readOnly?: boolean | undefined;
  readonly generateMask?: GenerateMask | undefined;
}

export interface SenderOptions {
  readonly binary?: boolean | undefined;
  readonly compress?: boolean | undefined;
  readonly fin?: boolean | undefined;
  readonly mask?: boolean | undefined;
}

type Callback = (error?: Error | null) => void;

const maskBytes = Buffer.alloc(4);

export class Sender {
  readonly #socket: Duplex;
  readonly #deflate: PerMessageDeflate | undefined;
  readonly #generateMask: GenerateMask | undefined;
  #isInFragments = false;
  /** What is sent behind something that is being compressed. */
  #turn: Promise<void> | undefined;

  constructor(
    socket: Duplex,
    extensions?: Readonly<Record<string, unknown>>,
    generateMask?: GenerateMask,
  ) {
    this.#socket = socket;
    this.#deflate = extensions?.[PerMessageDeflate.extensionName] as PerMessageDeflate | undefined;
    this.#generateMask = generateMask;
  }

  /** The frame, as a header and the data, or as one where they are one piece. */
  static frame(data: string | Buffer, options: FrameOptions): Buffer[] {
    const { opcode, fin, rsv1, mask, readOnly, generateMask } = options;
    const firstByte = (fin ? finBit : 0) | (rsv1 ? rsv1Bit : 0) | opcode;
    const payload = typeof data === "string" ? Buffer.from(data) : data;
    const key = mask ? newKey(generateMask) : undefined;
    const header = Buffer.allocUnsafe(frameHeaderBytes(payload.length, key !== undefined));
    writeFrameHeader(header, 0, firstByte, payload.length, key);
    if (key === undefined || key === 0) return [header, payload];
    const target = readOnly ? Buffer.from(payload) : payload;
    applyMask(target, 0, target.length, key, 0);
    return readOnly ? [Buffer.concat([header, target])] : [header, target];
  }

  send(data: unknown, options: SenderOptions, callback?: Callback): void {
    const { binary = typeof data !== "string", fin = true, compress, mask } = options;
    const bytes = toBuffer(data);
    const isFirst = !this.#isInFragments;
    this.#isInFragments = !fin;
    const opcode = isFirst ? (binary ? Opcode.binary : Opcode.text) : Opcode.continuation;
    const deflate = compress && isFirst && fin ? this.#deflate : undefined;
    if (deflate === undefined) return this.#frame(bytes, { opcode, fin, mask }, callback);
    this.#inTurn(async () => {
      const payload = await new Promise<Buffer>((resolve, reject) => {
        deflate.compress(bytes, true, (error, result) => {
          if (error === null) resolve(result as Buffer);
          else reject(error);
        });
      });
      this.#write(payload, { opcode, fin, mask, rsv1: true }, callback);
    });
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
    const reason = Buffer.from(closeMessage(code, data));
    const payload = Buffer.alloc(code === undefined ? 0 : 2 + reason.length);
    if (code !== undefined) payload.writeUInt16BE(code);
    reason.copy(payload, 2);
    this.#frame(payload, { opcode: Opcode.close, fin: true, mask }, callback);
  }

  #control(opcode: number, data: unknown, mask: boolean, callback: Callback | undefined): void {
    const payload = toBuffer(data ?? "");
    if (payload.length > 125) {
      throw new RangeError("The data size must not be greater than 125 bytes");
    }
    this.#frame(payload, { opcode, fin: true, mask }, callback);
  }

  #frame(payload: Buffer, options: FrameOptions, callback: Callback | undefined): void {
    if (this.#turn === undefined) this.#write(payload, options, callback);
    else this.#inTurn(() => this.#write(payload, options, callback));
  }

  #inTurn(work: () => void | Promise<void>): void {
    const turn = (this.#turn ?? Promise.resolve()).then(work);
    this.#turn = turn;
    turn.then(
      () => {
        if (this.#turn === turn) this.#turn = undefined;
      },
      (error: Error) => {
        this.#socket.destroy(error);
      },
    );
  }

  #write(payload: Buffer, options: FrameOptions, callback: Callback | undefined): void {
    const generateMask = this.#generateMask;
    this.sendFrame(Sender.frame(payload, { readOnly: true, ...options, generateMask }), callback);
  }

  /** Writes frames that are made. */
  sendFrame(list: readonly Buffer[], callback?: Callback): void {
    const socket = this.#socket;
    socket.cork();
    for (const [i, part] of list.entries()) {
      const isLast = i === list.length - 1;
      socket.write(part, isLast ? callback : undefined);
    }
    socket.uncork();
  }
}

function newKey(generateMask: GenerateMask | undefined): number {
  if (generateMask === undefined) randomFillSync(maskBytes);
  else generateMask(maskBytes);
  return maskBytes.readInt32BE(0);
}
