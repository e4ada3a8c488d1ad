// `hawser connect` as somebody who types sees it: a real process under a real pseudo-terminal, and the screen that a
// terminal emulator makes of what it writes.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import { type Connection, connect, type Server, serve } from "hawser";
import { TestTerminal, type TerminalOptions } from "../terminal.js";

const bin = join(import.meta.dirname, "../../dist/bin.js");
const folder = mkdtempSync(join(tmpdir(), "hawser-terminal-"));
const history = join(folder, "hawser", "connect-history");

let server: Server;
let opened: Connection | undefined;
const terminals: TestTerminal[] = [];

before(async () => {
  server = await serve({
    hostname: "127.0.0.1",
    port: 0,
    open: (ws) => {
      opened = ws;
    },
    message: (ws, message) => void ws.send(message),
  });
});
after(async () => {
  await server.close({ timeoutMs: 200 });
  rmSync(folder, { recursive: true });
});
afterEach(() => {
  for (const terminal of terminals.splice(0)) terminal.kill();
  rmSync(join(folder, "hawser"), { recursive: true, force: true });
});

async function start(
  argv: readonly string[],
  options: TerminalOptions = {},
): Promise<TestTerminal> {
  const env = { XDG_STATE_HOME: folder, ...options.env };
  const terminal = new TestTerminal([process.execPath, bin, "connect", ...argv], {
    ...options,
    env,
  });
  terminals.push(terminal);
  await terminal.until(/connected to .*\n(< .*\n)*>$/);
  return terminal;
}

