// `hawser connect` in a pipe, against servers that echo, talk, close and refuse.

import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { connect, type ListenOptions, type Server, serve, type ServerOptions } from "hawser";
import { run } from "../../dist/index.js";
import { makeCertificate } from "../certificate.js";
import { MemoryIo } from "../memory-io.js";

const folder = mkdtempSync(join(tmpdir(), "hawser-connect-"));
const hello = join(folder, "hello.txt");
writeFileSync(hello, "subscribe\n");
after(() => rmSync(folder, { recursive: true }));

const parse = (line: string): Record<string, string> => JSON.parse(line) as Record<string, string>;

/** A port on which nobody listens. */
async function freePort(): Promise<string> {
  const server = await serve({ hostname: "127.0.0.1", port: 0 });
  const { port } = new URL(server.url);
  await server.close();
  return port;
}

describe("hawser connect", () => {
  const servers: Server[] = [];
  after(() => Promise.all(servers.map((server) => server.close())));

  async function listen(options: ServerOptions & ListenOptions): Promise<string> {
    const server = await serve({ hostname: "127.0.0.1", port: 0, ...options });
    servers.push(server);
    return server.url;
  }

  it("sends each line, prints what comes, and ends with 0 after the end of its input", async () => {
    const url = await listen({ message: (ws, message) => void ws.send(message) });
    const io = new MemoryIo();
    io.stdin.end("one\n\nzwölf");
    assert.equal(await run(["connect", url], io), 0);
    assert.equal(io.stdout.text, "one\n\nzwölf\n");
    assert.match(io.stderr.text, /^connected to ws:.*\nclosed 1000\n$/);
  });

  it("keeps the order of a hundred thousand lines that come at once", async () => {
    const url = await listen({
      async message(ws, message) {
        if (!ws.send(message)) await ws.drained();
      },
    });
    const io = new MemoryIo();
    const text = Array.from({ length: 100_000 }, (_, index) => `${index}\n`).join("");
    io.stdin.end(text);
    assert.equal(await run(["connect", url], io), 0);
    assert.ok(io.stdout.text === text);
  });

  it("sends lines that are longer than what may be queued otherwise", async () => {
    const url = await listen({
      maxMessageBytes: 8 * 1024 * 1024,
      message: (ws, message) => void ws.send(String(message.length)),
    });
    const io = new MemoryIo();
    io.stdin.end(`short\n${"long".repeat(1024 * 1024)}\nshort\n`);
    assert.equal(await run(["connect", url, "--count", "3"], io), 0);
    assert.equal(io.stdout.text, `5\n${4 * 1024 * 1024}\n5\n`);
  });

  it("prints binary messages as hex", async () => {
    const url = await listen({
      open(ws) {
        ws.send(new Uint8Array([0, 0x7f, 0xff]));
        ws.close(1000);
      },
    });
    const io = new MemoryIo();
    assert.equal(await run(["connect", url], io), 0);
    assert.equal(io.stdout.text, "007fff\n");
  });

  it("closes with 1000 and gives 0 on Ctrl+C", async () => {
    const closeCode = new EventEmitter();
    const received = once(closeCode, "received");
    const url = await listen({ close: (_ws, code) => void closeCode.emit("received", code) });
    const io = new MemoryIo();
    const exitCode = run(["connect", url], io);
    await io.stderr.until(/connected/);
    io.interrupt();
    assert.equal(await exitCode, 0);
    assert.deepEqual(await received, [1000]);
  });

  it("reports any other close code with its reason and gives 4", async () => {
    const url = await listen({ open: (ws) => ws.close(4001, "too late") });
    const io = new MemoryIo();
    assert.equal(await run(["connect", url], io), 4);
    assert.match(io.stderr.text, /hawser: closed with 4001: too late\n$/);
  });

  it("reports a connection that breaks off and gives 5", async () => {
    const url = await listen({ open: (ws) => ws.terminate() });
    const io = new MemoryIo();
    assert.equal(await run(["connect", url], io), 5);
    assert.match(io.stderr.text, /hawser: closed with 1006/);
  });

  it("offers subprotocols and sends headers", async () => {
    const url = await listen({
      protocols: ["b"],
      upgrade: ({ headers }) => ({ data: headers["x-name"] }),
      open(ws) {
        ws.send(`${String(ws.data)} ${ws.protocol}`);
        ws.close(1000);
      },
    });
    const io = new MemoryIo();
    const options = ["--subprotocol", "a", "--subprotocol", "b", "--header", "X-Name: Anna: Lena"];
    assert.equal(await run(["connect", url, ...options], io), 0);
    assert.equal(io.stdout.text, "Anna: Lena b\n");
    assert.match(io.stderr.text, /with subprotocol b\n/);
  });

  for (const isTTY of [true, false]) {
    it(isTTY ? "keeps control characters from a terminal" : "leaves a file its bytes", async () => {
      const url = await listen({
        open(ws) {
          ws.send("a\tb\n\u001B[31mred\u0085");
          ws.close(1000);
        },
      });
      const io = new MemoryIo();
      io.stdout.isTTY = isTTY;
      assert.equal(await run(["connect", url], io), 0);
      assert.equal(
        io.stdout.text,
        isTTY ? "< a\tb\n\\x1b[31mred\\x85\n" : "a\tb\n\u001B[31mred\u0085\n",
      );
    });
  }

  // ---- What is sent

  it("--wait: stays behind the end of its input until nothing has come for so long", async () => {
    // Whoever closes at once gets no answer of a server that takes its time.
    const url = await listen({
      message: (ws, message) => void setTimeout(() => ws.send(message), 100),
    });
    for (const [wait, expected] of [
      ["forever", "slow\n"],
      ["0", ""],
    ] as const) {
      const io = new MemoryIo();
      io.stdin.end("slow\n");
      const running = run(["connect", url, "--wait", wait], io);
      if (wait === "forever") {
        await io.stdout.until(/slow/);
        io.interrupt();
      }
      assert.equal(await running, 0);
      assert.equal(io.stdout.text, expected);
    }
  });

  it("--once and --count: close behind so many messages, and 6 when they don't come", async () => {
    const url = await listen({
      message(ws, message) {
        for (const number of [1, 2, 3]) ws.send(`${String(message)} ${number}`);
        if (message === "bye") ws.close(1000);
      },
    });
    for (const [argv, input, exitCode, expected] of [
      [["--once"], "hi\n", 0, "hi 1\n"],
      [["--count", "2"], "hi\n", 0, "hi 1\nhi 2\n"],
      [["--count", "4"], "bye\n", 6, "bye 1\nbye 2\nbye 3\n"],
    ] as const) {
      const io = new MemoryIo();
      io.stdin.end(input);
      assert.equal(await run(["connect", url, ...argv], io), exitCode);
      assert.equal(io.stdout.text, expected);
      if (exitCode === 6) assert.match(io.stderr.text, /3 of 4 messages came/);
    }
  });

  it("--binary: the input is one message, and what comes is its bytes", async () => {
    const url = await listen({ message: (ws, message) => void ws.send(message) });
    const io = new MemoryIo();
    const bytes = Buffer.from(Array.from({ length: 200_000 }, (_, index) => index % 251));
    io.stdin.end(bytes);
    assert.equal(await run(["connect", url, "--binary", "--once", "--quiet"], io), 0);
    assert.ok(io.stdout.bytes.equals(bytes));
    assert.equal(io.stderr.text, "");
  });

  it("--jsonl: messages of any kind go in and come out, and pings and closes go in", async () => {
    const pings: string[] = [];
    const url = await listen({
      message: (ws, message) => void ws.send(message),
      ping: (_ws, payload) => void pings.push(payload.toString()),
    });
    const io = new MemoryIo();
    const lines = [
      { type: "text", data: "two\nlines" },
      { type: "binary", base64: "AP8=" },
      { type: "ping", data: "x" },
      { type: "close", code: 4001, reason: "bye" },
    ];
    io.stdin.end(lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    assert.equal(await run(["connect", url, "--jsonl"], io), 0);
    const [text, binary, ...more] = io.stdout.text.trimEnd().split("\n").map(parse);
    assert.deepEqual({ ...text, time: "" }, { ...lines[0], time: "" });
    assert.deepEqual({ ...binary, time: "" }, { ...lines[1], time: "" });
    assert.match(text?.["time"] ?? "", /^\d{4}-\d\d-\d\dT.*Z$/);
    assert.deepEqual([more, pings], [[], ["x"]]);
    assert.match(io.stderr.text, /closed 4001\n$/);
  });

  it("a line that can't be sent is told by its number, closes, and gives 1", async () => {
    const url = await listen({ message: (ws, message) => void ws.send(message) });
    for (const [argv, line, message] of [
      [["--jsonl"], "{}", /standard input: line 2: a line has to be like/],
      [["--jsonl"], "{", /line 2: no JSON/],
      [["--jsonl"], '{"type":"binary","base64":"?"}', /line 2: base64 is/],
      [["--slash"], "/swim", /line 2: there is no \/swim/],
    ] as const) {
      const io = new MemoryIo();
      const first = argv[0] === "--jsonl" ? '{"type":"text","data":"a"}' : "a";
      io.stdin.end(`${first}\n${line}\n${first}\n`);
      assert.equal(await run(["connect", url, ...argv], io), 1);
      assert.match(io.stderr.text, message);
      assert.equal(io.stdout.text.match(/a/g)?.length, argv[0] === "--jsonl" ? 3 : 1);
    }
  });

  it("--slash: lines of a pipe are commands, and // is a slash", async () => {
    const url = await listen({ message: (ws, message) => void ws.send(message) });
    const io = new MemoryIo();
    io.stdin.end("/binary 00ff\n//binary\n/close 4002 so long\n");
    assert.equal(await run(["connect", url, "--slash"], io), 0);
    assert.equal(io.stdout.text, "00ff\n/binary\n");
    assert.match(io.stderr.text, /closed 4002\n$/);
    const plain = new MemoryIo();
    plain.stdin.end("/help\n");
    assert.equal(await run(["connect", url, "--once"], plain), 0);
    assert.equal(plain.stdout.text, "/help\n");
  });

  // ---- What is shown

  it("--base64, --json-pretty and --timestamps: how messages are shown", async () => {
    const url = await listen({
      open(ws) {
        ws.send(Uint8Array.of(0, 255));
        ws.send('{"a":[]}');
        ws.close(1000);
      },
    });
    const io = new MemoryIo();
    assert.equal(await run(["connect", url, "--base64", "--json-pretty", "--timestamps"], io), 0);
    assert.match(io.stdout.text, /^\d{4}-\S+Z AP8=\n\d{4}-\S+Z \{\n {2}"a": \[\]\n\}\n$/);
  });

  it("--frames: every frame with its flags, opcode, mask and length, on stderr", async () => {
    const url = await listen({
      compression: { thresholdBytes: 0 },
      message(ws, message) {
        ws.send(message, { fin: false });
        ws.send("end");
        ws.ping("p");
      },
    });
    const io = new MemoryIo();
    io.stdin.end(`${"a".repeat(70)}\n`);
    assert.equal(await run(["connect", url, "--frames", "--compression", "--count", "1"], io), 0);
    const time = String.raw`\d+\.\d{3}s`;
    const mask = String.raw`mask=[\da-f]{8}`;
    assert.match(
      io.stderr.text,
      new RegExp(
        [
          "^connected to ws:.* with permessage-deflate.*",
          `${time} → TEXT FIN ${mask} length=70 "a{60}"…`,
          `${time} ← TEXT (RSV1 )?length=.*`,
          `${time} ← CONTINUATION FIN length=.*`,
          `${time} ← PING FIN length=1 "p"`,
          `${time} → PONG FIN ${mask} length=1 "p"`,
          `${time} → CLOSE FIN ${mask} length=2 1000`,
          `${time} ← CLOSE FIN length=2 1000`,
          "closed 1000\n$",
        ].join("\n"),
      ),
    );
  });

  // ---- The way to the server

  it("goes over TLS and HTTP/2, and shows the frames there as well", async () => {
    const tls = makeCertificate();
    const ca = join(folder, "ca.pem");
    writeFileSync(ca, tls.cert);
    const url = await listen({
      tls,
      http2: true,
      hostname: "localhost",
      message: (ws, message) => void ws.send(message),
    });
    for (const argv of [[], ["--http2"]]) {
      const io = new MemoryIo();
      io.stdin.end("hi\n");
      assert.equal(await run(["connect", url, "--ca", ca, "--once", "--frames", ...argv], io), 0);
      assert.equal(io.stdout.text, "hi\n");
      assert.match(
        io.stderr.text,
        /→ TEXT FIN mask=\w+ length=2 "hi"\n.*← TEXT FIN length=2 "hi"\n/,
      );
    }
  });

  it("explains options that don't go together, before anything is dialled", async () => {
    const rows: [argv: string[], message: RegExp][] = [
      [["--binary", "--jsonl"], /--binary sends bytes, once/],
      [["--jsonl", "--slash"], /--slash doesn't go with it/],
      [["--listen", "1", "ws://x"], /either a URL, or --listen/],
      [["--listen", "x"], /looks like 8080 or 0\.0\.0\.0:8080/],
      [["--listen", "0", "--auth", "a:b", "--connect-timeout", "1"], /--auth, --connect-timeout/],
      [["--wait", "soon", "ws://x"], /such as 2 or 0\.5/],
      [["--count", "0", "ws://x"], /1 or more/],
      [["--hello", join(folder, "none"), "ws://x"], /the file of --hello: ENOENT/],
    ];
    for (const [argv, message] of rows) {
      const io = new MemoryIo();
      const url = argv.some((one) => one === "--listen" || one === "ws://x") ? [] : ["ws://x"];
      assert.equal(await run(["connect", ...argv, ...url], io), 1);
      assert.match(io.stderr.text, message);
    }
  });

  // ---- More than one connection

  it("--reconnect: connects again, sends --hello again, and goes on with its input", async () => {
    let opened = 0;
    const url = await listen({
      open: () => void opened++,
      message(ws, message) {
        ws.send(message);
        if (message === "break") ws.terminate();
      },
    });
    const io = new MemoryIo();
    const running = run(["connect", url, "--reconnect", "--hello", hello], io);
    await io.stdout.until(/subscribe/);
    io.stdin.write("break\n");
    await io.stderr.until(/closed with 1006.*\nconnecting again in 0\.[2-5] s\nconnected/);
    io.stdin.end("more\n");
    assert.equal(await running, 0);
    assert.equal(io.stdout.text.replace("break\n", ""), "subscribe\nsubscribe\nmore\n");
    assert.equal(opened, 2);
  });

  it("--retries: gives up after so many attempts, and Ctrl+C ends the waiting at once", async () => {
    const url = `ws://127.0.0.1:${await freePort()}`;
    const io = new MemoryIo();
    assert.equal(await run(["connect", url, "--reconnect", "--retries", "1"], io), 2);
    assert.equal(io.stderr.text.match(/ECONNREFUSED/g)?.length, 2);
    assert.match(io.stderr.text, /connecting again in/);
    const interrupted = new MemoryIo();
    const running = run(["connect", url, "--reconnect"], interrupted);
    await interrupted.stderr.until(/connecting again/);
    interrupted.interrupt();
    assert.equal(await running, 2);
  });

  it("--listen: is the server of one client; another has to come later", async () => {
    const io = new MemoryIo();
    const argv = ["connect", "--listen", "127.0.0.1:0", "--subprotocol", "chat", "--compression"];
    const running = run(argv, io);
    const [, url = ""] = await io.stderr.until(/listening on (ws:\S+)\n/);
    const ws = await connect(url, { protocols: "chat", compression: true });
    await io.stderr.until(/connected to 127\.0\.0\.1 with subprotocol chat, permessage-deflate/);
    await assert.rejects(connect(url), { status: 503 });
    ws.send("to the server");
    await io.stdout.until(/^to the server\n$/);
    io.stdin.write("to the client\n");
    assert.equal((await ws[Symbol.asyncIterator]().next()).value, "to the client");
    ws.close(4005);
    assert.equal(await running, 4);
  });
});
