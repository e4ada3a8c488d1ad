// One end of an open WebSocket connection, without I/O: bytes in through `receive`, events to the
// shared `events` table, bytes out through `output`. It owns the state of the connection; every move
// goes through the table in state.ts, and everything the peer does wrong goes through `fail`.
// There is no socket, timer or clock here: the same code runs under TCP, TLS, HTTP/2 or a simulation.

import { CloseCode } from "./close-code.ts";
import { checkCloseArguments, closePayload } from "./close-frame.ts";
import type { Message } from "./content.ts";
import type { CloseOutcome, EndpointOptions } from "./endpoint-options.ts";
import { InternalError, LimitError, ProtocolError, UsageError } from "./errors.ts";
import type { Extension } from "./extension.ts";
import { limitExceeded, violation } from "./fault.ts";
import { finBit, maxControlPayloadBytes } from "./frame-header.ts";
import { Opcode } from "./opcode.ts";
import type { Receiver } from "./receiver.ts";
import { Flag, SendingSide } from "./sending-side.ts";
import { giveReceiverBack, takeReceiver } from "./spare-receivers.ts";
import { isReading, type Move, moves, type State } from "./state.ts";
import { checkLongUtf8, utf8Boundary } from "./utf8.ts";
import type { OnWritten } from "./write-marks.ts";

/** How a connection ends without a Close frame from the peer. */
const abnormally: CloseOutcome = { code: CloseCode.abnormal, reason: "", wasClean: false };

export class Endpoint<Owner> extends SendingSide<Owner> {
  readonly #owner: Owner;

  #state: State = "open";
  /** There while something is being read; between messages there is none. */
  #receiver: Receiver | undefined;
  /** What came of decoding while events were held back. */
  #heldOutcome: (() => void) | undefined;
  #pongDue: Uint8Array | undefined;
  #outcome = abnormally;

  constructor(options: EndpointOptions<Owner>, owner: Owner, extension?: Extension) {
    super(options, extension);
    this.#owner = owner;
  }

  get state(): State {
    return this.#state;
  }

  /** How the connection ended, or what is known of it so far. */
  get outcome(): CloseOutcome {
    return this.#outcome;
  }

  /** Whether events are held back. */
  get isHeld(): boolean {
    return this.is(Flag.held);
  }

  // ---- Bytes in

  /**
   * Whether a message is being decoded, before which no further one is read: the transport should
   * bring no more bytes until `events.ready`.
   */
  get isDecoding(): boolean {
    return this.is(Flag.decoding);
  }