describe("hawser connect on a terminal", () => {
  it("sends the line that was typed and edited, and shows the answer above the next", async () => {
    const terminal = await start([server.url]);
    // Left arrow, twice, and Home.
    terminal.type("hllo\u001B[D\u001B[D\u001B[De\u001B[HOh, \r");
    await terminal.until(/^> Oh, hello\n< Oh, hello\n>$/m);
    terminal.type("\u0004");
    assert.equal(await terminal.exitCode, 0);
    assert.match(terminal.screen, /closed 1000$/);
  });

  it("keeps the line that is being typed, of one row and of several, and where the cursor is", async () => {
    const terminal = await start([server.url], { columns: 40 });
    terminal.type("half a line");
    await terminal.until(/> half a line$/);
    opened?.send("first");
    await terminal.until(/^< first\n> half a line$/m);
    const long = " and so much more that it goes over three rows of the terminal";
    terminal.type(long);
    await terminal.until(/ows of the terminal$/);
    terminal.type(`${"\u001B[D".repeat(8)}IN`);
    await terminal.until(/IN/);
    opened?.send("second");
    await terminal.until(/< second\n> half/);
    opened?.send("third\nwith two lines");
    await terminal.until(/< third\n/);
    terminal.type("SERTED ");
    await terminal.until(/INSERTED/);
    const text = `half a line${long}`.replace(/terminal$/, "INSERTED terminal");
    const shown = terminal.screen.slice(terminal.screen.indexOf("< first"));
    const rows = `> ${text}`.match(/.{1,40}/g)?.map((row) => row.trimEnd()) ?? [];
    assert.equal(shown, ["< first", "< second", "< third", "with two lines", ...rows].join("\n"));
    terminal.type("\r");
    await terminal.until(/^< half[^<>]*INSERTED term\ninal\n>$/m);
  });

  it("knows the slash commands", async () => {
    const file = join(folder, "file.bin");
    writeFileSync(file, Buffer.from([0, 1, 2, 0x41]));
    const terminal = await start([server.url], { rows: 40 });
    terminal.type("/ping hi\r");
    await terminal.until(/pong hi after \d+\.\d ms/);
    terminal.type("/binary 00 ff 7f\r");
    await terminal.until(/binary, 3 bytes\n00000000 {2}00 ff 7f {42}\|\.\.\.\|/);
    terminal.type(`/file ${file}\r`);
    await terminal.until(/binary, 4 bytes\n00000000 {2}00 01 02 41 .*\|\.\.\.A\|/);
    terminal.type("/base64 aGk=\r");
    await terminal.until(/\|hi\|/);
    terminal.type("//slash\r");
    await terminal.until(/^< \/slash$/m);
    terminal.type("/inf\t\r");
    await terminal.until(/extensions +none\nsent +4 messages/);
    terminal.type("/nonsense\r");
    await terminal.until(/there is no \/nonsense: \/help tells/);
    terminal.type("/file /none\r");
    await terminal.until(/ENOENT/);
    terminal.type("/close 99\r");
    await terminal.until(/99/);
    terminal.type("/help\r");
    await terminal.until(/\/close \[CODE \[REASON\]\] /);
    const closed = opened?.closed;
    terminal.type("/close 4000 bye bye\r");
    assert.equal(await terminal.exitCode, 0);
    assert.deepEqual(await closed, {
      code: 4000,
      reason: "bye bye",
      wasClean: true,
      error: undefined,
    });
  });

  it("indents JSON, in colours, and keeps control characters away", async () => {
    const terminal = await start([server.url, "--timestamps"], { env: { FORCE_COLOR: "1" } });
    opened?.send('{"a":[1,12345678901234567890],"b":{}}');
    await terminal.until(
      /Z \{\n {2}"a": \[\n {4}1,\n {4}12345678901234567890\n {2}\],\n {2}"b": \{\}\n\}\n>/,
    );
    assert.ok(terminal.raw.includes('\u001B[36m"a"\u001B[39m'));
    opened?.send("\u001B[2Jcleared?\u0007");
    await terminal.until(/\\x1b\[2Jcleared\?\\x07\n>/);
    assert.ok(!terminal.raw.includes("\u001B[2J"));
  });

  it("has no colours where NO_COLOR is set", async () => {
    const terminal = await start([server.url, "--frames"], { env: { NO_COLOR: "1" } });
    terminal.type("hi\r");
    await terminal.until(/< hi\n/);
    await terminal.until(/→ TEXT FIN mask=[\da-f]{8} length=2 "hi"/);
    // Colours end in "m"; what moves the cursor doesn't.
    // oxlint-disable-next-line no-control-regex
    assert.doesNotMatch(terminal.raw, /\u001B\[[\d;]*m/);
  });

  it("keeps a history that only its owner reads, and finds it again", async () => {
    const terminal = await start([server.url]);
    terminal.type("remember me\r");
    await terminal.until(/< remember me/);
    terminal.type("\u0004");
    await terminal.exitCode;
    assert.equal(readFileSync(history, "utf8"), "remember me\n");
    assert.equal(statSync(history).mode & 0o777, 0o600);
    const again = await start([server.url]);
    again.type("\u001B[A");
    await again.until(/> remember me$/);
    again.type("\u0003");
    await again.until(/\n>$/);
    again.type("\u0003");
    assert.equal(await again.exitCode, 0);
  });

  it("keeps none with --no-history", async () => {
    const terminal = await start([server.url, "--no-history"]);
    terminal.type("secret\r");
    await terminal.until(/< secret/);
    terminal.type("\u0004");
    await terminal.exitCode;
    assert.throws(() => statSync(history), /ENOENT/);
  });

  it("still shows what is typed when its output goes into a file", async () => {
    const file = join(folder, "output.txt");
    const script = `${process.execPath} ${bin} connect ${server.url} --no-history > ${file}`;
    const terminal = new TestTerminal(["sh", "-c", script]);
    terminals.push(terminal);
    await terminal.until(/connected to .*\n>$/);
    terminal.type('{"a":1}\r');
    await terminal.until(/> \{"a":1\}\n>$/);
    terminal.type("/close\r");
    assert.equal(await terminal.exitCode, 0);
    assert.equal(readFileSync(file, "utf8"), '{"a":1}\n');
  });

  it("clears a half-typed line when the server closes, and says why", async () => {
    const terminal = await start([server.url]);
    terminal.type("half");
    await terminal.until(/> half$/);
    opened?.close(4001, "too late");
    assert.equal(await terminal.exitCode, 4);
    assert.match(terminal.screen, /hawser: closed with 4001: too late$/);
    assert.doesNotMatch(terminal.screen, /half/);
  });

  it("connects again, and sends --hello each time", async () => {
    const hello = join(folder, "hello.txt");
    writeFileSync(hello, "subscribe a\nsubscribe b\n");
    const terminal = await start([server.url, "--reconnect", "--hello", hello]);
    await terminal.until(/< subscribe a\n< subscribe b\n>/);
    opened?.terminate();
    await terminal.until(/connecting again in 0\.\d s/);
    await terminal.until(/again in .*\nconnected to .*\n(< subscribe [ab]\n){2}>/);
    terminal.type("on\r");
    await terminal.until(/< on\n>$/);
  });

  it("--listen is the server, of one client after the other", async () => {
    const env = { XDG_STATE_HOME: folder };
    const argv = [process.execPath, bin, "connect", "--listen", "127.0.0.1:0"];
    const terminal = new TestTerminal(argv, { env });
    terminals.push(terminal);
    const [, url = ""] = await terminal.until(/listening on (ws:\S+)/);
    for (const name of ["first", "second"]) {
      const ws = await connect(url);
      await terminal.until(/connected to 127\.0\.0\.1\n>$/);
      ws.send(name);
      await terminal.until(new RegExp(`< ${name}\n>`));
      terminal.type(`hello ${name}\r`);
      const { value } = await ws[Symbol.asyncIterator]().next();
      assert.equal(value, `hello ${name}`);
      ws.close(1000);
      await terminal.until(/closed 1000\n>$/);
    }
    terminal.type("\u0004");
    assert.equal(await terminal.exitCode, 0);
  });
});
