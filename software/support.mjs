// What all of these tests need: the ws that is on trial, the proof that a piece of software really runs on
// it, and servers on a free port. HAWSER_SOFTWARE_WITH=ws puts npm's own ws in the place of ours (see the
// README beside this): what a test asserts has to hold with both.

import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

/** Which ws is on trial, "hawser" or "ws". */
export const trial = process.env.HAWSER_SOFTWARE_WITH ?? "hawser";

/** The name of the package that has to stand where anybody asks for ws. */
export const standIn = { hawser: "@hawser/ws", ws: "ws" }[trial];

const modules = join(import.meta.dirname, "node_modules");
assert.ok(standIn, `HAWSER_SOFTWARE_WITH is "hawser" or "ws", not ${trial}`);
assert.ok(existsSync(modules), "the software is not installed: run node scripts/software.mjs");

/** Where a piece of software is installed. */
export function folderOf(name) {
  return join(modules, name);
}

/**
 * The class that a piece of software gets when it asks for ws, from where it lies.
 * Fails when that is not the ws that is on trial.
 */
export function wsOf(name) {
  const requireThere = createRequire(join(folderOf(name), "package.json"));
  assert.equal(requireThere("ws/package.json").name, standIn, `the ws of ${name}`);
  return requireThere("ws");
}

/** Listens on a free port of this machine and returns it. */
export async function listen(server) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server.address().port;
}

/** Closes an HTTP server, with the connections that wait for a next request. */
export async function close(server) {
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}

/** The first so many arguments of an event, each the first argument it came with. */
export function collect(emitter, event, count) {
  return new Promise((resolve) => {
    const values = [];
    emitter.on(event, function collected(value) {
      values.push(value);
      if (values.length < count) return;
      emitter.removeListener(event, collected);
      resolve(values);
    });
  });
}
