import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { connect, serve, Server, UsageError } from "../../dist/index.js";
import { checkDelay } from "../../dist/node/check-option.js";
import {
  clientDefaults,
  connectionDefaults,
  type ConnectionOptions,
  resolveConnectionOptions,
} from "../../dist/node/options.js";

const resolve = (given: ConnectionOptions): ReturnType<typeof resolveConnectionOptions> =>
  resolveConnectionOptions(given, connectionDefaults);

function isOptionError(name: string): (error: unknown) => boolean {
  return (error) =>
    error instanceof UsageError &&
    error.code === "HAWSER_OPTION_INVALID" &&
    error.message.includes(`option ${name} `);
}

describe("options", () => {
  it("are these by default", () => {
    assert.deepEqual(resolve({}), {
      maxMessageBytes: 1_048_576,
      maxFragments: 8192,
      highWaterBytes: 65_536,
      maxQueuedBytes: 1_048_576,
      overflow: "close",
      pingIntervalMs: 25_000,
      pongTimeoutMs: 8000,
      closeTimeoutMs: 5000,
      maxSubscriptions: 1024,
      binaryViews: false,
    });
    assert.equal(clientDefaults.maxMessageBytes, 64 * 1_048_576);
    assert.deepEqual({ ...clientDefaults, maxMessageBytes: 1_048_576 }, connectionDefaults);
  });

  it("are taken as they are given", () => {
    const given = {
      ...connectionDefaults,
      maxMessageBytes: 5,
      overflow: "latest",
      pingIntervalMs: 0,
    } as const;
    assert.deepEqual(resolve(given), given);
  });

  const wrong: ConnectionOptions[] = [
    { maxMessageBytes: 0 },
    { maxMessageBytes: 1.5 },
    { maxMessageBytes: Number.NaN },
    { maxMessageBytes: Number.POSITIVE_INFINITY },
    { maxMessageBytes: "1" as unknown as number },
    { maxFragments: -1 },
    { highWaterBytes: 0 },
    { highWaterBytes: 2_000_000 },
    { maxQueuedBytes: 0 },
    { overflow: "wait" as "close" },
    { pingIntervalMs: -1 },
    { pingIntervalMs: 2 ** 31 },
    { pongTimeoutMs: 0 },
    { closeTimeoutMs: 0 },
    { maxSubscriptions: 0 },
  ];
  for (const given of wrong) {
    it(`refuse ${JSON.stringify(given)}`, () => {
      assert.throws(() => resolve(given), isOptionError(Object.keys(given)[0] as string));
    });
  }

  it("keep the high-water mark below the limit of the queue", () => {
    assert.equal(resolve({ maxQueuedBytes: 1000 }).highWaterBytes, 1000);
    assert.throws(
      () => resolve({ maxQueuedBytes: 1000, highWaterBytes: 1001 }),
      isOptionError("highWaterBytes"),
    );
  });

  it("are checked before anything happens: Server, serve and connect", async () => {
    assert.throws(() => new Server({ maxFragments: 0 }), isOptionError("maxFragments"));
    assert.throws(() => new Server({ handshakeTimeoutMs: 0 }), isOptionError("handshakeTimeoutMs"));
    assert.throws(() => new Server({ maxUrlBytes: 0 }), isOptionError("maxUrlBytes"));
    await assert.rejects(serve({ port: 0, maxHeaders: 0 }), isOptionError("maxHeaders"));
    // Nothing listens there: the option is looked at first.
    await assert.rejects(
      connect("ws://127.0.0.1:1", { maxFragments: 0 }),
      isOptionError("maxFragments"),
    );
    await assert.rejects(
      connect("ws://127.0.0.1:1", { maxRedirects: -1 }),
      isOptionError("maxRedirects"),
    );
  });

  it("know how long a timer can wait", () => {
    assert.equal(checkDelay("x", 2 ** 31 - 1), 2 ** 31 - 1);
    assert.throws(() => checkDelay("x", 2 ** 31), isOptionError("x"));
  });
});
