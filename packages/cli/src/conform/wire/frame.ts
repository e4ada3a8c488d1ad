// Frames as the tester writes them: any header that bits can express, legal or not. Nothing here
// is shared with the library, so a fault of its codec can't hide itself.

/** The opcodes of RFC 6455 §5.2. */
export const opcodes = {
  continuation: 0x0,
  text: 0x1,
  binary: 0x2,
  close: 0x8,
  ping: 0x9,
  pong: 0xa,
} as const;

/** A frame to be sent. */
export interface FrameSpec {
  readonly opcode: number;
  /** true by default */
  readonly fin?: boolean;
  /** The three reserved bits as a number, 4 is RSV1; 0 by default. */
  readonly rsv?: number;
  readonly payload?: Uint8Array;
  /** Whether it is masked; as the tester's role demands by default. */
  readonly masked?: boolean;
  /** Whether it is masked as the tester's role must not. */
  readonly hasWrongMask?: boolean;
  /** How the length is written; in its shortest form by default. */
  readonly lengthForm?: 7 | 16 | 64;
  /** What the header says instead of the payload's length. */
  readonly announcedLength?: bigint;
}

/** What makes a frame of the specification: who sends it, and its masking key. */
export interface FrameMaking {
  /** Whether frames are masked unless they say otherwise. */
  readonly masks: boolean;
  /** 32 random bits. */
  nextKey(): number;
}

/** The frame as octets. */
export function serializeFrame(spec: FrameSpec, making: FrameMaking): Buffer {
  const payload = spec.payload ?? new Uint8Array();
  const masked = isMasked(spec, making.masks);
  const length = lengthField(spec.announcedLength ?? BigInt(payload.length), spec.lengthForm);
  const headerLength = 1 + length.length + (masked ? 4 : 0);
  const octets = Buffer.allocUnsafe(headerLength + payload.length);
  octets[0] = ((spec.fin ?? true) ? 0x80 : 0) | ((spec.rsv ?? 0) << 4) | spec.opcode;
  octets.set(length, 1);
  octets[1] = (length[0] as number) | (masked ? 0x80 : 0);
  octets.set(payload, headerLength);
  if (masked) {
    octets.writeUInt32BE(making.nextKey(), headerLength - 4);
    applyMask(octets.subarray(headerLength), octets.subarray(headerLength - 4, headerLength));
  }
  return octets;
}

/** Whether a frame of an endpoint that masks, or does not, is masked. */
export function isMasked({ masked, hasWrongMask = false }: FrameSpec, masks: boolean): boolean {
  return masked ?? masks !== hasWrongMask;
}

function lengthField(length: bigint, form: 7 | 16 | 64 | undefined): Buffer {
  const chosen = form ?? (length < 126n ? 7 : length < 65_536n ? 16 : 64);
  if (chosen === 7) return Buffer.of(Number(length));
  const field = Buffer.alloc(chosen === 16 ? 3 : 9);
  if (chosen === 16) {
    field[0] = 126;
    field.writeUInt16BE(Number(length), 1);
  } else {
    field[0] = 127;
    field.writeBigUInt64BE(length, 1);
  }
  return field;
}

/** Masks or unmasks in place, RFC 6455 §5.3. */
export function applyMask(octets: Uint8Array, key: Uint8Array): void {
  for (let index = 0; index < octets.length; index++) {
    octets[index] = (octets[index] as number) ^ (key[index & 3] as number);
  }
}

/** The payload of a Close frame. */
export function closePayload(code: number, reason: string | Uint8Array = ""): Buffer {
  const text = Buffer.from(reason as Uint8Array);
  const payload = Buffer.allocUnsafe(2 + text.length);
  payload.writeUInt16BE(code);
  payload.set(text, 2);
  return payload;
}
