// Reading and writing the words of a buffer at any offset, in the byte order of this machine. The last
// view is kept: a socket's messages mostly come from one and the same buffer.

/** Whether words are in memory with their lowest byte first. */
export const isLittleEndian: boolean = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

let viewed: Uint8Array = new Uint8Array(0);
let view: DataView = new DataView(viewed.buffer);

/** A view of the bytes, at the same offsets. */
export function viewOf(bytes: Uint8Array): DataView {
  if (bytes !== viewed) {
    viewed = bytes;
    view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }
  return view;
}
