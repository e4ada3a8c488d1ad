// How the interface WebSocket looks from outside: Web IDL §3.7.

import { check, closed, equal, type Expectation, open, throws } from "./expectation.ts";

const constants = { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 };
const readonlyAttributes = ["url", "readyState", "bufferedAmount", "extensions", "protocol"];
const attributes = ["onopen", "onmessage", "onerror", "onclose", "binaryType"];

export const interfaces: readonly Expectation[] = [
  {
    title: "constants are on the interface and its prototype, and can't be changed",
    run: ({ WebSocket }) => {
      for (const [name, value] of Object.entries(constants)) {
        for (const owner of [WebSocket, WebSocket.prototype]) {
          const expected = { value, writable: false, enumerable: true, configurable: false };
          equal(Object.getOwnPropertyDescriptor(owner, name), expected, name);
        }
      }
    },
  },
  {
    title: "attributes are enumerable accessors of the prototype",
    run: ({ WebSocket }) => {
      for (const name of [...readonlyAttributes, ...attributes]) {
        const { get, set, enumerable, configurable } = Object.getOwnPropertyDescriptor(
          WebSocket.prototype,
          name,
        ) as PropertyDescriptor;
        const isReadonly = readonlyAttributes.includes(name);
        equal(
          [get !== undefined, set === undefined, enumerable, configurable],
          [true, isReadonly, true, true],
          name,
        );
        equal(get?.name, `get ${name}`);
        if (!isReadonly) equal(set?.name, `set ${name}`);
      }
    },
  },
  {
    title: "operations are enumerable, and count their required arguments",
    run: ({ WebSocket }) => {
      for (const [name, length] of [
        ["send", 1],
        ["close", 0],
      ] as const) {
        const { value, writable, enumerable, configurable } = Object.getOwnPropertyDescriptor(
          WebSocket.prototype,
          name,
        ) as { value: { length: number; name: string } } & PropertyDescriptor;
        equal([writable, enumerable, configurable], [true, true, true], name);
        equal([value.length, value.name], [length, name]);
      }
      equal([WebSocket.length, WebSocket.name], [1, "WebSocket"]);
    },
  },
  {
    title: "it inherits from EventTarget, and is of the class WebSocket",
    run: ({ WebSocket }) => {
      check(Object.getPrototypeOf(WebSocket) === EventTarget, "WebSocket extends EventTarget");
      equal(Object.getOwnPropertyDescriptor(WebSocket.prototype, Symbol.toStringTag), {
        value: "WebSocket",
        writable: false,
        enumerable: false,
        configurable: true,
      });
      const { writable } = Object.getOwnPropertyDescriptor(WebSocket, "prototype") ?? {};
      equal(writable, false);
      equal(Object.hasOwn(WebSocket.prototype, "addEventListener"), false);
    },
  },
  {
    title: "attributes and operations throw a TypeError on other objects",
    run: ({ WebSocket }) => {
      for (const object of [{}, Object.create(WebSocket.prototype) as object, new EventTarget()]) {
        for (const name of [...readonlyAttributes, ...attributes]) {
          throws("TypeError", () => Reflect.get(WebSocket.prototype, name, object), name);
        }
        for (const name of attributes) {
          throws("TypeError", () => Reflect.set(WebSocket.prototype, name, null, object), name);
        }
        throws("TypeError", () => WebSocket.prototype.send.call(object as never, "x"));
        throws("TypeError", () => WebSocket.prototype.close.call(object as never));
      }
    },
  },
  {
    title: "readonly attributes can't be set",
    run: async (api) => {
      const ws = await open(api, "/echo");
      for (const name of readonlyAttributes) {
        const before: unknown = Reflect.get(ws, name);
        throws("TypeError", () => {
          (ws as unknown as Record<string, unknown>)[name] = "changed";
        });
        equal(Reflect.get(ws, name), before, name);
      }
      ws.close();
      await closed(ws);
    },
  },
  {
    title: "it can be extended",
    run: async ({ WebSocket, server }) => {
      class Own extends WebSocket {
        readonly extra = 7;
      }
      const ws = new Own(`${server}/echo`);
      equal(
        [ws.extra, ws.OPEN, ws instanceof WebSocket, ws instanceof EventTarget],
        [7, 1, true, true],
      );
      ws.close();
      await closed(ws);
    },
  },
  {
    title: "binaryType is blob, changes, and ignores what it does not know",
    run: async (api) => {
      const ws = new api.WebSocket(`${api.server}/echo`);
      equal(ws.binaryType, "blob");
      ws.binaryType = "arraybuffer";
      equal(ws.binaryType, "arraybuffer");
      for (const wrong of ["", "Blob", "nodebuffer", null, undefined, 0]) {
        ws.binaryType = wrong as "blob";
        equal(ws.binaryType, "arraybuffer", String(wrong));
      }
      ws.binaryType = { toString: () => "blob" } as unknown as "blob";
      equal(ws.binaryType, "blob");
      ws.close();
      await closed(ws);
    },
  },
];
