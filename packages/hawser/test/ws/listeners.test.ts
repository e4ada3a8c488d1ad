import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { describe, it } from "node:test";
import { makeListenersSmall } from "../../dist/ws/listeners.js";

describe("ws: listeners in an object with properties", () => {
  function emitter(): EventEmitter {
    const one = new EventEmitter();
    makeListenersSmall(one);
    return one;
  }

  it("are called in order, and once where that was said", () => {
    const one = emitter();
    const calls: unknown[] = [];
    one.on("a", (value) => calls.push(["first", value]));
    one.once("a", (value) => calls.push(["once", value]));
    one.prependListener("a", (value) => calls.push(["before", value]));
    assert.ok(one.emit("a", 1));
    assert.ok(one.emit("a", 2));
    assert.deepEqual(calls, [
      ["before", 1],
      ["first", 1],
      ["once", 1],
      ["before", 2],
      ["first", 2],
    ]);
    assert.deepEqual(one.eventNames(), ["a"]);
    one.removeAllListeners("a");
    assert.ok(!one.emit("a"));
    assert.deepEqual(one.eventNames(), []);
  });

  for (const name of ["constructor", "__proto__", "toString", "hasOwnProperty"]) {
    it(`nobody listens to "${name}" before somebody does`, () => {
      const one = emitter();
      assert.ok(!one.emit(name));
      assert.equal(one.listenerCount(name), 0);
      let calls = 0;
      one.on(name, () => calls++);
      assert.ok(one.emit(name));
      assert.equal(calls, 1);
    });
  }

  it("an error that nobody listens to is thrown", () => {
    assert.throws(() => emitter().emit("error", new Error("mine")), /mine/);
  });
});
