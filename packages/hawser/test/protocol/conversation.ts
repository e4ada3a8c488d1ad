// Literal bytes in, events and bytes out. A row of a test gives the frames as a server would send them,
// in hex; for the other direction they are masked with a fixed key. Whatever a row says is checked for
// both roles, whole, at every single split, and one byte at a time: no socket, no timer.

import assert from "node:assert/strict";
import { nodePlatform } from "../../dist/index.js";
import {
  BlockPool,
  Endpoint,
  type EndpointEvents,
  type EndpointOptions,
  type Extension,
  type InternalError,
  type LimitError,
  type ProtocolError,
  type Role,
} from "../../dist/protocol/index.js";

/** The bytes that the hex digits stand for; white space between them is ignored. */
export function bytes(digitsAndSpaces: string): Buffer {
  const digits = digitsAndSpaces.replaceAll(/\s/g, "");
  assert.match(digits, /^([0-9a-f]{2})*$/, `not hex: ${digitsAndSpaces}`);
  return Buffer.from(digits, "hex");
}

export function hex(data: Uint8Array): string {
  return Buffer.from(data).toString("hex");
}

const maskingKey = [0x37, 0xfa, 0x21, 0x3d];

/** Masks frames (in order, whole, not masked) as a client has to. */
export function masked(frames: Uint8Array): Buffer {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < frames.length; ) {
    const short = (frames[at + 1] as number) & 0x7f;
    const header = short < 126 ? 2 : short === 126 ? 4 : 10;
    const view = new DataView(frames.buffer, frames.byteOffset + at);
    const length =
      short < 126 ? short : short === 126 ? view.getUint16(2) : Number(view.getBigUint64(2));
    const head = Buffer.from(frames.subarray(at, at + header));
    head[1] = (head[1] as number) | 0x80;
    const payload = Buffer.from(frames.subarray(at + header, at + header + length));
    for (const [i, byte] of payload.entries()) payload[i] = byte ^ (maskingKey[i % 4] as number);
    parts.push(head, Buffer.from(maskingKey), payload);
    at += header + length;
  }
  return Buffer.concat(parts);
}

/** What was seen of an endpoint: events by name with their data, failures by their code. */
export type Event = readonly [name: string, ...data: unknown[]];

export interface Owner {
  readonly events: Event[];
  readonly errors: (ProtocolError | LimitError | InternalError)[];
  /** How often `output` and `ready` were reported. */
  outputs: number;
  readies: number;
  onEvent: (event: Event) => void;
  /** How a message that is announced is to be given. */
  onBegin: () => void;
}

export const table: EndpointEvents<Owner> = {
  message: (owner, message, isText) => {
    if (typeof message === "string") tell(owner, ["text", message]);
    else tell(owner, [isText ? "text as bytes" : "binary", hex(message)]);
  },
  begin: (owner, isText) => {
    tell(owner, ["begin", isText ? "text" : "binary"]);
    owner.onBegin();
  },
  // Where parts are cut is the input's affair: those that follow each other are one event.
  part: (owner, part, isLast) => {
    const [name, before, wasLast] = owner.events.at(-1) ?? [];
    const isFirst = name !== "part" || wasLast === true;
    if (!isFirst) owner.events.pop();
    tell(owner, ["part", (isFirst ? "" : String(before)) + hex(part), isLast]);
  },
  ping: (owner, payload) => tell(owner, ["ping", hex(payload)]),
  pong: (owner, payload) => tell(owner, ["pong", hex(payload)]),
  output: (owner) => void owner.outputs++,
  ready: (owner) => void owner.readies++,
  close: (owner, code, reason) => tell(owner, ["close", code, reason]),
  failed: (owner, error) => {
    owner.errors.push(error);
    tell(owner, ["failed", error.code]);
  },
  end: (owner) => tell(owner, ["end"]),
};

function tell(owner: Owner, event: Event): void {
  owner.events.push(event);
  owner.onEvent(event);
}

export const blocks: BlockPool = new BlockPool(nodePlatform);

export type Options = Partial<EndpointOptions<Owner>> & {
  readonly extension?: Extension;
  /** Messages are announced, and given whole or in parts of so many bytes in all. */
  readonly announced?: "whole" | number;
};

