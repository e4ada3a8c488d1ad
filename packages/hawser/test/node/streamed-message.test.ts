// The writing end of a message as a stream; the inbox that feeds it has a test of its own.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import { MessageBody, toStreamed, toWhole } from "../../dist/node/streamed-message.js";

function make(isText: boolean): { body: MessageBody; asked: string[] } {
  const asked: string[] = [];
  const source = { hold: () => asked.push("hold"), resume: () => asked.push("resume") };
  return { body: new MessageBody(isText, source), asked };
}

function bytesOf(body: MessageBody): ReadableStream<Uint8Array> {
  return body.message.readable as ReadableStream<Uint8Array>;
}

describe("streamed message", () => {
  it("of bytes can be read into memory of the reader's own, also where a part is larger", async () => {
    const { body } = make(false);
    const reader = bytesOf(body).getReader({ mode: "byob" });
    const reads = [1, 2, 8].map((size) => reader.read(new Uint8Array(size)));
    body.receive(Buffer.from([1, 2, 3, 4, 5]), false);
    body.receive(Buffer.from([6]), false);
    const values = (await Promise.all(reads)).map(({ value }) => [...(value ?? [])]);
    assert.deepEqual(values, [[1], [2, 3], [4, 5]]);
    const last = await reader.read(new Uint8Array(8));
    assert.deepEqual([...(last.value ?? [])], [6]);
    const end = reader.read(new Uint8Array(8));
    body.receive(new Uint8Array(0), true);
    assert.equal((await end).done, true);
  });

  it("gives bytes that stay when those of the source are overwritten", async () => {
    const { body } = make(false);
    const shared = Buffer.from("first");
    body.receive(shared, false);
    shared.write("other");
    body.receive(shared, true);
    const chunks: string[] = [];
    for await (const chunk of bytesOf(body)) chunks.push(Buffer.from(chunk).toString());
    assert.deepEqual(chunks, ["first", "other"]);
  });

  it("holds back past 64 KiB that nobody has read, in bytes or units of text", async () => {
    for (const isText of [false, true]) {
      const { body, asked } = make(isText);
      body.receive(Buffer.alloc(60 * 1024, "a"), false);
      assert.deepEqual(asked, []);
      body.receive(Buffer.alloc(4 * 1024, "a"), false);
      assert.deepEqual(asked, ["hold"]);
      const reader = body.message.readable.getReader();
      await reader.read();
      assert.deepEqual(asked, ["hold", "resume"]);
    }
  });

  it("made of a whole message has its content, and nothing of the memory beside it", async () => {
    for (const message of ["", "text €", Buffer.alloc(0), Buffer.from("bytes")]) {
      const streamed = toStreamed(message);
      assert.equal(streamed.isText, typeof message === "string");
      assert.deepEqual(await toWhole(streamed), message);
    }
    const message = Buffer.from("short");
    const { value } = await bytesOf({ message: toStreamed(message) } as MessageBody)
      .getReader()
      .read();
    assert.equal(value?.buffer.byteLength, 5);
    assert.equal(message.toString(), "short");
  });
});
