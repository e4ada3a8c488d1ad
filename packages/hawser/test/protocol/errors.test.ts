import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  ConnectionClosedError,
  HandshakeError,
  InternalError,
  LimitError,
  ProtocolError,
  TransportError,
  UsageError,
  HawserError,
} from "../../dist/protocol/index.js";

describe("errors", () => {
  it("are all HawserErrors with a code and the name of their class", () => {
    const all = [
      new HawserError("HAWSER_X", "x"),
      new UsageError("HAWSER_X", "x"),
      new HandshakeError("HAWSER_X", "x"),
      new ProtocolError("HAWSER_X", "x", 1002, "RFC 6455 §5.2"),
      new LimitError("HAWSER_X", "x", 1, 2, 1009),
      new TransportError("HAWSER_X", "x"),
      new InternalError("HAWSER_X", "x"),
      new ConnectionClosedError(1000, "", true),
    ];
    for (const error of all) {
      assert.ok(error instanceof HawserError && error instanceof Error);
      assert.equal(error.name, error.constructor.name);
      assert.match(error.code, /^HAWSER_/);
      assert.equal("cause" in error, false);
    }
  });

  it("carry what their class promises", () => {
    const cause = new Error("because");
    const handshake = new HandshakeError("HAWSER_X", "x", {
      status: 401,
      headers: new Map([["a", ["b"]]]),
      body: "why",
      cause,
      phase: "waiting for 101",
    });
    assert.equal(handshake.phase, "waiting for 101");
    assert.equal(new TransportError("HAWSER_X", "x").phase, undefined);
    assert.equal(new TransportError("HAWSER_X", "x", cause, "TLS").phase, "TLS");
    assert.deepEqual(
      [handshake.status, handshake.headers.get("a"), handshake.body, handshake.cause],
      [401, ["b"], "why", cause],
    );
    const bare = new HandshakeError("HAWSER_X", "x");
    assert.deepEqual([bare.status, bare.headers.size, bare.body], [0, 0, ""]);
    const limit = new LimitError("HAWSER_X", "x", 10, 11, 1009);
    assert.deepEqual([limit.limit, limit.actual, limit.closeCode], [10, 11, 1009]);
    const protocol = new ProtocolError("HAWSER_X", "x", 1002, "RFC 6455 §5.1", {
      cause,
      actual: 5,
    });
    assert.deepEqual(
      [protocol.closeCode, protocol.rfc, protocol.cause, protocol.actual],
      [1002, "RFC 6455 §5.1", cause, 5],
    );
  });

  it("say how a connection closed", () => {
    assert.match(new ConnectionClosedError(1006, "", false).message, /\(1006\)/);
    const closed = new ConnectionClosedError(4000, "bye", true);
    assert.match(closed.message, /\(4000: bye\)/);
    assert.deepEqual([closed.closeCode, closed.reason, closed.wasClean], [4000, "bye", true]);
  });
});
