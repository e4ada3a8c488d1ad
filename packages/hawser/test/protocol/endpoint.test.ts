import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { violation } from "../../dist/protocol/fault.js";
import {
  encodeMessage,
  InternalError,
  UsageError,
  HawserError,
} from "../../dist/protocol/index.js";
import { nodePlatform } from "../../dist/index.js";
import {
  bytes,
  checkBothRoles,
  closeFrame,
  Conversation,
  masked,
  unmasked,
} from "./conversation.js";

const roles = ["server", "client"] as const;

/** What the conversation wrote, without a client's masks. */
function plainOutput(conversation: Conversation, role: "client" | "server"): string {
  const written = conversation.output();
  return role === "client" ? unmasked(written) : written;
}

function incoming(role: "client" | "server", frames: string): Buffer {
  return role === "server" ? masked(bytes(frames)) : bytes(frames);
}

describe("endpoint: receiving", () => {
  it("tells how much of a frame's payload is there", () => {
    const { endpoint } = new Conversation("client");
    for (const [input, there] of [
      ["82", 0],
      ["03", 0],
      ["01", 1],
      ["02", 2],
      ["03 8202 01", 1],
      ["02", 0],
    ] as const) {
      endpoint.receive(bytes(input));
      assert.equal(endpoint.unfinishedFrameBytes, there, input);
    }
  });
});

describe("endpoint: failing", () => {
  for (const role of roles) {
    it(`§7.1.7 ${role}: says that its Close frame is to be written, before it tells of the failure`, () => {
      const conversation = new Conversation(role);
      let outputs = 0;
      conversation.owner.onEvent = () => {
        ({ outputs } = conversation.owner);
      };
      conversation.receive(incoming(role, "83 00"));
      assert.deepEqual(conversation.events, [["failed", "HAWSER_RESERVED_OPCODE"]]);
      assert.equal(outputs, 1);
    });

    it(`§7.4.1 ${role}: of an error of ours the peer gets 1011, and no detail`, () => {
      const conversation = new Conversation(role);
      const error = new InternalError("HAWSER_ENCODING_FAILED", "a secret", new Error("another"));
      conversation.endpoint.fail(error);
      assert.equal(plainOutput(conversation, role), "880203f3");
    });

    it(`§5.5.1 ${role}: nothing is kept of what comes behind the end`, () => {
      const conversation = new Conversation(role);
      conversation.receive(incoming(role, "88 00"));
      conversation.endpoint.hold();
      conversation.receive(incoming(role, "82 03 010203"));
      assert.equal(conversation.endpoint.unreadBytes, 0);
      conversation.endpoint.release();
      assert.deepEqual(conversation.events, [["close", 1005, ""]]);
    });
  }
});

describe("endpoint: sending", () => {
  for (const role of roles) {
    it(`§5.6 ${role}: text and binary messages`, () => {
      const conversation = new Conversation(role);
      conversation.endpoint.send("Hello");
      conversation.endpoint.send(bytes("0102"));
      assert.equal(conversation.endpoint.bufferedBytes, role === "server" ? 11 : 19);
      assert.equal(plainOutput(conversation, role), "810548656c6c6f82020102");
    });

    it(`§5.4 ${role}: a message in fragments, of the type of its first part`, () => {
      const conversation = new Conversation(role);
      conversation.endpoint.send("Hel", { fin: false });
      conversation.endpoint.ping("x");
      conversation.endpoint.send("", { fin: false });
      conversation.endpoint.send(bytes("6c6f"), { fin: true });
      conversation.endpoint.send("next");
      assert.equal(
        plainOutput(conversation, role),
        "010348656c 890178 0000 80026c6f 81046e657874".replaceAll(" ", ""),
      );
    });

    it(`§5.5.2 ${role}: pings and pongs of at most 125 bytes`, () => {
      const conversation = new Conversation(role);
      conversation.endpoint.ping();
      conversation.endpoint.pong(bytes("aa"));
      assert.equal(plainOutput(conversation, role), "89008a01aa");
      for (const payload of ["x".repeat(126), "é".repeat(63), new Uint8Array(126)]) {
        assert.throws(() => conversation.endpoint.ping(payload), isUsage("HAWSER_CONTROL_PAYLOAD"));
        assert.throws(() => conversation.endpoint.pong(payload), isUsage("HAWSER_CONTROL_PAYLOAD"));
      }
      assert.equal(conversation.output(), "");
    });
  }

  it("§5.4 frames that were encoded elsewhere wait for the end of a message in fragments", () => {
    const conversation = new Conversation("server");
    const frame = encodeMessage(nodePlatform, "all");
    conversation.endpoint.sendEncoded(frame);
    conversation.endpoint.send("a", { fin: false });
    conversation.endpoint.sendEncoded(frame);
    conversation.endpoint.sendEncoded(frame);
    assert.equal(conversation.endpoint.bufferedBytes, 5 + 3 + 10);
    assert.equal(conversation.endpoint.isInFragments, true);
    conversation.endpoint.send("b");
    assert.equal(conversation.endpoint.isInFragments, false);
    assert.equal(
      conversation.output(),
      "8103616c6c 010161 800162 8103616c6c 8103616c6c".replaceAll(" ", ""),
    );
    assert.equal(conversation.endpoint.bufferedBytes, 0);
  });

  it("refuses to send unless open", () => {
    const conversation = new Conversation("server");
    conversation.endpoint.close();
    const { endpoint } = conversation;
    assert.throws(() => endpoint.send("x"), isUsage("HAWSER_NOT_OPEN"));
    assert.throws(() => endpoint.sendEncoded(bytes("8100")), isUsage("HAWSER_NOT_OPEN"));
    assert.throws(() => endpoint.sendFrame(bytes("8100"), true), isUsage("HAWSER_NOT_OPEN"));
    assert.throws(() => endpoint.ping(), isUsage("HAWSER_NOT_OPEN"));
    assert.throws(() => endpoint.pong(), isUsage("HAWSER_NOT_OPEN"));
  });
});

