// Frames that are still being made elsewhere, once for many; what waits for an extension of the
// connection itself is in extension.test.ts.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { deferred, turn } from "../support/deferred.js";
import { bytes, closeFrame, Conversation } from "./conversation.js";

describe("outbox", () => {
  it("frames that are promised keep their place, and count with what they were estimated at", async () => {
    const conversation = new Conversation("server");
    const { endpoint } = conversation;
    const [first, second] = [deferred<Uint8Array>(), deferred<Uint8Array>()];
    endpoint.sendEncoded(first.promise, undefined, 100);
    endpoint.sendEncoded(second.promise, undefined, 50);
    endpoint.sendEncoded(bytes("810133"));
    endpoint.send("é");
    assert.deepEqual([endpoint.encodingBytes, endpoint.bufferedBytes], [155, 155]);
    second.resolve(bytes("810132"));
    await turn();
    assert.equal(conversation.output(), "");
    assert.equal(conversation.owner.outputs, 0);
    first.resolve(bytes("c10131"));
    await turn();
    assert.equal(conversation.output(), "c101318101328101338102c3a9");
    assert.equal(conversation.owner.outputs, 1);
    assert.deepEqual([endpoint.isEncoding, endpoint.encodingBytes], [false, 0]);
  });

  it("frames that are promised may come while they wait for the end of a message in fragments", async () => {
    const conversation = new Conversation("server");
    const { endpoint } = conversation;
    const [early, late] = [deferred<Uint8Array>(), deferred<Uint8Array>()];
    endpoint.send("a", { fin: false });
    endpoint.sendEncoded(early.promise, undefined, 10);
    endpoint.sendEncoded(late.promise, undefined, 10);
    assert.deepEqual([endpoint.isEncoding, endpoint.encodingBytes], [false, 0]);
    assert.equal(endpoint.bufferedBytes, 3 + 20);
    early.resolve(bytes("810131"));
    await turn();
    assert.equal(conversation.output(), "010161");
    endpoint.send("b");
    assert.equal(conversation.output(), "800162810131");
    assert.deepEqual([endpoint.isEncoding, endpoint.encodingBytes], [true, 10]);
    late.resolve(bytes("810132"));
    await turn();
    assert.equal(conversation.output(), "810132");
  });

  it("§7.1.2 what waits for the end of a message that never comes is given up with a Close frame", async () => {
    const conversation = new Conversation("server");
    const { endpoint } = conversation;
    const frames = deferred<Uint8Array>();
    endpoint.send("a", { fin: false });
    endpoint.sendEncoded(frames.promise, undefined, 10);
    endpoint.close();
    assert.equal(conversation.output(), "0101618800");
    assert.equal(endpoint.bufferedBytes, 0);
    frames.resolve(bytes("810131"));
    await turn();
    assert.equal(conversation.output(), "");
  });

  it("a frame that somebody made has its turn, and is told of when it has gone", async () => {
    const conversation = new Conversation("server");
    const { endpoint } = conversation;
    const promised = deferred<Uint8Array>();
    const told: string[] = [];
    endpoint.sendFrame(bytes("010130"), false, () => told.push("first"));
    endpoint.sendEncoded(bytes("810133"));
    assert.equal(conversation.output(), "010130");
    assert.equal(endpoint.isInFragments, true);
    endpoint.sendFrame(bytes("000131"), false, () => told.push("second"));
    endpoint.sendFrame(bytes("800132"), true);
    assert.equal(conversation.output(), "000131800132810133");
    endpoint.sendEncoded(promised.promise, undefined, 3);
    endpoint.sendFrame(bytes("810135"), true, () => told.push("third"));
    assert.deepEqual(endpoint.output.takeWritten()?.length, 2);
    assert.equal(conversation.output(), "");
    promised.resolve(bytes("810134"));
    await turn();
    assert.equal(conversation.output(), "810134810135");
    for (const onWritten of endpoint.output.takeWritten() ?? []) onWritten();
    assert.deepEqual(told, ["third"]);
  });

  it("frames with a key that had to wait replace those with the same key", async () => {
    const conversation = new Conversation("server");
    const frames = deferred<Uint8Array>();
    conversation.endpoint.sendEncoded(bytes("810130"), "k");
    conversation.endpoint.sendEncoded(frames.promise, "k", 3);
    conversation.endpoint.sendEncoded(bytes("810132"), "k");
    frames.resolve(bytes("810131"));
    await turn();
    assert.equal(conversation.output(), "810132");
  });

  it("of frames with the same key that wait, the newest go out, in the place of the oldest", async () => {
    const conversation = new Conversation("server");
    const { endpoint } = conversation;
    const [first, second, third] = [
      deferred<Uint8Array>(),
      deferred<Uint8Array>(),
      deferred<Uint8Array>(),
    ];
    endpoint.sendEncoded(first.promise, undefined, 100);
    endpoint.sendEncoded(bytes("810131"), "k");
    endpoint.send("behind");
    endpoint.sendEncoded(second.promise, "k", 20);
    assert.deepEqual([endpoint.keyedBytes("k"), endpoint.keyedBytes("none")], [20, 0]);
    endpoint.sendEncoded(third.promise, "k", 30);
    assert.deepEqual([endpoint.keyedBytes("k"), endpoint.encodingBytes], [30, 100 + 30 + 6]);
    third.resolve(bytes("810133"));
    await turn();
    second.resolve(bytes("810132"));
    await turn();
    first.resolve(bytes("810130"));
    await turn();
    assert.equal(conversation.output(), "8101308101338106626568696e64");
    assert.deepEqual([endpoint.keyedBytes("k"), endpoint.bufferedBytes], [0, 0]);
  });

  it("frames with a key that are there replace those that are waited for, and go out at once", async () => {
    const conversation = new Conversation("server");
    const { endpoint } = conversation;
    const older = deferred<Uint8Array>();
    endpoint.sendEncoded(older.promise, "k", 100);
    endpoint.sendEncoded(bytes("810132"), "k");
    assert.equal(conversation.output(), "810132");
    assert.deepEqual([endpoint.isEncoding, endpoint.bufferedBytes], [false, 0]);
    older.reject(new Error("nobody waits for it any more"));
    await turn();
    assert.deepEqual([conversation.events, endpoint.state], [[], "open"]);
  });

  it("frames with a key are replaced behind a message in fragments, too, and keep their place", async () => {
    const conversation = new Conversation("server");
    const { endpoint } = conversation;
    const [older, newer] = [deferred<Uint8Array>(), deferred<Uint8Array>()];
    endpoint.send("a", { fin: false });
    endpoint.sendEncoded(older.promise, "k", 10);
    endpoint.sendEncoded(bytes("810132"));
    endpoint.sendEncoded(newer.promise, "k", 40);
    assert.deepEqual([endpoint.keyedBytes("k"), endpoint.bufferedBytes], [40, 3 + 40 + 3]);
    endpoint.send("b");
    assert.deepEqual([endpoint.encodingBytes, endpoint.bufferedBytes], [43, 6 + 43]);
    older.resolve(bytes("810131"));
    await turn();
    assert.equal(conversation.output(), "010161800162");
    newer.resolve(bytes("810133"));
    await turn();
    assert.equal(conversation.output(), "810133810132");
  });

  it("frames that are promised and don't come are our own fault: 1011", async () => {
    const conversation = new Conversation("server");
    const { endpoint } = conversation;
    endpoint.send("a", { fin: false });
    endpoint.sendEncoded(Promise.reject(new Error("no memory")));
    assert.equal(endpoint.bufferedBytes, 3);
    await turn();
    assert.equal(conversation.output(), `010161${closeFrame(1011)}`);
    assert.deepEqual(conversation.events, [["failed", "HAWSER_ENCODING_FAILED"]]);
    assert.equal(endpoint.state, "failed");
  });
});
