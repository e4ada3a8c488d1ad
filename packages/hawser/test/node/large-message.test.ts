// A message of 4 GiB and a bit, sent by one process and received by another, each of which takes less than
// 64 MiB more memory for it; from Node 22 on 160 MiB, since it lets more garbage outside of its heap come together.

import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { Child } from "../faults/child.ts";
import { nodeMajor } from "../support/node-version.ts";

const MiB = 1024 * 1024;
const bytes = 4 * 1024 * MiB + MiB;
const mostMiB = nodeMajor < 22 ? 64 : 160;
/** 4 GiB take 5 s when nobody else works on this machine. */
const limitMs = 80_000;

const program = new URL("large-message-program.js", import.meta.url);
const children: Child[] = [];

afterEach(async () => {
  for (const child of children.splice(0)) await child.end();
});

async function start(): Promise<Child> {
  const child = await Child.start(program);
  children.push(child);
  return child;
}

function checkMemory(who: string, grown: unknown): void {
  assert.ok(
    (grown as number) < mostMiB * MiB,
    `${who}: ${((grown as number) / MiB).toFixed(1)} MiB`,
  );
}

describe("a message of 4 GiB", () => {
  it(`is sent by a server and received by a client with less than ${mostMiB} MiB more`, async () => {
    const [server, client] = await Promise.all([start(), start()]);
    server.order("serve", bytes);
    const [port] = await server.log.waitFor("listening");
    client.order("receive", port);
    const [received, grown] = await client.log.waitFor("done", 1, limitMs);
    assert.equal(received, bytes);
    checkMemory("the client", grown);
    const [, grownServer] = await server.log.waitFor("done");
    checkMemory("the server", grownServer);
  });

  it(`§5.2 that comes in one frame is received by a server with less than ${mostMiB} MiB more`, async () => {
    const [server, client] = await Promise.all([start(), start()]);
    server.order("serve", 0);
    const [port] = await server.log.waitFor("listening");
    client.order("sendFrame", port, bytes);
    const [received, grown] = await server.log.waitFor("done", 1, limitMs);
    assert.equal(received, bytes);
    checkMemory("the server", grown);
  });
});
