// Event handler attributes (HTML §8.1.8.1) of a WebSocket.

import { check, closed, equal, type Expectation, next, open } from "./expectation.ts";

const names = ["onopen", "onmessage", "onerror", "onclose"] as const;

export const handlers: readonly Expectation[] = [
  {
    title: "null at first, keeps functions and objects, and is null for anything else",
    run: async (api) => {
      const ws = await open(api, "/echo");
      const any = ws as unknown as Record<string, unknown>;
      for (const name of names) {
        equal(any[name], null, name);
        const [handler, object] = [(): void => undefined, { handleEvent: (): void => undefined }];
        for (const value of [handler, object]) {
          any[name] = value;
          check(any[name] === value, name);
        }
        for (const value of [undefined, null, 1, "handler", Symbol("handler"), true]) {
          any[name] = handler;
          any[name] = value;
          equal(any[name], null, name);
        }
      }
      ws.close();
      await closed(ws);
    },
  },
  {
    title: "takes its place when it is first set, keeps it when replaced, loses it when null",
    run: async (api) => {
      const ws = await open(api, "/echo");
      const seen: string[] = [];
      ws.addEventListener("message", () => seen.push("first"));
      ws.onmessage = () => seen.push("old");
      ws.addEventListener("message", () => seen.push("last"));
      ws.onmessage = () => seen.push("handler");
      ws.send("");
      await next(ws, "message");
      equal(seen.splice(0), ["first", "handler", "last"]);
      ws.onmessage = null;
      ws.send("");
      await next(ws, "message");
      equal(seen.splice(0), ["first", "last"]);
      ws.onmessage = () => seen.push("handler");
      ws.send("");
      await next(ws, "message");
      equal(seen, ["first", "last", "handler"]);
      ws.close();
      await closed(ws);
    },
  },
  {
    title: "called with the WebSocket as this and the event as its one argument",
    run: async (api) => {
      const ws = await open(api, "/echo");
      const called = new Promise<[boolean, number, boolean]>((resolve) => {
        ws.onmessage = function handle(this: unknown, ...all: Event[]) {
          resolve([this === ws, all.length, all[0]?.currentTarget === ws]);
        };
      });
      ws.send("");
      equal(await called, [true, 1, true]);
      ws.close();
      await closed(ws);
    },
  },
  {
    title: "an object with handleEvent is kept and does nothing",
    run: async (api) => {
      const ws = await open(api, "/echo");
      let calls = 0;
      ws.onmessage = { handleEvent: () => void calls++ } as unknown as () => void;
      ws.send("");
      await next(ws, "message");
      equal(calls, 0);
      ws.close();
      await closed(ws);
    },
  },
  {
    title: "one that is set within an event of its type is called for that event, too",
    run: async (api) => {
      const ws = await open(api, "/echo");
      const seen: string[] = [];
      ws.onmessage = () => {
        seen.push("old");
        ws.onmessage = () => seen.push("new");
      };
      ws.send("");
      await next(ws, "message");
      ws.send("");
      await next(ws, "message");
      equal(seen, ["old", "new"]);
      ws.close();
      await closed(ws);
    },
  },
  {
    title: "returning false cancels an event that can be cancelled",
    run: async (api) => {
      const ws = await open(api, "/echo");
      ws.onmessage = () => false;
      const event = new Event("message", { cancelable: true });
      equal([ws.dispatchEvent(event), event.defaultPrevented], [false, true]);
      equal(event.isTrusted, false);
      ws.close();
      await closed(ws);
    },
  },
  {
    title: "listeners with once, a signal, or removed",
    run: async (api) => {
      const ws = await open(api, "/echo");
      const seen: string[] = [];
      const removed = (): void => void seen.push("removed");
      const controller = new AbortController();
      ws.addEventListener("message", () => seen.push("once"), { once: true });
      ws.addEventListener("message", () => seen.push("signal"), { signal: controller.signal });
      ws.addEventListener("message", removed);
      ws.removeEventListener("message", removed);
      ws.send("");
      await next(ws, "message");
      controller.abort();
      ws.send("");
      await next(ws, "message");
      equal(seen, ["once", "signal"]);
      ws.close();
      await closed(ws);
    },
  },
];
