// The six opcodes that RFC 6455 §5.2 defines, and how a number is classified.
// 0x3–0x7 are reserved for further data frames, 0xB–0xF for further control frames: both fail the
// connection, because no extension that we negotiate defines them.

/** The opcode of a frame, RFC 6455 §5.2. */
export const Opcode = {
  continuation: 0x0,
  text: 0x1,
  binary: 0x2,
  close: 0x8,
  ping: 0x9,
  pong: 0xa,
} as const;

/** One of the six opcodes that RFC 6455 §5.2 defines. */
export type Opcode = (typeof Opcode)[keyof typeof Opcode];

/** Whether the opcode is one of a control frame: its top bit is set (RFC 6455 §5.5). */
export function isControlOpcode(opcode: number): boolean {
  return (opcode & 0x8) !== 0;
}

/** Whether RFC 6455 §5.2 reserves the opcode: 0x3–0x7 and 0xB–0xF. */
export function isReservedOpcode(opcode: number): boolean {
  return (opcode & 0x7) > 2;
}