describe("endpoint: pings", () => {
  it("§5.5.2 every ping gets its pong, in order", () => {
    checkBothRoles({
      frames: "89 00  89 01 31  89 01 32",
      events: [
        ["ping", ""],
        ["ping", "31"],
        ["ping", "32"],
      ],
      output: "8a 00 8a 01 31 8a 01 32",
    });
  });

  it("§5.5.3 while output is backed up only the newest ping will be answered", () => {
    const conversation = new Conversation("server");
    conversation.endpoint.setBackedUp(true);
    conversation.receive(masked(bytes("89 01 31  89 01 32  89 01 33")));
    assert.equal(conversation.output(), "");
    conversation.endpoint.setBackedUp(false);
    assert.equal(conversation.output(), "8a0133");
    conversation.endpoint.setBackedUp(false);
    assert.equal(conversation.output(), "");
  });

  it("§5.5.2 a ping is answered after our own Close frame, but not after the peer's", () => {
    const conversation = new Conversation("server");
    conversation.endpoint.close(1000);
    conversation.receive(masked(bytes("89 01 31")));
    assert.equal(conversation.output(), "880203e88a0131");
    conversation.endpoint.setBackedUp(true);
    conversation.receive(masked(bytes("89 01 32 88 00 89 01 33")));
    conversation.endpoint.setBackedUp(false);
    assert.equal(conversation.output(), "");
    assert.deepEqual(conversation.events.at(-1), ["close", 1005, ""]);
  });

  it("§5.5.3 unasked pongs are not answered", () => {
    checkBothRoles({
      frames: "8a 00 8a 01 31",
      events: [
        ["pong", ""],
        ["pong", "31"],
      ],
    });
  });
});

