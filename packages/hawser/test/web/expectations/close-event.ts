// The interface CloseEvent.

import { check, equal, type Expectation, throws } from "./expectation.ts";

export const closeEvent: readonly Expectation[] = [
  {
    title: "its attributes are those given, else false, 0 and the empty string",
    run: ({ CloseEvent }) => {
      const plain = new CloseEvent("close");
      equal([plain.type, plain.wasClean, plain.code, plain.reason], ["close", false, 0, ""]);
      equal([plain.bubbles, plain.cancelable, plain.isTrusted], [false, false, false]);
      const init = { wasClean: true, code: 4000, reason: "why", bubbles: true, cancelable: true };
      const full = new CloseEvent("other", init);
      equal([full.type, full.wasClean, full.code, full.reason], ["other", true, 4000, "why"]);
      equal([full.bubbles, full.cancelable], [true, true]);
      check(full instanceof Event, "an Event");
    },
  },
  {
    title: "needs a type, and a dictionary",
    run: ({ CloseEvent }) => {
      throws("TypeError", () => new (CloseEvent as unknown as new () => object)());
      throws("TypeError", () => new CloseEvent("close", 3 as unknown as object));
      throws("TypeError", () => (CloseEvent as unknown as (type: string) => object)("close"));
      equal(new CloseEvent("close", null as unknown as object).code, 0);
    },
  },
  {
    title: "code is an unsigned short",
    run: ({ CloseEvent }) => {
      equal(new CloseEvent("close", { code: 65_536 + 1000 }).code, 1000);
      equal(new CloseEvent("close", { code: NaN }).code, 0);
      equal(new CloseEvent("close", { code: 1000.9 }).code, 1000);
    },
  },
  {
    title: "attributes are enumerable accessors of the prototype, of their own objects",
    run: ({ CloseEvent }) => {
      for (const name of ["wasClean", "code", "reason"]) {
        const { get, enumerable } = Object.getOwnPropertyDescriptor(
          CloseEvent.prototype,
          name,
        ) as PropertyDescriptor;
        equal([get !== undefined, enumerable], [true, true], name);
        throws("TypeError", () => Reflect.get(CloseEvent.prototype, name, {}), name);
      }
      equal([CloseEvent.length, CloseEvent.name], [1, "CloseEvent"]);
      equal(Object.prototype.toString.call(new CloseEvent("x")), "[object CloseEvent]");
    },
  },
];
