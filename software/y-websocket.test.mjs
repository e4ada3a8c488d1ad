// y-websocket: documents of Yjs in sync through @y/websocket-server, the program itself in a process of its
// own. The server gets binary messages as ArrayBuffers (`binaryType`) and answers with `send(bytes, {}, cb)`;
// the provider takes the class of ws as its WebSocket and uses it by `onopen`, `onmessage`, `onclose`.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, afterEach, before, describe, it } from "node:test";
import { WebsocketProvider } from "y-websocket";
import * as Y from "yjs";
import { folderOf, trial, wsOf } from "./support.mjs";

const WebSocket = wsOf("@y/websocket-server");

/** Says which port was given to a server that asked for any: the program itself prints what it asked for. */
const tellPort = `data:text/javascript,${encodeURIComponent(`
  import { Server } from "node:net";
  const { listen } = Server.prototype;
  Server.prototype.listen = function (...args) {
    return listen.apply(this, args).once("listening", () => console.log("port " + this.address().port));
  };
`)}`;

describe("y-websocket", { timeout: 30_000 }, () => {
  let server;
  let url;
  const providers = [];

  before(async () => {
    const folder = folderOf("@y/websocket-server");
    // It was written for ws 6 and imports the class for its `Server`, which npm's ws 8 has only once
    // somebody has required it. Ours has it either way.
    const required = trial === "ws" ? ["--require", join(folder, "../../ws")] : [];
    const program = join(folder, "src/server.js");
    server = spawn(process.execPath, [...required, "--import", tellPort, program], {
      env: { ...process.env, HOST: "127.0.0.1", PORT: "0" },
      stdio: ["ignore", "pipe", "inherit"],
    });
    for await (const line of createInterface(server.stdout)) {
      if (line.startsWith("port ")) {
        url = `ws://127.0.0.1:${line.slice(5)}`;
        break;
      }
    }
  });
  afterEach(() => {
    for (const provider of providers.splice(0)) {
      provider.destroy();
      provider.doc.destroy();
    }
  });
  after(async () => {
    const exited = once(server, "exit");
    server.kill();
    await exited;
  });

  /** A document of its own that is connected to a room. */
  function enter(room, doc = new Y.Doc()) {
    const provider = new WebsocketProvider(url, room, doc, {
      WebSocketPolyfill: WebSocket,
      disableBc: true,
      maxBackoffTime: 50,
    });
    providers.push(provider);
    return provider;
  }

  const synced = async (provider) => {
    while (!provider.synced) await new Promise((resolve) => provider.once("sync", resolve));
  };

  /** Waits for a document to be as asked, looking again after each update. */
  const until = (emitter, event, isSo) =>
    new Promise((resolve) => {
      const look = () => {
        if (!isSo()) return;
        emitter.off(event, look);
        resolve();
      };
      emitter.on(event, look);
      look();
    });

  it("keeps two documents in sync, on the ws on trial", async () => {
    const [a, b] = [enter("two"), enter("two")];
    await Promise.all([synced(a), synced(b)]);
    assert.ok(a.ws instanceof WebSocket);

    a.doc.getText("t").insert(0, "hello");
    await until(b.doc, "update", () => b.doc.getText("t").toString() === "hello");
    b.doc.getText("t").insert(5, " world");
    b.doc.getMap("m").set("bytes", new Uint8Array([1, 2, 255]));
    await until(a.doc, "update", () => a.doc.getMap("m").has("bytes"));

    assert.equal(a.doc.getText("t").toString(), "hello world");
    assert.deepEqual(a.doc.getMap("m").get("bytes"), new Uint8Array([1, 2, 255]));
  });

  it("merges what both wrote at the same time", async () => {
    const [a, b] = [enter("merge"), enter("merge")];
    await Promise.all([synced(a), synced(b)]);
    for (let n = 0; n < 200; n++) {
      a.doc.getArray("l").push([`a${n}`]);
      b.doc.getArray("l").push([`b${n}`]);
    }
    const all = (provider) => () => provider.doc.getArray("l").length === 400;
    await Promise.all([until(a.doc, "update", all(a)), until(b.doc, "update", all(b))]);

    assert.deepEqual(a.doc.getArray("l").toJSON(), b.doc.getArray("l").toJSON());
  });

  it("gives a large document to who comes later", async () => {
    const a = enter("large");
    await synced(a);
    const text = "0123456789 ".repeat(50_000);
    a.doc.getText("t").insert(0, text);
    a.doc.getMap("m").set("end", true);
    const b = enter("large");
    await until(b.doc, "update", () => b.doc.getMap("m").has("end"));

    assert.equal(b.doc.getText("t").toString(), text);
  });

  it("tells who is there, and who has left", async () => {
    const [a, b] = [enter("aware"), enter("aware")];
    await Promise.all([synced(a), synced(b)]);
    const names = (provider) =>
      [...provider.awareness.getStates().values()].map(({ name }) => name).filter(Boolean);
    a.awareness.setLocalStateField("name", "ann");
    b.awareness.setLocalStateField("name", "ben");
    await until(a.awareness, "change", () => names(a).includes("ben"));
    await until(b.awareness, "change", () => names(b).includes("ann"));

    b.ws.terminate();
    await until(a.awareness, "change", () => !names(a).includes("ben"));
    await until(b, "status", () => b.wsconnected); // It comes back by itself.
    b.awareness.setLocalStateField("name", "ben again");
    await until(a.awareness, "change", () => names(a).includes("ben again"));
  });

  it("syncs what was written while a connection was lost", async () => {
    const [a, b] = [enter("lost"), enter("lost")];
    await Promise.all([synced(a), synced(b)]);
    const closed = new Promise((resolve) => b.once("connection-close", resolve));
    b.disconnect();
    await closed;
    a.doc.getMap("m").set("a", 1);
    b.doc.getMap("m").set("b", 2);
    b.connect();
    const both = (provider) => () => provider.doc.getMap("m").size === 2;
    await Promise.all([until(a.doc, "update", both(a)), until(b.doc, "update", both(b))]);

    assert.deepEqual(b.doc.getMap("m").toJSON(), { a: 1, b: 2 });
  });
});
