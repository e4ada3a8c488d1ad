// What a subject puts on the wire, as lines of a log: heads with their fields in order, frames unmasked.
// What differs in each run (the masking key, the handshake's key, the date) is a word.

import { createHash } from "node:crypto";
import { constants, inflateRawSync } from "node:zlib";
import type { Frame } from "../../support/frame.ts";
import type { RawPeer } from "../../support/raw-peer.ts";
import type { Log } from "./log.ts";
import { shapeOfBytes, withoutThisRun } from "./shape.ts";

const opcodeNames = new Map([
  [0, "continuation"],
  [1, "text"],
  [2, "binary"],
  [8, "close"],
  [9, "ping"],
  [10, "pong"],
]);

/**
 * Reads what is compressed: how DEFLATE is used to say something is no part of the comparison (there are a
 * few scripts for that), only what it says.
 */
class Reader {
  #compressed = Buffer.alloc(0);
  #known = 0;
  #isInCompressed = false;

  contentOf({ opcode, rsv, fin, payload }: Frame): Buffer {
    if (opcode >= 8) return payload;
    if (opcode !== 0) this.#isInCompressed = rsv === 4;
    if (!this.#isInCompressed) return payload;
    const tail = fin ? [Buffer.from("0000ffff", "hex")] : [];
    this.#compressed = Buffer.concat([this.#compressed, payload, ...tail]);
    const all = inflateRawSync(this.#compressed, { finishFlush: constants.Z_SYNC_FLUSH });
    const content = all.subarray(this.#known);
    this.#known = all.length;
    return content;
  }
}

function shapeOfFrame({ fin, rsv, opcode, isMasked }: Frame, content: Buffer): string {
  const flags = [fin ? "fin" : "", rsv === 0 ? "" : `rsv${rsv}`, isMasked ? "masked" : ""];
  const name = opcodeNames.get(opcode) ?? `opcode ${opcode}`;
  return [name, ...flags, shapeOfBytes(content)].filter((part) => part !== "").join(" ");
}

/** Writes a head line by line; `key` is the one that an accept has to answer. */
export function writeHead(log: Log, text: string, track = "wire", key?: string): void {
  for (const line of text.trimEnd().split("\r\n")) log.add(track, commonLine(line, key));
}

function commonLine(line: string, key: string | undefined): string {
  const [, name = "", value = ""] = /^([^:\s]+): (.*)$/.exec(line) ?? [];
  const lower = name.toLowerCase();
  if (lower === "date") return `${name}: DATE`;
  if (lower === "host") return `${name}: ${value.replace(/:\d+$/, ":PORT")}`;
  if (lower === "sec-websocket-key" && Buffer.from(value, "base64").length === 16) {
    return `${name}: KEY`;
  }
  if (lower === "sec-websocket-accept" && key !== undefined && value === acceptOf(key)) {
    return `${name}: ACCEPT`;
  }
  return withoutThisRun(line);
}

function acceptOf(key: string): string {
  return createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest("base64");
}

/** Writes down every frame that comes, and the end; `onFrame` may answer. */
export async function readWire(
  log: Log,
  peer: RawPeer,
  track = "wire",
  onFrame?: (frame: Frame) => void,
): Promise<void> {
  const reader = new Reader();
  for (;;) {
    let frame: Frame;
    try {
      frame = await peer.readFrame();
    } catch {
      break;
    }
    log.write(
      track,
      opcodeNames.get(frame.opcode) ?? "frame",
      shapeOfFrame(frame, reader.contentOf(frame)),
    );
    onFrame?.(frame);
  }
  const rest = await peer.readToEnd();
  if (rest.length > 0) log.add(track, "rest", rest);
  log.add(track, "end", peer.ending);
}