/** An endpoint with everything it does on record. */
export class Conversation {
  readonly owner: Owner = {
    events: [],
    errors: [],
    outputs: 0,
    readies: 0,
    onEvent: () => undefined,
    onBegin: () => undefined,
  };
  readonly endpoint: Endpoint<Owner>;

  constructor(role: Role, { extension, announced, ...options }: Options = {}) {
    this.endpoint = new Endpoint(
      {
        role,
        platform: nodePlatform,
        blocks,
        events: table,
        maxMessageBytes: 1024 * 1024,
        maxFragments: 8192,
        binaryViews: false,
        ...options,
      },
      this.owner,
      extension,
    );
    if (announced === undefined) return;
    this.endpoint.announceMessages();
    if (announced !== "whole") this.owner.onBegin = () => this.endpoint.receiveInParts(announced);
  }

  get events(): Event[] {
    return this.owner.events;
  }

  /** Feeds a copy, because the endpoint unmasks in place. */
  receive(data: Uint8Array): this {
    this.endpoint.receive(Buffer.from(data));
    return this;
  }

  /** Everything that waits to be written, as hex. */
  output(): string {
    const chunks: Uint8Array[] = [];
    for (let chunk = this.endpoint.output.take(); chunk; chunk = this.endpoint.output.take()) {
      chunks.push(Buffer.from(chunk));
    }
    this.endpoint.output.written();
    return hex(Buffer.concat(chunks));
  }
}

/** What a client wrote, without its masks. */
export function unmasked(hexFrames: string): string {
  const frames = bytes(hexFrames);
  const parts: Uint8Array[] = [];
  for (let at = 0; at < frames.length; ) {
    assert.ok((frames[at + 1] as number) >= 0x80, "a client masks each frame");
    const short = (frames[at + 1] as number) & 0x7f;
    const header = short < 126 ? 2 : short === 126 ? 4 : 10;
    const length =
      short < 126
        ? short
        : short === 126
          ? frames.readUInt16BE(at + 2)
          : Number(frames.readBigUInt64BE(at + 2));
    const head = Buffer.from(frames.subarray(at, at + header));
    head[1] = short;
    const key = frames.subarray(at + header, at + header + 4);
    const payload = Buffer.from(frames.subarray(at + header + 4, at + header + 4 + length));
    for (const [i, byte] of payload.entries()) payload[i] = byte ^ (key[i % 4] as number);
    parts.push(head, payload);
    at += header + 4 + length;
  }
  return hex(Buffer.concat(parts));
}

/** What comes of the frames, which are given as a server sends them. */
export interface Expected {
  readonly frames: string;
  readonly events: readonly Event[];
  /** The frames that are written in answer, without masks. */
  readonly output?: string;
  readonly options?: Options;
}

/** Checks a row for both roles, whole, at each split, and one byte at a time. */
export function checkBothRoles({ frames, events, output = "", options }: Expected): void {
  for (const role of ["server", "client"] as const) {
    const input = role === "server" ? masked(bytes(frames)) : bytes(frames);
    for (const parts of splits(input)) {
      const conversation = new Conversation(role, options);
      for (const part of parts) conversation.receive(part);
      const how = `as ${role}, in parts of ${parts.map((part) => part.length).join(", ")}`;
      assert.deepEqual(conversation.events, events, how);
      const written = conversation.output();
      assert.equal(
        role === "client" ? unmasked(written) : written,
        output.replaceAll(" ", ""),
        how,
      );
    }
  }
}

/** The input whole, cut in two at every place (at most 300 of them), and one byte at a time. */
export function* splits(input: Uint8Array): Generator<Uint8Array[]> {
  yield [input];
  const step = Math.max(1, Math.floor(input.length / 300));
  for (let at = 1; at < input.length; at += step) {
    yield [input.subarray(0, at), input.subarray(at)];
  }
  yield Array.from(input, (_, i) => input.subarray(i, i + 1));
}

/** The frames of a Close with that code, as a server sends it, with the error's message as reason. */
export function closeFrame(code: number, reason = ""): string {
  const text = Buffer.from(reason);
  const head = Buffer.from([0x88, 2 + text.length, code >> 8, code & 0xff]);
  return hex(Buffer.concat([head, text]));
}
