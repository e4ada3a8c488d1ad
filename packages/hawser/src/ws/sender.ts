// `Sender` of `ws`: writes frames to a stream, and `Sender.frame`, which makes them. WebSockets have a sender
// of their own; this one is for programs that do without the rest.

import { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
import { Opcode } from "../protocol/index.ts";
import { closePayload } from "./close-arguments.ts";
import { isBlob, toBuffer } from "./data.ts";
import { type FrameOptions, frameOf } from "./frame.ts";
import type { GenerateMask } from "./group.ts";
import { PerMessageDeflate } from "./permessage-deflate.ts";

export interface SenderOptions {
  readonly binary?: boolean | undefined;
  readonly compress?: boolean | undefined;
  readonly fin?: boolean | undefined;
  readonly mask?: boolean | undefined;
}

type Callback = (error?: Error | null) => void;

export class Sender {
  readonly #socket: Duplex;
  readonly #deflate: PerMessageDeflate | undefined;
  readonly #generateMask: GenerateMask | undefined;
  #isInFragments = false;
  /** Whether the message that is sent in fragments is compressed, which its first decides. */
  #isCompressed = false;
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
    return frameOf(data, options);
  }

  send(data: unknown, options: SenderOptions, callback?: Callback): void {
    const { binary = typeof data !== "string", fin = true, compress, mask } = options;
    if (isBlob(data)) {
      const binaryOptions = { binary: true, ...options };
      this.#inTurn(async () => {
        const bytes = Buffer.from(await data.arrayBuffer());
        this.#sendBytes(bytes, { ...binaryOptions, fin }, callback);
      });
      return;
    }
    this.#sendBytes(toBuffer(data), { binary, fin, compress, mask }, callback);
  }

  #sendBytes(
    bytes: Buffer,
    { binary, fin = true, compress, mask }: SenderOptions,
    callback: Callback | undefined,
  ): void {
    const isFirst = !this.#isInFragments;
    this.#isInFragments = !fin;
    const opcode = isFirst ? (binary ? Opcode.binary : Opcode.text) : Opcode.continuation;
    if (isFirst) {
      const isWorthIt = compress && this.#deflate?.isWorthCompressing(bytes.length);
      this.#isCompressed = isWorthIt === true;
    }
    const deflate = this.#isCompressed ? this.#deflate : undefined;
    if (deflate === undefined) return this.#frame(bytes, { opcode, fin, mask }, callback);
    this.#inTurn(async () => {
      const payload = await new Promise<Buffer>((resolve, reject) => {
        deflate.compress(bytes, fin, (error, result) => {
          if (error === null) resolve(result as Buffer);
          else reject(error);
        });
      });
      this.#write(payload, { opcode, fin, mask, rsv1: isFirst }, callback);
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
    this.#frame(closePayload(code, data), { opcode: Opcode.close, fin: true, mask }, callback);
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
    const turn = this.#afterTurn(this.#turn, work);
    this.#turn = turn;
    void turn.finally(() => {
      if (this.#turn === turn) this.#turn = undefined;
    });
  }

  async #afterTurn(
    turn: Promise<void> | undefined,
    work: () => void | Promise<void>,
  ): Promise<void> {
    try {
      await turn;
      await work();
    } catch (error) {
      this.#socket.destroy(error as Error);
    }
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