  /**
   * Takes bytes from the peer, `bytes[0, end)`. They are unmasked in place, and are the caller's again
   * when this returns.
   */
  receive(bytes: Uint8Array, end: number = bytes.length): void {
    if (!isReading(this.#state)) return;
    this.#receiver ??= this.#takeReceiver();
    this.#receiver.feed(bytes, end);
    this.#advance();
    // There still is one if it stopped in the middle of something.
    this.#receiver?.keep(bytes);
  }

  #takeReceiver(): Receiver {
    const receiver = takeReceiver(this.options, this.extension !== undefined);
    if (this.is(Flag.announcing)) receiver.announceMessages();
    return receiver;
  }

  /**
   * From now on each message that begins, and is not compressed, is announced by `events.begin` before
   * anything of its payload is read.
   */
  announceMessages(): void {
    this.flags |= Flag.announcing;
    this.#receiver?.announceMessages();
  }

  /**
   * After `events.begin`, in it or while events are held: gives this message by `events.part` as it comes,
   * instead of whole. It may have so many bytes, in place of `maxMessageBytes` and `maxFragments`.
   */
  receiveInParts(maxBytes: number): void {
    this.#receiver?.giveInParts(maxBytes);
  }

  /** In `events.message`: see `Receiver.fragmentEnds`. */
  get fragmentEnds(): readonly number[] | undefined {
    return this.#receiver?.fragmentEnds;
  }

  /** See `Receiver.unfinishedFrameBytes`. */
  get unfinishedFrameBytes(): number {
    return this.#receiver?.unfinishedFrameBytes ?? 0;
  }

  /** Bytes that came and are held back. */
  get unreadBytes(): number {
    return this.#receiver?.unreadBytes ?? 0;
  }

  /** The transport will bring no more bytes. `events.end` follows once all before is reported. */
  receiveEnd(): void {
    this.flags |= Flag.inputEnded;
    this.#advance();
  }

  /** Holds back all events, from the next one on, until `release`. */
  hold(): void {
    this.flags |= Flag.held;
  }

  /** Goes on with what was held back. */
  release(): void {
    this.flags &= ~Flag.held;
    const outcome = this.#heldOutcome;
    if (outcome === undefined) return this.#advance();
    this.#heldOutcome = undefined;
    this.#decoded(outcome);
  }

  /** Drops all input that was not reported and ends at once: the transport is gone. */
  abort(): void {
    this.#receiver?.clear();
    this.output.clear();
    this.flags = (this.flags & ~Flag.held) | Flag.inputEnded;
    this.#end();
  }

  #advance(): void {
    // Events may call `release`: then this loop, which is still running, goes on by itself.
    if (this.is(Flag.advancing)) return;
    this.flags |= Flag.advancing;
    while (!this.is(Flag.held | Flag.decoding) && isReading(this.#state) && this.#step());
    this.flags &= ~Flag.advancing;
    if (this.is(Flag.inputEnded) && !this.#isToGoOn) this.#end();
    if (this.#receiver?.isIdle === true) this.#dropReceiver(this.#receiver);
  }

  /** Whether something is still to come, though the transport brings nothing any more. */
  get #isToGoOn(): boolean {
    if (isReading(this.#state)) return this.is(Flag.held | Flag.decoding);
    // A peer that ends its side behind its Close frame still reads what was sent before ours.
    return this.#state === "close-exchanged" && this.isEncoding;
  }

  #dropReceiver(receiver: Receiver): void {
    this.#receiver = undefined;
    giveReceiverBack(receiver);
  }

  /** Handles one event; false when there is none. */
  #step(): boolean {
    const receiver = this.#receiver;
    if (receiver === undefined) return false;
    const { events } = this.options;
    switch (this.#pull(receiver)) {
      case "text":
        events.message(this.#owner, receiver.text, true);
        return true;
      case "binary":
        events.message(this.#owner, receiver.payload, receiver.isText);
        return true;
      case "compressed":
        this.#decode(receiver.payload, receiver.isText);
        return true;
      case "begin":
        events.begin?.(this.#owner, receiver.isText);
        return true;
      case "part":
        events.part?.(this.#owner, receiver.payload, receiver.isLast);
        return true;
      case "ping":
        this.#answerPing(receiver.payload);
        events.ping(this.#owner, receiver.payload);
        return true;
      case "pong":
        events.pong(this.#owner, receiver.payload);
        return true;
      case "close":
        this.#receiveClose(receiver.closeCode, receiver.text);
        return true;
      default:
        return false;
    }
  }

  #pull(receiver: Receiver): ReturnType<Receiver["next"]> {
    try {
      return receiver.next();
    } catch (error) {
      this.fail(asFault(error));
      return "starved";
    }
  }

  #end(): void {
    if (!this.#move("end")) return;
    this.#letGo();
    this.options.events.end(this.#owner);
  }

  /** Nothing more is read, decoded or encoded: lets go of its memory. */
  #letGo(): void {
    this.#receiver?.clear();
    this.flags &= ~Flag.decoding;
    this.#heldOutcome = undefined;
    this.outbox?.clear();
    this.outbox = undefined;
    this.extension?.close();
  }

  // ---- Extension

  #decode(payload: Uint8Array, isText: boolean): void {
    const extension = this.extension as Extension;
    let content: Uint8Array | Promise<Uint8Array>;
    try {
      content = extension.decode(payload, this.options.maxMessageBytes);
    } catch (error) {
      return this.#failDecoding(error);
    }
    if (content instanceof Uint8Array) return this.#deliverDecoded(content, isText);
    this.flags |= Flag.decoding;
    content.then(
      (decoded) => this.#decoded(() => this.#deliverDecoded(decoded, isText)),
      (error: unknown) => this.#decoded(() => this.#failDecoding(error)),
    );
  }

  /** A promise of the extension is settled; nothing comes of it once the connection has ended. */
  #decoded(report: () => void): void {
    if (!this.is(Flag.decoding)) return;
    if (this.is(Flag.held)) {
      this.#heldOutcome = report;
      return;
    }
    // Advancing, so that a `release` in the event leaves going on to the line below it.
    this.flags = (this.flags & ~Flag.decoding) | Flag.advancing;
    report();
    this.flags &= ~Flag.advancing;
    this.#advance();
    if (!this.is(Flag.decoding) && this.#state !== "closed") this.options.events.ready(this.#owner);
  }

  #deliverDecoded(content: Uint8Array, isText: boolean): void {
    const { events, platform, maxMessageBytes, checksUtf8, textsAsBytes } = this.options;
    if (content.length > maxMessageBytes) {
      return this.fail(limitExceeded("HAWSER_MESSAGE_TOO_BIG", maxMessageBytes, content.length));
    }
    if (!isText) return events.message(this.#owner, content, false);
    const utf8 = checkLongUtf8(platform, utf8Boundary, content, 0, content.length);
    if (utf8 !== utf8Boundary && checksUtf8 !== false) {
      return this.fail(violation("HAWSER_INVALID_UTF8"));
    }
    if (textsAsBytes === true) return events.message(this.#owner, content, true);
    let text: string;
    try {
      text = platform.decodeUtf8(content, 0, content.length);
    } catch (error) {
      return this.fail(asFault(error));
    }
    events.message(this.#owner, text, true);
  }

  #failDecoding(error: unknown): void {
    this.fail(
      error instanceof LimitError ? error : violation("HAWSER_BAD_COMPRESSION", { cause: error }),
    );
  }

  // ---- Encoding, pings and pongs

  protected override encoded(): void {
    this.options.events.output(this.#owner);
    this.#advance();
  }

  protected override encodingFailed(error: unknown): void {
    const message = "a message could not be encoded by the extension";
    const failure = new InternalError("HAWSER_ENCODING_FAILED", message, error);
    if (this.#state !== "close-exchanged") return this.fail(failure);
    // The peer has closed meanwhile: nothing is left to fail, but it still gets its answer.
    this.#letGo();
    this.#writeClose(failure.closeCode, "");
    this.options.events.output(this.#owner);
    this.options.events.failed(this.#owner, failure);
    this.#advance();
  }

  /**
   * Sends a Ping (§5.5.2).
   *
   * @throws UsageError HAWSER_NOT_OPEN, or HAWSER_CONTROL_PAYLOAD for more than 125 bytes.
   */
  ping(payload: Message = "", onWritten?: OnWritten): void {
    this.#sendPing(Opcode.ping, payload, onWritten);
  }

  /** Sends a Pong that no Ping asked for (§5.5.3). @throws as `ping` */
  pong(payload: Message = "", onWritten?: OnWritten): void {
    this.#sendPing(Opcode.pong, payload, onWritten);
  }

  #sendPing(opcode: Opcode, payload: Message, onWritten: OnWritten | undefined): void {
    this.checkOpen();
    const size =
      typeof payload === "string" ? this.options.platform.utf8ByteLength(payload) : payload.length;
    if (size > maxControlPayloadBytes) {
      throw new UsageError(
        "HAWSER_CONTROL_PAYLOAD",
        `the payload of a ping or pong has at most 125 bytes (RFC 6455 §5.5), this has ${size}`,
      );
    }
    if (typeof payload === "string") this.output.text(finBit | opcode, payload);
    else this.output.binary(finBit | opcode, payload);
    if (onWritten !== undefined) this.output.mark(onWritten);
  }

  #answerPing(payload: Uint8Array): void {
    if (this.options.answersPings === false) return;
    if (this.is(Flag.backedUp)) {
      // "it MAY elect to send a Pong frame for only the most recently processed Ping" (§5.5.3): a
      // peer that pings and never reads must not make us queue its pongs.
      this.#pongDue = payload;
      return;
    }
    this.output.binary(finBit | Opcode.pong, payload);
    this.options.events.output(this.#owner);
  }

  /** Tells whether the transport can take more. */
  setBackedUp(backedUp: boolean): void {
    this.put(Flag.backedUp, backedUp);
    if (backedUp || this.#pongDue === undefined) return;
    if (isReading(this.#state)) this.output.binary(finBit | Opcode.pong, this.#pongDue);
    this.#pongDue = undefined;
  }

  // ---- Closing

  /**
   * Starts the closing handshake (§7.1.2); does nothing when it has started already.
   *
   * @throws UsageError HAWSER_CLOSE_CODE_INVALID, HAWSER_CLOSE_REASON_TOO_LONG or
   * HAWSER_CLOSE_REASON_WITHOUT_CODE.
   */
  close(code?: number, reason = ""): void {
    checkCloseArguments(this.options.platform, code, reason);
    if (this.#move("sendClose")) this.#writeClose(code ?? CloseCode.noCode, reason);
  }

  /** The same with the payload of the Close frame (§5.5.1) as bytes, which are not looked at. */
  closeWith(payload: Uint8Array): void {
    if (this.#move("sendClose")) this.#writeClosePayload(payload);
  }

  /**
   * Fails the connection (§7.1.7): says why in a Close frame, and reads nothing any more. What still
   * waits for an encoding is given up.
   */
  fail(error: ProtocolError | LimitError | InternalError): void {
    // A Close frame that waits behind an encoding never goes out: this one does.
    const isFirstClose = this.#state === "open" || this.isEncoding;
    const wasDecoding = this.isDecoding;
    if (!this.#move("fail")) return;
    this.#letGo();
    // "An internal error" is all that the peer is told of ours (§7.4.1).
    const isSilent = error instanceof InternalError || this.options.givesReasons === false;
    const reason = isSilent ? "" : error.message;
    if (isFirstClose) this.#writeClose(error.closeCode, reason);
    this.options.events.output(this.#owner);
    this.options.events.failed(this.#owner, error);
    if (wasDecoding) this.options.events.ready(this.#owner);
    this.#advance();
  }

  #receiveClose(code: number, reason: string): void {
    // "When sending a Close frame in response, the endpoint typically echos the status code" (§5.5.1).
    if (this.#state === "open") {
      this.#writeClose(code, this.options.echoesReasons === true ? reason : "");
    }
    this.#move("receiveClose");
    this.#receiver?.clear();
    this.#outcome = { code, reason, wasClean: true };
    this.options.events.output(this.#owner);
    this.options.events.close(this.#owner, code, reason);
  }

  #writeClose(code: number, reason: string): void {
    this.#writeClosePayload(closePayload(this.options.platform, code, reason));
  }

  #writeClosePayload(payload: Uint8Array): void {
    this.flags &= ~(Flag.inFragments | Flag.inStream);
    if (this.outbox === undefined) return this.output.binary(finBit | Opcode.close, payload);
    this.outbox.close(payload);
    this.dropEmptyOutbox();
  }

  protected override checkOpen(): void {
    if (this.#state === "open") return;
    throw new UsageError(
      "HAWSER_NOT_OPEN",
      `the connection is not open: its state is "${this.#state}"`,
    );
  }

  /** Makes the move if the table has it; false when it doesn't. */
  #move(move: Move): boolean {
    const next = moves[this.#state][move];
    if (next === undefined) return false;
    this.#state = next;
    return true;
  }
}

/** What reading a message threw: the peer's fault, or the platform's, such as for want of memory. */
function asFault(error: unknown): ProtocolError | LimitError | InternalError {
  if (error instanceof ProtocolError || error instanceof LimitError) return error;
  return new InternalError("HAWSER_DECODING_FAILED", "a message could not be decoded", error);
}
