// The words that the scripts of both tables of scenarios are written in.

import type { Payload, Step } from "./contract.ts";

function payloadOf(kind: Payload["kind"], unit: string | Uint8Array, bytes?: number): Payload {
  const content = Buffer.from(unit as string);
  return { kind, hex: content.toString("hex"), bytes: bytes ?? content.length };
}

/** The unit over and over, cut at `bytes`; by default once. */
export const text = (unit: string, bytes?: number): Payload => payloadOf("text", unit, bytes);
export const binary = (unit: Uint8Array, bytes?: number): Payload =>
  payloadOf("binary", unit, bytes);

export const send = (message: Payload): Step => ({ do: "send", message });
export const receive: Step = { do: "receive" };
export const close: Step = { do: "close", code: 1000 };
