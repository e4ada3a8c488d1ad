import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { UpgradeRequest } from "../../dist/index.js";
import { type Fields, requestText } from "../support/http-head.ts";
import { Stage } from "../support/stage.ts";

const stage = new Stage();
afterEach(() => stage.end());

/** The request as the hook and `open` saw it. */
async function seen(fields: Fields = {}, target = "/"): Promise<[UpgradeRequest, UpgradeRequest]> {
  const requests: UpgradeRequest[] = [];
  const server = await stage.serve({
    origins: "*",
    upgrade(request) {
      requests.push(request);
      return {};
    },
    open: (_ws, request) => void requests.push(request),
  });
  const peer = await stage.dial(server);
  peer.write(requestText(fields, `GET ${target} HTTP/1.1`));
  assert.equal((await peer.readHead()).status, 101);
  return requests as [UpgradeRequest, UpgradeRequest];
}

describe("UpgradeRequest", () => {
  it("is the same for `upgrade` and `open`", async () => {
    const [first, second] = await seen();
    assert.ok(first instanceof UpgradeRequest);
    assert.equal(first, second);
  });

  it("tells path and query, header fields, version, address", async () => {
    const [request] = await seen({ "X-One": ["1", "2"], Cookie: "a=1" }, "/chat?room=1#x");
    assert.equal(request.url, "/chat?room=1#x");
    assert.equal(request.headers["x-one"], "1, 2");
    assert.equal(request.headers.cookie, "a=1");
    assert.equal(request.httpVersion, "1.1");
    assert.equal(request.ip, "127.0.0.1");
    assert.equal(request.isSecure, false);
    assert.equal(request.incoming.method, "GET");
  });

  it("tells the origin and the subprotocols offered", async () => {
    const fields = { Origin: "https://example.com", "Sec-WebSocket-Protocol": ["a, b", "c"] };
    const [request] = await seen(fields);
    assert.equal(request.origin, "https://example.com");
    assert.deepEqual(request.protocols, ["a", "b", "c"]);
    const [plain] = await seen();
    assert.equal(plain.origin, undefined);
    assert.deepEqual(plain.protocols, []);
  });

  it("its signal is one, and not aborted when the handshake went well", async () => {
    const [request] = await seen();
    assert.equal(request.signal, request.signal);
    assert.equal(request.signal.aborted, false);
  });

  it("a signal that is asked for after the end is aborted already", async () => {
    let request: UpgradeRequest | undefined;
    const server = await stage.serve({
      handshakeTimeoutMs: 150,
      upgrade(given) {
        request = given;
        return new Promise<never>(() => undefined);
      },
    });
    const peer = await stage.dial(server);
    peer.write(requestText());
    assert.equal((await peer.readResponse()).status, 408);
    const { signal } = request as UpgradeRequest;
    assert.equal(signal.aborted, true);
    assert.match(String(signal.reason), /408/);
  });
});
