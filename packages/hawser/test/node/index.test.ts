// What the package gives out: nothing more, so that nothing becomes public by accident, and nothing less.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as hawser from "../../dist/index.js";
import * as node from "../../dist/node/index.js";

describe("exports", () => {
  it("of the Node layer", () => {
    assert.deepEqual(Object.keys(node).toSorted(), [
      "Connection",
      "Server",
      "UpgradeRequest",
      "connect",
      "nodePlatform",
      "serve",
    ]);
  });

  it("of the package: the same, the web's APIs, the broker in process, the errors, and the close codes", () => {
    assert.deepEqual(
      Object.keys(hawser).toSorted(),
      [
        ...Object.keys(node),
        "BrokerError",
        "CloseCode",
        "CloseEvent",
        "ConnectionClosedError",
        "HandshakeError",
        "HawserError",
        "InternalError",
        "LimitError",
        "MemoryBroker",
        "ProtocolError",
        "TransportError",
        "UsageError",
        "WebSocket",
        "WebSocketError",
        "WebSocketStream",
      ].toSorted(),
    );
  });
});
