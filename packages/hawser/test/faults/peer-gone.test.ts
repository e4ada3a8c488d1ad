// A peer that is gone without a word, because its process is stopped or its link is down: whoever is
// left finds out within the ping and the pong time, and sees exactly one close, 1006.

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { after, afterEach, before, describe, it } from "node:test";
import {
  connect,
  type Connection,
  type Server,
  serve,
  type HawserError,
} from "../../dist/index.js";
import { EventLog } from "../support/event-log.ts";
import { eventually } from "../support/memory.ts";
import { Child } from "./child.ts";
import { type LinkEnd, Namespace } from "./namespace.ts";

const program = new URL("./peer-program.js", import.meta.url);
const heartbeat = { pingIntervalMs: 400, pongTimeoutMs: 200 };
/** What a busy machine may add: the heartbeat has eleven ticks to run until it is sure. */
const toleranceMs = 600;
const limitMs = heartbeat.pingIntervalMs + heartbeat.pongTimeoutMs + toleranceMs;

/** What happened on our side of the connection. */
const log = new EventLog();
const handlers = {
  open: (ws: Connection): void => log.add("open", ws),
  message: (_ws: Connection, message: string | Buffer): void => log.add("message", message),
  close: (_ws: Connection, code: number): void => log.add("close", code),
  error: (error: unknown): void => log.add("error", (error as HawserError).code),
};

const children: Child[] = [];
async function start(wrapper: readonly string[] = []): Promise<Child> {
  const child = await Child.start(program, { wrapper });
  children.push(child);
  return child;
}

let server: Server | undefined;
afterEach(async () => {
  await Promise.all(children.splice(0).map((child) => child.end()));
  await server?.close({ timeoutMs: 1_000 });
  server = undefined;
  log.clear();
});

/** Our server with the child as its client. */
async function acceptChild(): Promise<{ child: Child; ws: Connection }> {
  server = await serve({ hostname: "127.0.0.1", ...handlers, ...heartbeat });
  const child = await start();
  child.order("connect", server.url, heartbeat);
  await log.waitFor("message");
  return { child, ws: log.all("open")[0]?.[0] as Connection };
}

/** The child's server with us as its client; at `hostname`, which `wrapper` leads to. */
async function connectToChild(hostname: string, wrapper: readonly string[] = []): Promise<Child> {
  const child = await start(wrapper);
  child.order("serve", hostname, heartbeat);
  const [port] = await child.log.waitFor("listening");
  const { message, close, error } = handlers;
  const ws = await connect(`ws://${hostname}:${port as AddressInfo["port"]}`, {
    message,
    close,
    error,
    ...heartbeat,
  });
  ws.send("here");
  await child.log.waitFor("message");
  return child;
}

async function stop(child: Child): Promise<void> {
  child.signal("SIGSTOP");
  await eventually(() => {
    const state = readFileSync(`/proc/${child.pid}/stat`, "latin1").replace(/^.*\) /s, "")[0];
    return state === "T" ? undefined : `the process is in state ${state}`;
  }, 5_000);
}

/** The one close comes in time and is the heartbeat's doing. */
async function isFound(side: EventLog, since: number): Promise<void> {
  await side.waitFor("close");
  const tookMs = performance.now() - since;
  assert.ok(tookMs < limitMs, `found after ${Math.round(tookMs)} ms, allowed are ${limitMs}`);
  assert.deepEqual(side.all("error"), [["HAWSER_PONG_TIMEOUT"]]);
}

/** And it stays the only one, also now that the peer is there again and sees the end itself. */
function hasOneClose(...sides: EventLog[]): void {
  for (const side of sides) assert.deepEqual(side.all("close"), [[1006]]);
}

describe("fault: peer stopped (SIGSTOP)", () => {
  it("a server finds a stopped client within ping + pong time: one close, 1006", async () => {
    const { child } = await acceptChild();
    const since = performance.now();
    await stop(child);
    await isFound(log, since);
    child.signal("SIGCONT");
    await child.log.waitFor("close");
    hasOneClose(log, child.log);
    assert.equal(server?.stats().connections, 0);
  });

  it("a client finds a stopped server within ping + pong time: one close, 1006", async () => {
    const child = await connectToChild("127.0.0.1");
    const since = performance.now();
    await stop(child);
    await isFound(log, since);
    child.signal("SIGCONT");
    await child.log.waitFor("close");
    hasOneClose(log, child.log);
  });

  it("also while the operating system goes on taking what is sent to it", async () => {
    const { child, ws } = await acceptChild();
    const since = performance.now();
    await stop(child);
    // 640 KB a second: what is sent until the peer has to be found fits into the system's buffers.
    const chunk = Buffer.alloc(32 * 1024);
    const sending = setInterval(() => ws.send(chunk), 50);
    try {
      await isFound(log, since);
    } finally {
      clearInterval(sending);
    }
    child.signal("SIGCONT");
    await child.log.waitFor("close");
    hasOneClose(log, child.log);
  });
});

describe("fault: link down in a network namespace", () => {
  let namespace: Namespace;
  before(() => {
    namespace = new Namespace();
  });
  after(() => namespace?.remove());

  for (const end of ["outside", "inside"] as const satisfies LinkEnd[]) {
    const whose = end === "outside" ? "client" : "server";
    it(`server and client find it when the ${whose}'s end of the link is down: one close each, 1006`, async () => {
      const child = await connectToChild(namespace.address.inside, namespace.wrapper);
      const since = performance.now();
      namespace.setLink(end, "down");
      try {
        await Promise.all([isFound(log, since), isFound(child.log, since)]);
      } finally {
        namespace.setLink(end, "up");
      }
      // The link works again: what the old connection may still bring is nobody's business.
      child.order("serve", namespace.address.inside, heartbeat);
      const [port] = await child.log.waitFor("listening", 2);
      const again = await connect(`ws://${namespace.address.inside}:${port as number}`);
      again.terminate();
      hasOneClose(log, child.log);
    });
  }
});
