// The event that a WebSocket ends with. Where the platform has the interface (Node 23 and later), it is the
// platform's, so that `instanceof` holds whichever of the two is asked.

import {
  defineInterface,
  illegalInvocation,
  requireArguments,
  toDictionary,
  toUnsignedShort,
  toUsvString,
} from "./webidl.ts";

/** What a `CloseEvent` is made of. */
export interface CloseEventInit {
  bubbles?: boolean;
  cancelable?: boolean;
  composed?: boolean;
  wasClean?: boolean;
  code?: number;
  reason?: string;
}

/** How a WebSocket ended. */
export interface CloseEvent extends Event {
  /** Whether both Close frames were exchanged. */
  readonly wasClean: boolean;
  /** The code of the peer's Close frame, 1005 when it had none, 1006 when none came. */
  readonly code: number;
  readonly reason: string;
}

interface CloseEventConstructor {
  readonly prototype: CloseEvent;
  new (type: string, init?: CloseEventInit): CloseEvent;
}

class OwnCloseEvent extends Event {
  readonly #wasClean: boolean;
  readonly #code: number;
  readonly #reason: string;

  constructor(type: string, init: CloseEventInit = {}) {
    requireArguments("CloseEvent", arguments.length, 1);
    const {
      wasClean = false,
      code = 0,
      reason = "",
      ...rest
    } = toDictionary(init, "CloseEventInit");
    super(type, rest);
    this.#wasClean = Boolean(wasClean);
    this.#code = toUnsignedShort(code);
    this.#reason = toUsvString(reason);
  }

  get wasClean(): boolean {
    if (!(#wasClean in this)) throw illegalInvocation();
    return this.#wasClean;
  }

  get code(): number {
    if (!(#code in this)) throw illegalInvocation();
    return this.#code;
  }

  get reason(): string {
    if (!(#reason in this)) throw illegalInvocation();
    return this.#reason;
  }
}

Object.defineProperty(OwnCloseEvent, "name", { value: "CloseEvent" });
defineInterface(OwnCloseEvent, {
  members: ["wasClean", "code", "reason"],
  required: { constructor: 1 },
});

const platform = globalThis as { CloseEvent?: CloseEventConstructor };

/** How a WebSocket ended, as an event. */
export const CloseEvent: CloseEventConstructor = platform.CloseEvent ?? OwnCloseEvent;