describe("endpoint: closing", () => {
  it("§5.5.1 answers a Close frame with its code, and ignores what comes behind it", () => {
    checkBothRoles({
      frames: "88 05 0fa0 627965  81 01 41  88 00  83 00",
      events: [["close", 4000, "bye"]],
      output: "88 02 0fa0",
    });
  });

  it("§7.1.5 a Close frame without a code is 1005, and answered without one", () => {
    checkBothRoles({ frames: "88 00", events: [["close", 1005, ""]], output: "88 00" });
  });

  for (const code of [
    1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 4999,
  ]) {
    it(`§7.4 takes and echoes the code ${code}`, () => {
      checkBothRoles({
        frames: closeFrame(code, "é"),
        events: [["close", code, "é"]],
        output: closeFrame(code),
      });
    });
  }

  for (const role of roles) {
    it(`§7.1.2 ${role}: starts the closing handshake once, with code and reason`, () => {
      const conversation = new Conversation(role);
      conversation.endpoint.close(4001, "tschüß");
      conversation.endpoint.close(4002);
      assert.equal(conversation.endpoint.state, "close-sent");
      assert.equal(plainOutput(conversation, role), closeFrame(4001, "tschüß"));
      conversation.receive(incoming(role, "81 01 41 88 02 0fa1"));
      assert.deepEqual(conversation.events, [
        ["text", "A"],
        ["close", 4001, ""],
      ]);
      assert.equal(conversation.output(), "");
      assert.equal(conversation.endpoint.state, "close-exchanged");
      conversation.endpoint.receiveEnd();
      assert.deepEqual(conversation.events.at(-1), ["end"]);
      assert.deepEqual(conversation.endpoint.outcome, { code: 4001, reason: "", wasClean: true });
    });

    it(`§7.1.1 ${role}: both at once end as one close`, () => {
      const conversation = new Conversation(role);
      conversation.endpoint.close(1000);
      conversation.receive(incoming(role, "88 02 03e9"));
      conversation.endpoint.receiveEnd();
      conversation.endpoint.receiveEnd();
      assert.deepEqual(conversation.events, [["close", 1001, ""], ["end"]]);
      assert.equal(plainOutput(conversation, role), "880203e8");
    });

    it(`§7.1.7 ${role}: failing after our own Close frame sends no second one`, () => {
      const conversation = new Conversation(role);
      conversation.endpoint.close(1000);
      conversation.receive(incoming(role, "83 00"));
      assert.equal(plainOutput(conversation, role), "880203e8");
      assert.deepEqual(conversation.events, [["failed", "HAWSER_RESERVED_OPCODE"]]);
      assert.equal(conversation.endpoint.state, "failed");
    });

    it(`§7.1.7 ${role}: reads nothing any more once it has failed`, () => {
      const conversation = new Conversation(role);
      conversation.receive(incoming(role, "83 00 81 01 41 88 00"));
      conversation.receive(incoming(role, "81 01 41 88 00"));
      assert.deepEqual(conversation.events, [["failed", "HAWSER_RESERVED_OPCODE"]]);
      conversation.endpoint.fail(violation("HAWSER_CLOSE_CODE"));
      conversation.endpoint.close(1000);
      conversation.endpoint.receiveEnd();
      assert.deepEqual(conversation.events.slice(1), [["end"]]);
      assert.deepEqual(conversation.endpoint.outcome, { code: 1006, reason: "", wasClean: false });
    });
  }

  it("§7.1.5 an end without a Close frame is 1006", () => {
    const conversation = new Conversation("server");
    conversation.receive(masked(bytes("81 01 41 01 01 42")));
    conversation.endpoint.receiveEnd();
    assert.deepEqual(conversation.events, [["text", "A"], ["end"]]);
    assert.deepEqual(conversation.endpoint.outcome, { code: 1006, reason: "", wasClean: false });
    assert.equal(conversation.endpoint.state, "closed");
  });

  it("§7.4 refuses a code or reason that can't be, before anything is sent", () => {
    const conversation = new Conversation("server");
    assert.throws(() => conversation.endpoint.close(1005), isUsage("HAWSER_CLOSE_CODE_INVALID"));
    assert.equal(conversation.output(), "");
    assert.equal(conversation.endpoint.state, "open");
  });

  it("a Close frame ends a message in fragments", () => {
    const conversation = new Conversation("server");
    conversation.endpoint.send("a", { fin: false });
    conversation.endpoint.close();
    assert.equal(conversation.output(), "0101618800");
  });
});

