// The interface WebSocketError.

import { check, equal, type Expectation, throws } from "./expectation.ts";

export const webSocketError: readonly Expectation[] = [
  {
    title: "a DOMException of that name, without a legacy code",
    run: ({ WebSocketError }) => {
      const error = new WebSocketError("message");
      check(error instanceof DOMException && error instanceof Error, "a DOMException");
      check(Object.getPrototypeOf(WebSocketError) === DOMException, "the class is derived from it");
      equal([error.name, error.message, error.code], ["WebSocketError", "message", 0]);
      equal([error.closeCode, error.reason], [null, ""]);
      equal(Object.prototype.toString.call(error), "[object WebSocketError]");
      equal([WebSocketError.length, new WebSocketError().message], [0, ""]);
    },
  },
  {
    title: "closeCode and reason are those given; a reason alone has 1000",
    run: ({ WebSocketError }) => {
      const make = (init: unknown): unknown[] => {
        const { closeCode, reason } = new WebSocketError("", init as object);
        return [closeCode, reason];
      };
      equal(make({}), [null, ""]);
      equal(make(null), [null, ""]);
      equal(make({ closeCode: undefined, reason: undefined }), [null, ""]);
      equal(make({ closeCode: 1000 }), [1000, ""]);
      equal(make({ closeCode: 3000, reason: "why" }), [3000, "why"]);
      equal(make({ closeCode: "4999", reason: 7 }), [4999, "7"]);
      equal(make({ reason: "why" }), [1000, "why"]);
      equal(make({ reason: "" }), [null, ""]);
      equal(make({ closeCode: 1000, reason: "\ud800" }), [1000, "\ufffd"]);
      equal(make({ closeCode: 1000, reason: "x".repeat(123) }), [1000, "x".repeat(123)]);
    },
  },
  {
    title:
      "another code → InvalidAccessError, a longer reason → SyntaxError, no dictionary → TypeError",
    run: ({ WebSocketError }) => {
      const make = (init: unknown): unknown => new WebSocketError("", init as object);
      for (const closeCode of [0, 999, 1001, 1005, 1006, 2999, 5000, 70_000, -1, NaN, null]) {
        throws("InvalidAccessError", () => make({ closeCode }), String(closeCode));
      }
      throws("SyntaxError", () => make({ reason: "x".repeat(124) }));
      throws("SyntaxError", () => make({ closeCode: 1000, reason: "ä".repeat(62) }));
      throws("TypeError", () => make(3));
      throws("TypeError", () => new WebSocketError(Symbol("message") as unknown as string));
      throws("TypeError", () => (WebSocketError as unknown as () => object)());
    },
  },
  {
    title: "each member is read and converted before the next one",
    run: ({ WebSocketError }) => {
      const seen: string[] = [];
      const note =
        (what: string, value: unknown): (() => unknown) =>
        () => {
          seen.push(what);
          return value;
        };
      const code = { valueOf: note("code", 1000) };
      const reason = { toString: note("reason", "x") };
      const init = Object.defineProperties(
        {},
        { closeCode: { get: note("get code", code) }, reason: { get: note("get reason", reason) } },
      );
      equal(new WebSocketError("", init).reason, "x");
      equal(seen, ["get code", "code", "get reason", "reason"]);
    },
  },
  {
    title: "attributes are enumerable accessors of the prototype, of their own objects",
    run: ({ WebSocketError }) => {
      for (const name of ["closeCode", "reason"]) {
        const { get, set, enumerable } = Object.getOwnPropertyDescriptor(
          WebSocketError.prototype,
          name,
        ) as PropertyDescriptor;
        equal([get !== undefined, set === undefined, enumerable], [true, true, true], name);
        throws("TypeError", () => Reflect.get(WebSocketError.prototype, name, {}), name);
      }
    },
  },
];
