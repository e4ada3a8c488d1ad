// One end of a simulated conversation at the level of the protocol: an endpoint and what runs it, which does as a
// `Link` does. It writes while there is room, tells the endpoint when there is none, ends its side as its
// role has to, and looks at everything that the endpoint says.

import { Buffer } from "node:buffer";
import {
  Endpoint,
  type EndpointEvents,
  type EndpointOptions,
  type Extension,
  type InternalError,
  type LimitError,
  type ProtocolError,
  type Role,
} from "../../dist/protocol/index.js";
import type { Arrival, Pipe } from "./network.ts";
import { type Content, Ledger, PingLedger } from "./oracles.ts";
import { describe } from "../soak/content.ts";
import type { World } from "./world.ts";

/** What a party is given besides its options. */
export interface PartySettings {
  readonly world: World;
  readonly name: string;
  readonly role: Role;
  readonly extension: Extension | undefined;
  readonly output: Pipe;
  /** Whether what is written is kept by the transport, as over TLS. */
  readonly keepsWrites: boolean;
  /** Whether it asks for some messages in parts. */
  readonly takesParts: boolean;
  /** Whether bytes change on their way: then much may happen, but nothing throw or stay. */
  readonly isGarbled: boolean;
  /** How often it holds back after a message. */
  readonly slowness: number;
}

export class Party implements Arrival {
  readonly settings: PartySettings;
  readonly endpoint: Endpoint<Party>;
  /** What it sends. */
  readonly ledger: Ledger = new Ledger();
  readonly pings: PingLedger = new PingLedger();
  peer: Party | undefined;
  ends = 0;
  failure: string | undefined;
  /** The code that it closed with, if it was the first to. */
  closedWith: number | undefined;
  isReset = false;
  wasBackedUp = false;
  #isBackedUp = false;
  #isReceiving = false;
  #endsWhenFlushed = false;
  #parts: Uint8Array[] = [];
  #partsAreText = false;
  /** What waited when pings had last nothing to do with it. */
  #waitingBytes = 0;

  constructor(options: EndpointOptions<Party>, settings: PartySettings) {
    this.settings = settings;
    this.endpoint = new Endpoint(options, this, settings.extension);
    if (settings.takesParts) this.endpoint.announceMessages();
    settings.output.onRoom = () => this.#roomAgain();
  }

  say(text: () => string): void {
    this.settings.world.say(this.settings.name, text);
  }

  // ---- Bytes

  arrived(bytes: Uint8Array): void {
    this.#isReceiving = true;
    this.#waitingBytes = this.endpoint.output.byteLength;
    this.endpoint.receive(bytes);
    this.#isReceiving = false;
    // They were lent: whoever keeps a view of them keeps nonsense.
    bytes.fill(0xa5);
    this.flush();
  }

  ended(): void {
    this.say(() => "the peer has ended its side");
    this.endpoint.receiveEnd();
    this.endWhenFlushed();
  }

  /** As a link when its socket has closed. */
  wasReset(): void {
    if (this.isReset) return;
    this.say(() => "the connection was reset");
    this.isReset = true;
    this.endpoint.output.clear();
    if (this.endpoint.state === "close-exchanged") this.endpoint.abort();
    else this.endpoint.receiveEnd();
  }

  flush(): void {
    const { endpoint, settings } = this;
    // What comes of events that were held back has nowhere to go.
    if (this.isReset) endpoint.output.clear();
    this.#write();
    if (this.#isBackedUp !== endpoint.output.byteLength > 0) {
      this.#isBackedUp = !this.#isBackedUp;
      this.wasBackedUp ||= this.#isBackedUp;
      endpoint.setBackedUp(this.#isBackedUp);
      this.#write();
    }
    this.#waitingBytes = endpoint.output.byteLength;
    if (!this.#endsWhenFlushed || endpoint.output.byteLength > 0 || endpoint.isEncoding) return;
    settings.output.end();
  }

  #write(): void {
    const { output } = this.endpoint;
    const pipe = this.settings.output;
    while (!this.isReset && output.byteLength > 0 && pipe.hasRoom) {
      const chunk = output.take(this.settings.keepsWrites);
      if (chunk === undefined) break;
      pipe.send(chunk);
    }
    if (this.settings.keepsWrites) output.kept();
    else output.written();
  }

  #roomAgain(): void {
    if (this.#isBackedUp) this.endpoint.setBackedUp(false);
    this.#isBackedUp = false;
    this.flush();
  }

  endWhenFlushed(): void {
    this.#endsWhenFlushed = true;
    this.flush();
  }

  /** The endpoint has something to write by itself. */
  outputReady(): void {
    if (!this.#isReceiving) this.flush();
  }

  // ---- What the endpoint reports

  begins(isText: boolean): void {
    if (this.settings.world.random.chance(0.5)) return;
    this.#partsAreText = isText;
    this.endpoint.receiveInParts(Number.POSITIVE_INFINITY);
  }

  part(bytes: Uint8Array, isLast: boolean): void {
    this.#parts.push(Buffer.from(bytes));
    if (!isLast) return;
    const whole = Buffer.concat(this.#parts.splice(0));
    this.message(this.#partsAreText ? whole.toString() : whole);
  }

  message(message: Content): void {
    const { world, name, slowness, isGarbled } = this.settings;
    world.tally.messages++;
    this.say(() => `gets ${describe(message)}`);
    if (!isGarbled) world.note(this.peer?.ledger.receive(message), name);
    if (!world.random.chance(slowness)) return;
    this.endpoint.hold();
    world.clock.after(world.random.below(500), () => {
      this.endpoint.release();
      this.flush();
    });
  }

  pinged(): void {
    const { world, name } = this.settings;
    world.tally.pings++;
    const waiting = this.endpoint.output.byteLength;
    const isFine = !this.#isBackedUp || waiting <= this.#waitingBytes;
    world.check(isFine, "pendingPongs", name, () => `${waiting - this.#waitingBytes} bytes queued`);
  }

  ponged(payload: Uint8Array): void {
    if (this.settings.isGarbled) return;
    this.settings.world.note(
      this.pings.receive(Buffer.from(payload).toString()),
      this.settings.name,
    );
  }

  closeCame(code: number): void {
    this.say(() => `gets a Close frame with ${code}`);
    // RFC 6455 §7.1.1: it is the server that ends TCP.
    if (this.settings.role === "server") this.endWhenFlushed();
    else this.outputReady();
  }

  failed(error: ProtocolError | LimitError | InternalError): void {
    const { world, name, isGarbled } = this.settings;
    this.failure = error.code;
    this.say(() => `fails the connection: ${error.message}`);
    const expected = this.peer?.ledger.next?.breaks;
    const isFine = isGarbled || error.code === expected;
    world.check(isFine, "falseFailure", name, () => `${error.message}, expected ${expected}`);
    this.endWhenFlushed();
  }

  closed(): void {
    const { outcome } = this.endpoint;
    this.ends++;
    this.say(() => `has ended: ${outcome.code}, ${outcome.wasClean ? "clean" : "not clean"}`);
    this.endWhenFlushed();
  }
}

export const partyEvents: EndpointEvents<Party> = {
  message: (party, message) => party.message(message as Content),
  begin: (party, isText) => party.begins(isText),
  part: (party, bytes, isLast) => party.part(bytes, isLast),
  ping: (party) => party.pinged(),
  pong: (party, payload) => party.ponged(payload),
  output: (party) => party.outputReady(),
  close: (party, code) => party.closeCame(code),
  failed: (party, error) => party.failed(error),
  ready: (party) => party.outputReady(),
  end: (party) => party.closed(),
};
