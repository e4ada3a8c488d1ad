// "Feedback from the protocol": states and events.

import {
  ask,
  check,
  closed,
  equal,
  type Expectation,
  hexOf,
  newId,
  next,
  open,
  record,
  turn,
} from "./expectation.ts";

type Binary<Data> = MessageEvent & { readonly data: Data };

export const feedback: readonly Expectation[] = [
  {
    title: "open: an Event that does not bubble and can't be cancelled, trusted, at its target",
    run: async ({ WebSocket, server }) => {
      const ws = new WebSocket(`${server}/echo`);
      const event = await next(ws, "open");
      equal(ws.readyState, 1);
      check(Object.getPrototypeOf(event) === Event.prototype, "an Event, not a subclass");
      equal(
        [event.bubbles, event.cancelable, event.composed, event.isTrusted, event.target === ws],
        [false, false, false, true, true],
      );
      equal(Object.keys(event), ["isTrusted"]);
      ws.close();
      await closed(ws);
    },
  },
  {
    title: "message: text as a string, with the origin of the URL",
    run: async (api) => {
      const ws = await open(api, "/echo");
      ws.send("text");
      const event = await next<MessageEvent>(ws, "message");
      check(Object.getPrototypeOf(event) === MessageEvent.prototype, "a MessageEvent");
      equal([event.data, event.origin, event.lastEventId], ["text", api.server, ""]);
      equal([event.source, event.ports.length, event.isTrusted], [null, 0, true]);
      equal([event.bubbles, event.cancelable, event.composed], [false, false, false]);
      ws.close();
      await closed(ws);
    },
  },
  {
    title:
      "message: binary as a Blob without a type, or an ArrayBuffer, as binaryType says at its time",
    run: async ({ WebSocket, server }) => {
      const ws = new WebSocket(`${server}/echo`);
      await next(ws, "open");
      ws.send(new Uint8Array([1, 2]));
      const { data: blob } = await next<Binary<Blob>>(ws, "message");
      check(blob instanceof Blob, "a Blob");
      equal([blob.size, blob.type, hexOf(await blob.arrayBuffer())], [2, "", "01 02"]);
      ws.binaryType = "arraybuffer";
      ws.send(new Uint8Array([3]));
      const { data: buffer } = await next<Binary<ArrayBuffer>>(ws, "message");
      check(buffer instanceof ArrayBuffer, "an ArrayBuffer");
      equal(hexOf(buffer), "03");
      ws.binaryType = "blob";
      ws.send(new Uint8Array([4]));
      const { data: again } = await next<Binary<Blob>>(ws, "message");
      equal(hexOf(await again.arrayBuffer()), "04");
      ws.close();
      await closed(ws);
    },
  },
  {
    title: "messages of one packet are events in tasks of their own, promise jobs between them",
    run: async ({ WebSocket, server }) => {
      const ws = new WebSocket(`${server}/several`);
      ws.binaryType = "arraybuffer";
      const seen: string[] = [];
      const jobs = (name: string): void => {
        seen.push(name);
        void Promise.resolve()
          .then(() => seen.push(`${name}, job`))
          .then(() => undefined)
          .then(() => seen.push(`${name}, last job`));
      };
      for (const type of ["open", "message"]) ws.addEventListener(type, () => jobs(type));
      while (seen.length < 12) await turn();
      const events = ["open", "message", "message", "message"];
      equal(
        seen,
        events.flatMap((name) => [name, `${name}, job`, `${name}, last job`]),
      );
      ws.close();
      await closed(ws);
    },
  },
  {
    title: "who waits for one message after the other misses none",
    run: async (api) => {
      const ws = await open(api, "/several");
      const all: string[] = [];
      for (let i = 0; i < 3; i++) {
        const { data } = await next<MessageEvent>(ws, "message");
        all.push(typeof data === "string" ? data : `<${hexOf(data as ArrayBuffer)}>`);
      }
      equal(all, ["one", "<74 77 6f>", "three"]);
      ws.close();
      await closed(ws);
    },
  },
  {
    title: "close: a CloseEvent with the peer's code and reason; no error",
    run: async ({ WebSocket, CloseEvent, server }) => {
      for (const [query, outcome] of [
        ["code=1000&reason=done", 'close 1000 "done" clean'],
        ["code=1001", 'close 1001 "" clean'],
        ["code=1011&reason=%C3%A4", 'close 1011 "ä" clean'],
        ["code=4999", 'close 4999 "" clean'],
        ["", 'close 1005 "" clean'],
      ] as const) {
        const ws = new WebSocket(`${server}/close?${query}`);
        const seen = record(ws);
        const event = await next(ws, "close");
        equal(seen, ["open", outcome]);
        equal(ws.readyState, 3);
        check(Object.getPrototypeOf(event) === CloseEvent.prototype, "a CloseEvent");
        equal(
          [event.bubbles, event.cancelable, event.composed, event.isTrusted],
          [false, false, false, true],
        );
      }
    },
  },
  {
    title: "close: messages that came in one packet with the Close frame are all delivered",
    run: async ({ WebSocket, server }) => {
      const ws = new WebSocket(`${server}/several-and-close`);
      const seen = record(ws);
      await next(ws, "close");
      equal(seen, ["open", "message one", "message two", 'close 1000 "done" clean']);
    },
  },
  {
    title:
      "CLOSING from the peer's Close frame on, until TCP has ended; what is sent then only counts",
    run: async (api) => {
      const id = newId();
      const ws = await open(api, `/close-slowly?id=${id}`);
      const seen = record(ws);
      while (ws.readyState === 1) await turn();
      equal(ws.readyState, 2);
      ws.send("late");
      ws.close(4000);
      equal([ws.bufferedAmount, seen], [4, []]);
      const end = next(ws, "close");
      await ask(api, `/end?id=${id}`);
      await end;
      equal(seen, ['close 3001 "slowly" clean']);
    },
  },
  {
    title: "a connection that is lost: close 1006, unclean, without an error",
    run: async ({ WebSocket, server }) => {
      const dropped = new WebSocket(`${server}/drop`);
      const seen = record(dropped);
      await next(dropped, "close");
      equal(seen, ["open", "message last words", 'close 1006 "" unclean']);

      const reset = new WebSocket(`${server}/reset`);
      const seenToo = record(reset);
      reset.addEventListener("message", () => reset.send("read"));
      await next(reset, "close");
      equal(seenToo, ["open", "message last words", 'close 1006 "" unclean']);
    },
  },
  {
    title: "a frame that breaks the protocol: error, then close 1006, unclean",
    run: async ({ WebSocket, server }) => {
      for (const path of ["/invalid", "/garbled"]) {
        const ws = new WebSocket(server + path);
        const seen = record(ws);
        const error = await next(ws, "error");
        await next(ws, "close");
        equal(seen, ["open", "error", 'close 1006 "" unclean']);
        check(Object.getPrototypeOf(error) === Event.prototype, "an Event, not a subclass");
        equal([error.bubbles, error.cancelable, error.isTrusted], [false, false, true]);
      }
    },
  },
  {
    title: "error and close: promise jobs between them",
    run: async ({ WebSocket, server }) => {
      const ws = new WebSocket(`${server}/refuse`);
      await next(ws, "error");
      await Promise.resolve();
      equal((await closed(ws))[0], 1006);
    },
  },
];