describe("endpoint: holding", () => {
  const three = masked(bytes("81 01 61 81 01 62 81 01 63"));

  it("delivers nothing while held, and goes on where it stopped", () => {
    const conversation = new Conversation("server");
    conversation.owner.onEvent = () => conversation.endpoint.hold();
    conversation.receive(three);
    assert.deepEqual(conversation.events, [["text", "a"]]);
    assert.equal(conversation.endpoint.isHeld, true);
    conversation.receive(masked(bytes("81 01 64")));
    assert.equal(conversation.events.length, 1);
    conversation.endpoint.release();
    assert.deepEqual(conversation.events.at(-1), ["text", "b"]);
    conversation.owner.onEvent = () => undefined;
    conversation.endpoint.release();
    assert.deepEqual(conversation.events.slice(2), [
      ["text", "c"],
      ["text", "d"],
    ]);
  });

  it("tells how much waits unread, also when a message ends where a chunk ended", () => {
    const conversation = new Conversation("server");
    const { endpoint } = conversation;
    assert.equal(endpoint.unreadBytes, 0);
    conversation.owner.onEvent = () => endpoint.hold();
    conversation.receive(masked(bytes("81 01 61 81 01 62")));
    assert.equal(endpoint.unreadBytes, 7);
    conversation.receive(masked(bytes("81 01 63")));
    assert.equal(endpoint.unreadBytes, 14);
    endpoint.release();
    assert.equal(endpoint.unreadBytes, 7);
    endpoint.release();
    assert.equal(endpoint.unreadBytes, 0);
    assert.deepEqual(conversation.events, [
      ["text", "a"],
      ["text", "b"],
      ["text", "c"],
    ]);
  });

  it("may be held and released within an event: order is kept", () => {
    const conversation = new Conversation("server");
    conversation.owner.onEvent = () => {
      conversation.endpoint.hold();
      conversation.endpoint.release();
    };
    conversation.receive(three);
    assert.deepEqual(conversation.events, [
      ["text", "a"],
      ["text", "b"],
      ["text", "c"],
    ]);
  });

  it("§5.4 goes on with a message when it is held between two fragments, and all was read", () => {
    const conversation = new Conversation("client");
    conversation.owner.onEvent = () => conversation.endpoint.hold();
    conversation.receive(bytes("010161 8900"));
    assert.deepEqual([conversation.events, conversation.endpoint.unreadBytes], [[["ping", ""]], 0]);
    conversation.endpoint.release();
    conversation.receive(bytes("800162"));
    assert.deepEqual(conversation.events.slice(1), [["text", "ab"]]);
  });

  it("reports the end only behind what was held", () => {
    const conversation = new Conversation("server");
    conversation.endpoint.hold();
    conversation.receive(three);
    conversation.endpoint.receiveEnd();
    assert.deepEqual(conversation.events, []);
    conversation.endpoint.release();
    assert.deepEqual(conversation.events.at(-1), ["end"]);
    assert.equal(conversation.events.length, 4);
  });

  it("drops what was held when it is aborted, and ends once", () => {
    const conversation = new Conversation("server");
    conversation.endpoint.hold();
    conversation.receive(three);
    conversation.endpoint.send("late");
    conversation.endpoint.abort();
    conversation.endpoint.abort();
    conversation.endpoint.release();
    conversation.receive(three);
    assert.deepEqual(conversation.events, [["end"]]);
    assert.equal(conversation.output(), "");
    assert.equal(conversation.endpoint.outcome.code, 1006);
  });

  it("may be aborted within an event", () => {
    const conversation = new Conversation("server");
    conversation.owner.onEvent = () => conversation.endpoint.abort();
    conversation.receive(three);
    assert.deepEqual(conversation.events, [["text", "a"], ["end"]]);
  });
});

describe("endpoint: state", () => {
  it("§5.5.1 closing within the event of a Close frame does nothing: the answer is out", () => {
    const conversation = new Conversation("server");
    conversation.owner.onEvent = ([name]) => {
      if (name === "close") conversation.endpoint.close(1000);
    };
    conversation.receive(masked(bytes("88 00")));
    assert.equal(conversation.endpoint.state, "close-exchanged");
    assert.equal(conversation.output(), "8800");
  });
});

function isUsage(code: string): (error: unknown) => boolean {
  return (error) =>
    error instanceof UsageError && error instanceof HawserError && error.code === code;
}

describe("endpoint: what was written", () => {
  const told = (written: string[], name: string) => (error?: Error) =>
    void written.push(error === undefined ? name : `${name}: ${error.message}`);

  it("is told of a message, a part, a ping and a pong when they were taken", () => {
    const conversation = new Conversation("server");
    const { endpoint } = conversation;
    const written: string[] = [];
    endpoint.send("a", { onWritten: told(written, "text") });
    endpoint.send(Buffer.alloc(5_000), { fin: false, onWritten: told(written, "binary") });
    endpoint.ping("", told(written, "ping"));
    endpoint.pong("", told(written, "pong"));
    const { output } = endpoint;
    assert.equal(output.takeWritten(), undefined);
    assert.equal(output.take()?.length, 3 + 4, "the text, and the large message's header");
    const tell = (): void => {
      for (const onWritten of output.takeWritten() ?? []) onWritten();
    };
    tell();
    assert.deepEqual(written.splice(0), ["text"]);
    output.take();
    tell();
    assert.deepEqual(written.splice(0), ["binary"]);
    output.take();
    tell();
    assert.deepEqual(written, ["ping", "pong"]);
    assert.equal(output.takeWritten(), undefined);
    assert.deepEqual(output.takeUnwritten(), []);
  });

  it("is not a message that was dropped", () => {
    const conversation = new Conversation("server");
    conversation.endpoint.send("a", { onWritten: () => undefined });
    conversation.endpoint.abort();
    assert.equal(conversation.endpoint.output.takeWritten(), undefined);
    assert.equal(conversation.endpoint.output.takeUnwritten().length, 1);
  });

  it("is later when frames with a key that wait before it grow", () => {
    const { output } = new Conversation("server").endpoint;
    output.frames(bytes("8100"), "k");
    output.mark(() => undefined);
    output.frames(bytes("810161"), "k");
    output.text(0x81, "behind");
    output.take();
    assert.equal(output.takeWritten()?.length, 1);
  });
});

