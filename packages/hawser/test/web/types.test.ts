// The declarations as users compile against them: with the types of Node alone, and with the DOM's beside
// them, where ours can stand for those of the page.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";

const root = join(import.meta.dirname, "../../../..");
const modules = join(root, "node_modules");

const uses = `
import {
  type BinaryType, CloseEvent, type CloseEventInit, type Connection, type HawserError, type WatchedConnection,
  WebSocket, type WebSocketCloseInfo, type WebSocketConstructor, WebSocketError, type WebSocketEventMap, type WebSocketExtras,
  type WebSocketOpenInfo, WebSocketStream, type WebSocketStreamOptions,
} from "hawser";

const extras: WebSocketExtras = { headers: { a: "b" }, tls: { ca: "x" }, error: (error) => void error };
const ws = new WebSocket("ws://x", ["a"], extras);
new WebSocket(new URL("ws://x"), "a").onopen = null;
ws.onmessage = (event) => void (event.data as unknown);
ws.onclose = function (event) {
  this.send(event.reason);
  event.code satisfies number;
};
ws.addEventListener("close", (event) => void (event.wasClean satisfies boolean));
ws.addEventListener("message", (event) => void (event.origin satisfies string), { once: true });
ws.addEventListener("other", (event: Event) => void event);
ws.removeEventListener("close", (event) => void event.code);
const binaryType: BinaryType = "arraybuffer";
ws.binaryType = binaryType;
for (const data of ["x", new Uint8Array(1), new ArrayBuffer(1), new Blob([]), new DataView(new ArrayBuffer(1))])
  ws.send(data);
export const constants: [2, 3] = [WebSocket.CLOSING, ws.CLOSED];
export const target: EventTarget = ws;
export class Own extends WebSocket {}
export const Class: WebSocketConstructor = Own;
const init: CloseEventInit = { code: 1000 };
export const event: WebSocketEventMap["close"] = new CloseEvent("close", init);

const options: WebSocketStreamOptions = { protocols: ["a"], signal: AbortSignal.timeout(1) };
const wss = new WebSocketStream("ws://x", options, extras);
const info: WebSocketOpenInfo = await wss.opened;
for await (const chunk of info.readable) chunk satisfies string | ArrayBuffer;
const writer = info.writable.getWriter();
for (const chunk of ["x", new Uint8Array(1), new ArrayBuffer(1)]) await writer.write(chunk);
const how: WebSocketCloseInfo = await wss.closed;
wss.close(how);
const error = new WebSocketError("message", { closeCode: 1000, reason: "why" });
export const exception: DOMException = error;
error.closeCode satisfies number | null;
export const shown = (one: Connection | WatchedConnection): string => one.id + one.stats.bytesSent;
export const webSocketOf = (one: WatchedConnection): object => one.webSocket;
export const codeOf = (hawser: HawserError): string => hawser.code;

// @ts-expect-error: no value of the enumeration
ws.binaryType = "nodebuffer";
// @ts-expect-error: readonly
ws.readyState = 1;
// @ts-expect-error: no message
ws.send(12);
// @ts-expect-error: no chunk
void writer.write(12);
// @ts-expect-error: a sequence
new WebSocketStream("ws://x", { protocols: "a" });
// @ts-expect-error: the standard has its own way for it
new WebSocket("ws://x", [], { protocols: [] });
`;

const standsForThoseOfThePage = `
import { CloseEvent, WebSocket, WebSocketError, WebSocketStream } from "hawser";

export const ws: globalThis.WebSocket = new WebSocket("ws://x");
export const Class: typeof globalThis.WebSocket = WebSocket;
export const event: globalThis.CloseEvent = new CloseEvent("close");
export const exception: globalThis.DOMException = new WebSocketError();
const { readable, writable } = await new WebSocketStream("ws://x").opened;
export const streams: [globalThis.ReadableStream<string | ArrayBuffer>, globalThis.WritableStream<string>] =
  [readable, writable];
`;

describe("the types of the web's APIs", () => {
  let folder = "";

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "hawser-types-"));
    mkdirSync(join(folder, "node_modules"));
    symlinkSync(join(root, "packages/hawser"), join(folder, "node_modules/hawser"));
    for (const name of ["@types", "undici-types"]) {
      symlinkSync(join(modules, name), join(folder, "node_modules", name));
    }
    writeFileSync(join(folder, "uses.mts"), uses);
    writeFileSync(join(folder, "dom.mts"), standsForThoseOfThePage);
  });
  after(() => rmSync(folder, { recursive: true }));

  const compile = (lib: string[], files: string[]): void => {
    const compilerOptions = {
      strict: true,
      exactOptionalPropertyTypes: true,
      noEmit: true,
      target: "es2023",
      lib,
      module: "nodenext",
      types: ["node"],
    };
    writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
    const { status, stdout } = spawnSync(
      process.execPath,
      [join(modules, "typescript/bin/tsc"), "-p", folder],
      { encoding: "utf8" },
    );
    assert.equal(status, 0, stdout);
  };

  it("with those of Node alone", () => compile(["es2023"], ["uses.mts"]));

  it("with those of the DOM, for whose they can stand", () => {
    compile(["es2023", "dom", "dom.iterable", "dom.asynciterable"], ["uses.mts", "dom.mts"]);
  });
});
