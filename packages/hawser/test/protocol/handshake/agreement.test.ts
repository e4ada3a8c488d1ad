import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { nodePlatform } from "../../../dist/index.js";
import { HandshakeError, UsageError } from "../../../dist/protocol/index.js";
import {
  bodyText,
  checkSubprotocols,
  readAgreement,
} from "../../../dist/protocol/handshake/agreement.js";
import type { ExtensionNegotiator } from "../../../dist/protocol/handshake/negotiation.js";

const agreed = {
  response: { name: "x", parameters: [] },
  open: () => assert.fail("nothing is opened here"),
};
const extension: ExtensionNegotiator = {
  name: "x",
  offers: [{ name: "x", parameters: [] }],
  accept: () => undefined,
  confirm: ({ parameters }) => (parameters.length === 0 ? agreed : undefined),
};

function read(headers: Record<string, string[]>, protocols: string[] = ["a", "b"]): unknown {
  const details = { status: 200 };
  const fields = new Map(Object.entries(headers));
  return readAgreement({ protocols, extensions: [extension] }, fields, details);
}

describe("what a client and a server have agreed on", () => {
  it("RFC 6455 §4.1: a subprotocol that was offered, and an extension that was", () => {
    assert.deepEqual(read({ "sec-websocket-protocol": ["b"], "sec-websocket-extensions": ["x"] }), {
      protocol: "b",
      extension: agreed,
    });
    assert.deepEqual(read({}, []), { protocol: "", extension: undefined });
  });

  for (const [code, headers] of [
    ["HAWSER_RESPONSE_NO_SUBPROTOCOL", {}],
    ["HAWSER_RESPONSE_SUBPROTOCOL", { "sec-websocket-protocol": ["c"] }],
    ["HAWSER_RESPONSE_SUBPROTOCOL", { "sec-websocket-protocol": ["a", "b"] }],
    ["HAWSER_RESPONSE_EXTENSIONS", { "sec-websocket-extensions": ["y"] }],
    ["HAWSER_RESPONSE_EXTENSIONS", { "sec-websocket-extensions": ['x; "'] }],
    ["HAWSER_RESPONSE_EXTENSIONS", { "sec-websocket-extensions": ["x; y=1"] }],
  ] as [string, Record<string, string[]>][]) {
    it(`RFC 6455 §4.1: ${JSON.stringify(headers)} is ${code}`, () => {
      assert.throws(
        () => read(headers),
        (error) => error instanceof HandshakeError && error.code === code && error.status === 200,
      );
    });
  }

  it("RFC 6455 §4.1 (10): subprotocols that are offered are tokens that all differ", () => {
    checkSubprotocols([]);
    checkSubprotocols(["a", "b"]);
    for (const wrong of [["a", "a"], ["a b"], [""]]) {
      assert.throws(() => checkSubprotocols(wrong), UsageError);
    }
  });

  it("the body of a refusal is UTF-8, or else Latin-1", () => {
    assert.equal(bodyText(nodePlatform, Uint8Array.of(0xc3, 0xa4)), "ä");
    assert.equal(bodyText(nodePlatform, Uint8Array.of(0xe4)), "ä");
  });
});
