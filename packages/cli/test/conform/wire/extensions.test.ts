// Sec-WebSocket-Extensions: offers, answers, and what is no answer to an offer.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  answerOffers,
  type DeflateParameters,
  formatOffers,
  parseExtensions,
  readAgreement,
} from "../../../dist/conform/wire/extensions.js";
import { WireFault } from "../../../dist/conform/wire/frame-reader.js";

const base = "permessage-deflate; client_no_context_takeover; client_max_window_bits";

describe("Sec-WebSocket-Extensions", () => {
  it("§9.1 is a list of names with parameters, which may be quoted", () => {
    assert.deepEqual(parseExtensions('a; b=1; c, d; e="f"'), [
      {
        name: "a",
        parameters: new Map<string, string | true>([
          ["b", "1"],
          ["c", true],
        ]),
      },
      { name: "d", parameters: new Map([["e", "f"]]) },
    ]);
    assert.deepEqual(parseExtensions(" "), []);
  });

  for (const field of ["a b", "a,", "a; b=", "a; b; b", 'a; b="c d"']) {
    it(`§9.1 ${field} is malformed`, () => {
      assert.throws(() => parseExtensions(field), WireFault);
    });
  }

  it("offers what a test asks for, in order", () => {
    assert.equal(
      formatOffers([{ noContextTakeover: true, maxWindowBits: 9 }, {}]),
      `${base}; server_no_context_takeover; server_max_window_bits=9, ${base}`,
    );
  });

  it("RFC 7692 §7.1 reads the answer to an offer", () => {
    assert.deepEqual(
      readAgreement("permessage-deflate; server_max_window_bits=10; client_no_context_takeover", [
        { maxWindowBits: 12 },
      ]),
      {
        incoming: { takesOver: true, windowBits: 10 },
        outgoing: { takesOver: false, windowBits: 15 },
      },
    );
    assert.equal(readAgreement("", [{}]), undefined);
  });

  const noAnswers: [title: string, field: string, offers: DeflateParameters[]][] = [
    ["what was not offered", "permessage-deflate", []],
    ["another extension", "permessage-snappy", [{}]],
    ["two", "permessage-deflate, permessage-deflate", [{}]],
    ["an unknown parameter", "permessage-deflate; level=9", [{}]],
    [
      "a parameter with a value it has not",
      "permessage-deflate; server_no_context_takeover=1",
      [{}],
    ],
    ["no window where one was asked for", "permessage-deflate", [{ maxWindowBits: 9 }]],
    ["takeover where none was wanted", "permessage-deflate", [{ noContextTakeover: true }]],
    ["a window of 7 bits", "permessage-deflate; server_max_window_bits=7", [{}]],
  ];
  for (const [title, field, offers] of noAnswers) {
    it(`RFC 7692 §7.1 ${title} is no answer`, () => {
      assert.throws(() => readAgreement(field, offers), WireFault);
    });
  }

  it("RFC 7692 §7.1 answers the first offer that permits the first wish", () => {
    const wishes = [{ noContextTakeover: true, maxWindowBits: 9 }, { noContextTakeover: true }, {}];
    const answer = (field: string): string | undefined => answerOffers(field, wishes)?.field;
    assert.equal(
      answer("permessage-deflate; client_max_window_bits"),
      "permessage-deflate; client_no_context_takeover; client_max_window_bits=9",
    );
    assert.equal(answer("permessage-deflate"), "permessage-deflate; client_no_context_takeover");
    assert.equal(answer("other"), undefined);
  });

  it("RFC 7692 §7.1.2 grants a server's limits, and keeps to a client's own", () => {
    assert.deepEqual(
      answerOffers(
        "permessage-deflate; server_no_context_takeover; server_max_window_bits=10; client_max_window_bits=12",
        [{ maxWindowBits: 15 }],
      ),
      {
        field:
          "permessage-deflate; server_no_context_takeover; server_max_window_bits=10; client_max_window_bits=12",
        agreement: {
          outgoing: { takesOver: false, windowBits: 10 },
          incoming: { takesOver: true, windowBits: 12 },
        },
      },
    );
    assert.equal(answerOffers("permessage-deflate", [{ maxWindowBits: 9 }]), undefined);
  });
});
