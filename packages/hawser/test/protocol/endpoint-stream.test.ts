// Messages that an endpoint sends as they are made, and what is sent beside them.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { UsageError } from "../../dist/index.js";
import type { Extension } from "../../dist/protocol/index.js";
import { Conversation, hex } from "./conversation.js";

const text = (payload: string): string => hex(Buffer.from(payload));

/** Compresses to nothing but the number of bytes. */
const counting: Extension = {
  name: "count",
  minBytes: 3,
  sharedEncoding: undefined,
  decode: (payload) => payload,
  encode: (content) => Uint8Array.of(content.length),
  close: () => undefined,
};

const part = { fin: false, ofStream: true } as const;
const last = { ofStream: true } as const;

describe("endpoint: a message that is sent as it is made", () => {
  it("§5.4 other messages wait for its end, in their order; pings do not", () => {
    const conversation = new Conversation("server");
    const { endpoint } = conversation;
    endpoint.send("a", part);
    assert.ok(endpoint.isInFragments && endpoint.isInStream);
    endpoint.send("one");
    endpoint.send(Uint8Array.of(2), { isText: true });
    endpoint.ping();
    endpoint.send("b", part);
    assert.equal(endpoint.bufferedBytes, 3 + 3 + 1 + 2 + 3);
    endpoint.send("", last);
    assert.ok(!endpoint.isInFragments && !endpoint.isInStream);
    endpoint.send("three");
    assert.equal(
      conversation.output(),
      [
        ["0101", text("a"), "8900", "0001", text("b"), "8000"],
        ["8103", text("one"), "810102", "8105", text("three")],
      ]
        .flat()
        .join(""),
    );
  });

  it("of one part alone is a message like any other", () => {
    const conversation = new Conversation("server");
    conversation.endpoint.send("a", last);
    conversation.endpoint.send("b", { fin: false });
    conversation.endpoint.send("c");
    assert.equal(conversation.output(), `8101${text("a")}0101${text("b")}8001${text("c")}`);
  });

  it("RFC 7692 §6 what waits for its end is compressed in its turn", () => {
    const conversation = new Conversation("server", { extension: counting });
    const { endpoint } = conversation;
    endpoint.send("long enough", part);
    endpoint.send("long enough");
    endpoint.send("no");
    endpoint.send("long enough", { compress: false });
    endpoint.send("", last);
    assert.equal(
      conversation.output(),
      `010b${text("long enough")}8000 c1010b 8102${text("no")}810b${text("long enough")}`.replaceAll(
        " ",
        "",
      ),
    );
  });

  it("§5.4 nothing else can be sent in parts meanwhile", () => {
    const { endpoint } = new Conversation("server");
    const isRefused = (error: unknown): boolean =>
      error instanceof UsageError && error.code === "HAWSER_MESSAGE_OPEN";
    endpoint.send("a", part);
    assert.throws(() => endpoint.send("b", { fin: false }), isRefused);
    endpoint.send("", last);
    endpoint.send("a", { fin: false });
    assert.throws(() => endpoint.send("b", part), isRefused);
    assert.throws(() => endpoint.send("b", last), isRefused);
    endpoint.send("b");
  });

  it("what waits for its end is told that it is lost when the connection closes first", () => {
    for (const end of ["close", "abort"] as const) {
      const conversation = new Conversation("server");
      const { endpoint } = conversation;
      const told: unknown[] = [];
      endpoint.send("a", part);
      endpoint.send("lost", { onWritten: (error) => told.push(error) });
      endpoint.send("lost, too");
      endpoint[end]();
      if (end === "close") assert.ok(!endpoint.isInFragments && !endpoint.isInStream);
      assert.equal(endpoint.bufferedBytes, end === "abort" ? 0 : 5);
      for (const onWritten of endpoint.output.takeUnwritten()) onWritten(new Error("closed"));
      assert.equal(told.length, 1);
    }
  });
});
