// The messages of a connection as the two streams of the web: what nobody reads holds the peer back, and a
// write is done when there is room for the next. They are made when they are asked for first; a connection
// that nobody asks has none, and no field for them either.

import type { Buffer } from "node:buffer";
import { CloseCode, type ConnectionClosedError, UsageError } from "../protocol/index.ts";
import type { HandledLink } from "./handled-link.ts";
import type { Inbox } from "./inbox.ts";
import { type Sendable, toMessage } from "./message.ts";

const readables = new WeakMap<HandledLink, ReadableStream<string | Buffer>>();
const writables = new WeakMap<HandledLink, WritableStream<Sendable>>();

/**
 * The inbox of a connection, whose messages somebody wants to read.
 *
 * @throws UsageError HAWSER_HAS_MESSAGE_HANDLER
 */
export function inboxOf(link: HandledLink): Inbox {
  const { handlers, run } = link.group;
  if (handlers.message !== undefined && run === undefined) {
    throw new UsageError(
      "HAWSER_HAS_MESSAGE_HANDLER",
      "the messages of this connection go to the `message` handler: leave it out to read them elsewhere",
    );
  }
  return link.iterate();
}

/** The connection's messages as a stream. @throws UsageError HAWSER_HAS_MESSAGE_HANDLER */
export function readableOf(link: HandledLink): ReadableStream<string | Buffer> {
  const inbox = inboxOf(link);
  let readable = readables.get(link);
  if (readable === undefined) readables.set(link, (readable = makeReadable(link, inbox)));
  return readable;
}

/** A stream whose chunks are sent as messages. */
export function writableOf(link: HandledLink): WritableStream<Sendable> {
  let writable = writables.get(link);
  if (writable === undefined) writables.set(link, (writable = makeWritable(link)));
  return writable;
}

function makeReadable(link: HandledLink, inbox: Inbox): ReadableStream<string | Buffer> {
  let isPulling = false;
  let isCancelled = false;
  const pull = async (controller: ReadableStreamDefaultController<string | Buffer>) => {
    isPulling = true;
    const { value } = await inbox.next();
    isPulling = false;
    if (isCancelled) return;
    if (value === undefined) controller.close();
    else controller.enqueue(value);
  };
  return new ReadableStream<string | Buffer>(
    {
      start: (controller) => {
        // Who waits for the end without reading sees it, too, when there is nothing left to read.
        const end = async (): Promise<void> => {
          if (isPulling || isCancelled || !inbox.isEmpty) return;
          await pull(controller).catch((error: unknown) => controller.error(error));
        };
        void link.closed().then(end);
      },
      pull,
      cancel: (reason) => {
        isCancelled = true;
        inbox.abandon();
        closeFor(link, reason, CloseCode.normal);
      },
    },
    // The inbox reads one message ahead: that is enough.
    { highWaterMark: 0 },
  );
}

function makeWritable(link: HandledLink): WritableStream<Sendable> {
  let isClosing = false;
  return new WritableStream<Sendable>({
    start: (controller) => {
      const { signal } = controller as unknown as { readonly signal: AbortSignal };
      const abort = (): void => closeFor(link, signal.reason, CloseCode.internalError);
      // At once: the function `abort` of a stream is called when the write that waits for room is done.
      signal.addEventListener("abort", abort, { once: true });
      // Whoever pipes into it is to stop, though nothing is being written just then.
      void link.closed().then(() => isClosing || controller.error(link.closedError()));
    },
    write: async (chunk) => {
      if (!link.writer.send(toMessage(chunk))) await link.writer.drained();
    },
    close: async () => {
      isClosing = true;
      link.close(CloseCode.normal);
      const { wasClean } = await link.closed();
      if (!wasClean) throw link.closedError();
    },
  });
}

/** Closes with what `why` says, if it is an error of a WebSocket, or says by itself how to close. */
export function closeFor(link: HandledLink, why: unknown, otherwise: number): void {
  const { closeCode, reason } = (why ?? {}) as Partial<ConnectionClosedError>;
  try {
    link.close(closeCode ?? otherwise, closeCode === undefined ? "" : reason);
  } catch {
    // It says what no Close frame may: 1006, for one.
    link.close(otherwise);
  }
}
