// Random conversations, valid and mutated, cut at random, to both roles: never an uncaught error,
// never a difference between splits. A failure prints the seed and the smallest input that fails.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { nodePlatform } from "../../dist/index.js";
import { ClientHandshake, HandshakeError, ServerHandshake } from "../../dist/protocol/index.js";
import { parseExtensions } from "../../dist/protocol/handshake/extension-header.js";
import { Conversation, type Event, hex, masked, unmasked } from "./conversation.js";

/** HAWSER_PROPERTY_RUNS asks for more than the suite's time allows. */
const numRuns = Number(process.env["HAWSER_PROPERTY_RUNS"] ?? 200);

const payload = fc.oneof(
  fc.uint8Array({ maxLength: 140 }),
  fc.string({ unit: "binary", maxLength: 80 }).map((text) => Buffer.from(text)),
  fc.uint8Array({ minLength: 65_530, maxLength: 65_540 }),
);

const frame = fc
  .record({
    first: fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(0x81, 0x82, 0x01, 0x02, 0x00, 0x80, 0x89, 0x8a) },
      { weight: 1, arbitrary: fc.constantFrom(0x88) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 255 }) },
    ),
    payload,
  })
  .map(({ first, payload: data }) => serialize(first, data));

/** A frame as a server sends it. */
function serialize(first: number, data: Uint8Array): Buffer {
  const length = data.length;
  const head =
    length < 126
      ? Buffer.from([first, length])
      : length < 65_536
        ? Buffer.from([first, 126, length >> 8, length & 0xff])
        : Buffer.concat([Buffer.from([first, 127, 0, 0, 0, 0]), uint32(length)]);
  return Buffer.concat([head, data]);
}

function uint32(value: number): Buffer {
  const buffer = Buffer.alloc(4);
  buffer.writeUInt32BE(value);
  return buffer;
}

const mutation = fc.record({
  at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  byte: fc.integer({ min: 0, max: 255 }),
});

const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 12 });

interface Seen {
  readonly events: readonly Event[];
  readonly output: string;
  readonly state: string;
}

function play(role: "client" | "server", parts: readonly Uint8Array[], holds: boolean): Seen {
  const conversation = new Conversation(role, { maxMessageBytes: 100_000, maxFragments: 20 });
  if (holds) conversation.owner.onEvent = () => conversation.endpoint.hold();
  for (const part of parts) conversation.receive(part);
  if (holds) while (conversation.endpoint.isHeld) conversation.endpoint.release();
  const written = conversation.output();
  conversation.endpoint.receiveEnd();
  return {
    events: conversation.events,
    output: role === "client" ? unmasked(written) : written,
    state: conversation.endpoint.state,
  };
}

function cutAt(input: Uint8Array, places: readonly number[]): Uint8Array[] {
  const offsets = [0, ...places.map((place) => Math.floor(place * input.length)), input.length];
  offsets.sort((a, b) => a - b);
  return offsets.slice(1).map((end, i) => input.subarray(offsets[i], end));
}

describe("properties", () => {
  for (const role of ["server", "client"] as const) {
    it(`${role}: any conversation, mutated anywhere, gives the same at any split`, () => {
      fc.assert(
        fc.property(
          fc.array(frame, { maxLength: 12 }),
          fc.array(mutation, { maxLength: 3 }),
          cuts,
          fc.boolean(),
          (frames, mutations, places, holds) => {
            const plain = Buffer.concat(frames);
            const input = role === "server" ? masked(plain) : plain;
            for (const { at, byte } of mutations) {
              if (input.length > 0) input[Math.floor(at * input.length)] = byte;
            }
            const whole = play(role, [input], false);
            assert.deepEqual(play(role, cutAt(input, places), holds), whole);
            if (input.length < 2000) {
              assert.deepEqual(
                play(
                  role,
                  Array.from(input, (_, i) => input.subarray(i, i + 1)),
                  false,
                ),
                whole,
              );
            }
          },
        ),
        { numRuns },
      );
    });

    it(`${role}: any bytes at all`, () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 300 }), cuts, (input, places) => {
          assert.deepEqual(play(role, cutAt(input, places), true), play(role, [input], false));
        }),
        { numRuns },
      );
    });
  }

  it("what one end sends, the other receives: texts and bytes, whole and in fragments", () => {
    const part = fc.oneof(fc.string({ unit: "binary" }), fc.uint8Array({ maxLength: 5000 }));
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 20 }),
        fc.boolean(),
        cuts,
        (parts, fromClient, places) => {
          const sender = new Conversation(fromClient ? "client" : "server");
          const receiver = new Conversation(fromClient ? "server" : "client");
          for (const one of parts) sender.endpoint.send(one);
          sender.endpoint.close(4000, "done");
          const wire = Buffer.from(sender.output(), "hex");
          for (const piece of cutAt(wire, places)) receiver.receive(piece);
          const expected: Event[] = parts.map((one) =>
            typeof one === "string" ? ["text", Buffer.from(one).toString()] : ["binary", hex(one)],
          );
          assert.deepEqual(receiver.events, [...expected, ["close", 4000, "done"]]);
        },
      ),
      { numRuns },
    );
  });

  it("no header and no head of a request or response throws anything but its own errors", () => {
    const rules = { maxHeaderBytes: 500, maxHeaders: 10, maxUrlBytes: 100, origins: [] };
    const line = fc.stringMatching(/^[ -~\t]{0,40}$/);
    const head = fc.oneof(
      fc.string({ maxLength: 200 }),
      fc.array(line, { maxLength: 8 }).map((lines) => `${lines.join("\r\n")}\r\n\r\n`),
    );
    fc.assert(
      fc.property(head, (text) => {
        parseExtensions(text);
        const wanted = { target: "/", host: "a", protocols: [], extensions: [], headers: [] };
        const server = new ServerHandshake(rules);
        const client = new ClientHandshake(nodePlatform, wanted);
        for (const run of [server.receive.bind(server), client.receive.bind(client)]) {
          try {
            run(Buffer.from(text));
          } catch (error) {
            assert.ok(error instanceof HandshakeError);
          }
        }
      }),
      { numRuns: numRuns * 2 },
    );
  });
});
