// What a page may close with: no code, 1000, or one of its own from 3000 to 4999. The others are for
// protocols and user agents.

import { Buffer } from "node:buffer";
import { maxCloseReasonBytes } from "../protocol/index.ts";
import { clampToUnsignedShort, toDictionary, toUsvString } from "./webidl.ts";

/** A close code with its reason; without a code there is no reason. */
export interface CloseArguments {
  readonly code: number | undefined;
  readonly reason: string;
}

/** How a connection is to be closed, or was: of `WebSocketStream`. */
export interface WebSocketCloseInfo {
  /** 1000 or 3000 to 4999. After the end: the peer's code, 1005 when it gave none. */
  closeCode?: number;
  /** At most 123 bytes of UTF-8. Without a code the code becomes 1000. */
  reason?: string;
}

/** @throws TypeError; DOMException InvalidAccessError for the code, SyntaxError for the reason */
export function toCloseArguments(givenCode: unknown, givenReason: unknown): CloseArguments {
  return checkCloseArguments(toCode(givenCode), toReason(givenReason));
}

/** The same from the dictionary `WebSocketCloseInfo`. @throws as above */
export function fromCloseInfo(given: unknown): CloseArguments {
  const info = toDictionary(given, "WebSocketCloseInfo");
  // Each member is read and converted before the next one.
  return checkCloseArguments(toCode(info["closeCode"]), toReason(info["reason"]));
}

function toCode(given: unknown): number | undefined {
  return given === undefined ? undefined : clampToUnsignedShort(given);
}

function toReason(given: unknown): string {
  return given === undefined ? "" : toUsvString(given);
}

function checkCloseArguments(code: number | undefined, reason: string): CloseArguments {
  if (code !== undefined && code !== 1000 && !(code >= 3000 && code <= 4999)) {
    throw new DOMException(
      `The close code must be either 1000, or between 3000 and 4999. ${code} is neither.`,
      "InvalidAccessError",
    );
  }
  if (Buffer.byteLength(reason) > maxCloseReasonBytes) {
    throw new DOMException(
      `The close reason must not be greater than ${maxCloseReasonBytes} UTF-8 bytes.`,
      "SyntaxError",
    );
  }
  // A Close frame can't carry a reason without a code.
  return { code: code ?? (reason === "" ? undefined : 1000), reason };
}
