// How a message that came is shown. On a terminal it is made for reading, and has none of its control characters; in a
// pipe it is what came, one message a line, or its bytes.

import { withoutControls } from "../io.ts";
import type { Paint } from "../shared/paint.ts";
import { hexDump } from "./hex-dump.ts";
import { prettyJson } from "./pretty-json.ts";
import type { MessageSettings } from "./settings.ts";

/** How many bytes of a binary message a terminal shows. */
const maxDumpedBytes = 1024;

export class MessageFormat {
  readonly #settings: MessageSettings;
  readonly #isTerminal: boolean;
  readonly #paint: Paint;

  constructor(settings: MessageSettings, isTerminal: boolean, paint: Paint) {
    this.#settings = settings;
    this.#isTerminal = isTerminal;
    this.#paint = paint;
  }

  /** What is written for the message. */
  show(message: string | Buffer, at: Date): string | Uint8Array {
    const { binary, jsonl, timestamps } = this.#settings;
    if (jsonl) return `${JSON.stringify(messageEvent(message, at))}\n`;
    if (binary && !this.#isTerminal) return typeof message === "string" ? `${message}\n` : message;
    const mark = this.#isTerminal ? this.#paint("green", "< ") : "";
    const time = timestamps ? `${this.#paint("dim", at.toISOString())} ` : "";
    const shown = typeof message === "string" ? this.#text(message) : this.#bytes(message);
    return `${mark}${time}${shown}\n`;
  }

  #text(text: string): string {
    const { jsonPretty = this.#isTerminal } = this.#settings;
    const safe = this.#isTerminal ? withoutControls(text) : text;
    return (jsonPretty ? prettyJson(safe, this.#paint) : undefined) ?? safe;
  }

  #bytes(bytes: Buffer): string {
    if (this.#settings.base64) return bytes.toString("base64");
    if (!this.#isTerminal) return bytes.toString("hex");
    const title = this.#paint("dim", `binary, ${bytes.length} bytes`);
    return bytes.length === 0 ? title : `${title}\n${hexDump(bytes, maxDumpedBytes)}`;
  }
}

/** A message as an object for a line of JSON. */
function messageEvent(message: string | Buffer, at: Date): object {
  const time = at.toISOString();
  return typeof message === "string"
    ? { type: "text", time, data: message }
    : { type: "binary", time, base64: message.toString("base64") };
}
