// A server that has no descriptor left: whoever is connected does not notice, whoever comes is turned away, and
// when somebody has left there is room again, without anybody's doing.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { connect, type Connection, HandshakeError, TransportError } from "../../dist/index.js";
import { within } from "../support/deferred.ts";
import { Child } from "./child.ts";

/** Enough to load the modules, which Node does all at once. */
const mostDescriptors = 256;
const turnedAway = 5;
const leaving = 10;

describe("fault: no descriptors left (EMFILE)", { timeout: 30_000 }, () => {
  let child: Child;
  let url: string;
  const open: Connection[] = [];

  before(async () => {
    const wrapper = ["prlimit", `--nofile=${mostDescriptors}:${mostDescriptors}`, "--"];
    child = await Child.start(new URL("./descriptors-program.js", import.meta.url), { wrapper });
    child.order("serve");
    const [port] = await child.log.waitFor("listening");
    url = `ws://127.0.0.1:${String(port)}`;
  });
  after(async () => {
    for (const ws of open) ws.terminate();
    await child.end();
  });

  /** Undefined where it is turned away. */
  async function come(): Promise<Connection | undefined> {
    try {
      const ws = await within(connect(url, { pingIntervalMs: 0 }), "an answer of any kind");
      open.push(ws);
      return ws;
    } catch (error) {
      assert.ok(error instanceof HandshakeError || error instanceof TransportError, String(error));
      return undefined;
    }
  }

  async function echoes(ws: Connection): Promise<void> {
    ws.send("still there?");
    const { value } = await within(ws[Symbol.asyncIterator]().next(), "an echo");
    assert.equal(value, "still there?");
  }

  it("live connections go on; it accepts again by itself", async () => {
    for (let away = 0; away < turnedAway; ) if ((await come()) === undefined) away++;
    assert.ok(open.length > mostDescriptors / 2 && open.length < mostDescriptors);
    await Promise.all(open.map(echoes));

    for (const ws of open.splice(0, leaving)) {
      ws.close();
      await ws.closed;
    }
    // A descriptor is free a little after the peer has seen the end of it.
    const deadline = performance.now() + 5_000;
    let newcomer: Connection | undefined;
    while (newcomer === undefined) {
      assert.ok(performance.now() < deadline, "nobody gets in again");
      newcomer = await come();
    }
    await echoes(newcomer);
    await Promise.all(open.map(echoes));
    assert.equal(child.hasExited, false);
    assert.equal(child.log.count("uncaught"), 0);
  });
});
