// The comparison itself: it finds what differs, in whatever order it comes, and an explanation needs a
// difference. The second subject is npm `ws` broken on purpose.

import assert from "node:assert/strict";
import { it } from "node:test";
import { compare, difference, playOn, type Script, script } from "./runner.ts";
import { type LoadedSubject, reference, type Subject } from "./subjects.ts";

/** npm `ws` with some members replaced. */
function broken(changes: (subject: Subject) => Partial<Subject>): LoadedSubject {
  const esm = { ...reference.esm, ...changes(reference.esm) };
  return { ...reference, name: "broken", esm };
}

const greeting = script("a text is sent and the connection closed", async ({ stage, log }) => {
  const { ws, peer } = await stage.asClient(
    {},
    {
      onFrame: ({ opcode }) => opcode === 8 && peer.socket.end(),
    },
  );
  ws.send("hello", () => log.note("called"));
  ws.close(1000);
  await log.until("ws", "close");
  await log.until("wire", "end");
});

function fails(
  title: string,
  changes: (subject: Subject) => Partial<Subject>,
  shown: RegExp,
): void {
  it(title, async () => {
    await assert.rejects(compare(greeting, [reference, broken(changes)]), shown);
  });
}

it("npm ws does not differ from itself", () => compare(greeting, [reference, reference]));

fails(
  "other bytes on the wire are a difference",
  ({ WebSocket }) => ({
    WebSocket: class extends WebSocket {
      override send(_: unknown, done: unknown): void {
        super.send("hallo", done as () => void);
      }
    },
  }),
  /- wire: text fin masked <68656c6c6f>\n.*\+ wire: text fin masked <68616c6c6f>/,
);

fails(
  "another close code is a difference",
  ({ WebSocket }) => ({
    WebSocket: class extends WebSocket {
      override close(): void {
        super.close(1001);
      }
    },
  }),
  /- wire: close fin masked <03e8>/,
);

fails(
  "an event that comes twice is a difference",
  ({ WebSocket }) => ({
    WebSocket: class extends WebSocket {
      override close(code: number): void {
        this.emit("ping", Buffer.alloc(0));
        super.close(code);
      }
    },
  }),
  /\+ ws: ping/,
);

fails(
  "a callback that does not come is a difference",
  ({ WebSocket }) => ({
    WebSocket: class extends WebSocket {
      override send(data: string): void {
        super.send(data);
      }
    },
  }),
  /- script: called/,
);

fails(
  "an error in place of a conversation is a difference",
  ({ WebSocket }) => ({
    WebSocket: class extends WebSocket {
      override send(): void {
        throw new Error("not today");
      }
    },
  }),
  /\+ ~failure: failure Error\("not today"\)/,
);

it("an explained difference passes, and has to be there", async () => {
  const explained: Script = { ...greeting, explained: "because" };
  const silent = broken(({ WebSocket }) => ({
    WebSocket: class extends WebSocket {
      override send(data: string): void {
        super.send(data);
      }
    },
  }));
  await compare(explained, [reference, silent]);
  const same: LoadedSubject = { ...reference, name: "another name" };
  await assert.rejects(compare(explained, [reference, same]), /no difference any more/);
});

it("a script that fails on npm ws is at fault itself", async () => {
  const bad = script("bad", () => {
    throw new Error("the script's own");
  });
  await assert.rejects(compare(bad, [reference, reference]), /on npm ws:.*the script's own/s);
});

it("a log keeps the order within a track and not between tracks", async () => {
  const lines = await playOn(
    reference,
    script("tracks", ({ log }) => {
      log.add("b", "first");
      log.add("a", "second");
      log.add("b", "third");
    }),
  );
  assert.deepEqual(lines, ["a: second", "b: first", "b: third"]);
});

it("a difference shows what both have, and what one has", () => {
  assert.equal(difference(["a", "b"], ["a", "b"]), undefined);
  assert.equal(difference(["a", "b", "c"], ["a", "c", "d"]), "    a\n  - b\n    c\n  + d");
});