describe("endpoint: for faces of other habits", () => {
  it("gives texts as bytes, whole, in fragments and long", () => {
    const long = Buffer.from("é".repeat(400));
    const frames = [bytes("810161 8102c3a9 0101c3 8001a9 8200"), bytes("817e0320"), long];
    const conversation = new Conversation("client", { textsAsBytes: true });
    conversation.receive(Buffer.concat(frames));
    assert.deepEqual(conversation.events, [
      ["text as bytes", "61"],
      ["text as bytes", "c3a9"],
      ["text as bytes", "c3a9"],
      ["binary", ""],
      ["text as bytes", long.toString("hex")],
    ]);
  });

  it("gives them unmasked, too", () => {
    const conversation = new Conversation("server", { textsAsBytes: true });
    conversation.receive(masked(bytes("810161 8102c3a9")));
    assert.deepEqual(conversation.events, [
      ["text as bytes", "61"],
      ["text as bytes", "c3a9"],
    ]);
  });

  it("§8.1 leaves UTF-8 unchecked, in texts and in reasons", () => {
    const options = { textsAsBytes: true, checksUtf8: false };
    const conversation = new Conversation("client", options);
    conversation.receive(bytes("8101ff 0101ff 8000 880303e8ff"));
    assert.deepEqual(conversation.events, [
      ["text as bytes", "ff"],
      ["text as bytes", "ff"],
      ["close", 1000, "\ufffd"],
    ]);
    const strict = new Conversation("client", { textsAsBytes: true });
    strict.receive(bytes("8101ff"));
    assert.deepEqual(strict.events, [["failed", "HAWSER_INVALID_UTF8"]]);
  });

  it("§5.5.2 leaves pings to the owner", () => {
    const conversation = new Conversation("client", { answersPings: false });
    conversation.receive(bytes("8900"));
    assert.deepEqual([conversation.events, conversation.output()], [[["ping", ""]], ""]);
  });

  it("§7.1.7 gives no reason in the Close frame of a failure", () => {
    const conversation = new Conversation("client", { givesReasons: false });
    conversation.receive(bytes("8300"));
    assert.deepEqual(conversation.events, [["failed", "HAWSER_RESERVED_OPCODE"]]);
    assert.equal(unmasked(conversation.output()), closeFrame(1002));
  });

  it("§5.4 tells where the fragments of a message ended, when it notes them", () => {
    const conversation = new Conversation("client", { notesFragments: true });
    const ends: unknown[] = [];
    conversation.owner.onEvent = () => ends.push(conversation.endpoint.fragmentEnds);
    conversation.receive(bytes("02026162 0000 800163 820161"));
    assert.deepEqual(conversation.events, [
      ["binary", "616263"],
      ["binary", "61"],
    ]);
    assert.deepEqual(ends, [[2, 2, 3], undefined]);
    assert.equal(conversation.endpoint.fragmentEnds, undefined);
  });

  it("§5.5.1 repeats the peer's reason, when it echoes them", () => {
    const conversation = new Conversation("client", { echoesReasons: true });
    conversation.receive(bytes("880503e8627965"));
    assert.equal(unmasked(conversation.output()), "880503e8627965");
  });

  it("§5.5.1 sends a Close frame with a payload of the owner's own, once", () => {
    const conversation = new Conversation("server");
    conversation.endpoint.closeWith(bytes("03e8ff"));
    conversation.endpoint.closeWith(bytes("03e9"));
    assert.equal(conversation.output(), "880303e8ff");
    assert.equal(conversation.endpoint.state, "close-sent");
  });

  it("§5.6 sends bytes as text", () => {
    const conversation = new Conversation("server");
    conversation.endpoint.send(bytes("c3a9"), { isText: true });
    conversation.endpoint.send(bytes("c3"), { isText: true, fin: false });
    conversation.endpoint.send(bytes("a9"));
    assert.equal(conversation.output(), "8102c3a90101c38001a9");
  });
});
