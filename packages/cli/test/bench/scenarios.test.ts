// `hawser bench` against servers that do what they should: every scenario, every option that changes what is sent.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Server, ServerOptions } from "hawser";
import type { BenchResult } from "../../dist/bench/page/result.js";
import { run } from "../../dist/index.js";
import { makeCertificate } from "../../dist/serve/certificate.js";
import { MemoryIo } from "../memory-io.js";
import { bench, faultsOf, listen } from "./bench.js";

const echo: ServerOptions = {
  maxMessageBytes: 2 ** 26,
  message: (ws, message) => (ws.send(message) ? undefined : ws.drained()),
};

describe("hawser bench", { concurrency: 4 }, () => {
  let server: Server;
  before(async () => {
    server = await listen({ ...echo, compression: true });
  });
  after(() => server.close());

  const good: [title: string, argv: string[]][] = [
    ["echo", []],
    ["echo with 16 in flight", ["--in-flight", "16"]],
    ["echo of text", ["--text", "--in-flight", "4"]],
    ["echo of several sizes", ["--size", "16,100,5k,70k", "--in-flight", "4"]],
    ["echo with more under way than a connection may queue", ["--size", "2M", "--in-flight", "8"]],
    ["echo at a rate", ["--rate", "500"]],
    ["echo at a rate, spinning", ["--rate", "500", "--spin"]],
    ["echo with a ramp", ["--ramp", "100ms", "-c", "5"]],
    ["echo by two workers", ["--workers", "2", "-c", "5", "--in-flight", "2"]],
    ["echo after a warm-up", ["--warm-up", "50ms"]],
    ["echo, compressed", ["--compression", "--size", "100,4k", "--in-flight", "4"]],
    ["echo, compressed in zlib's threads", ["--compression", "--size", "100k", "--in-flight", "3"]],
    ["echo, compressed with takeover", ["--context-takeover", "--text", "--in-flight", "4"]],
    ["a storm", ["--scenario", "storm", "-c", "4"]],
    ["a storm at a rate", ["--scenario", "storm", "-c", "4", "--rate", "50"]],
    ["idle", ["--scenario", "idle", "-c", "20"]],
  ];
  for (const [title, argv] of good) {
    it(`${title}: nothing amiss, exit code 0`, async () => {
      const { exitCode, result, stderr } = await bench(server.url, ...argv);
      assert.deepEqual(faultsOf(result), [], JSON.stringify(result.problems));
      assert.equal(exitCode, 0);
      assert.equal(stderr, "");
      assert.equal(result.isFaultless, true);
      assert.equal(result.counts.sent, result.counts.received);
      assert.ok((result.latency?.count ?? 0) > 0);
      const takesCompression = argv.some((one) => /compression|takeover/.test(one));
      assert.equal(result.extensions.includes("permessage-deflate"), takesCompression);
    });
  }

  it("goes over HTTP/2 with TLS", async () => {
    const tls = makeCertificate("localhost");
    const secure = await listen({ ...echo, tls, http2: true });
    const url = secure.url.replace("127.0.0.1", "localhost");
    const { exitCode, result } = await bench(url, "--insecure", "--http2");
    assert.deepEqual(result.problems, {});
    assert.equal(exitCode, 0);
    await secure.close();
  });

  for (const echoes of [true, false]) {
    const workers = echoes ? "1" : "2";
    for (const mode of [
      ["--in-flight", "2"],
      ["--rate", "200"],
    ]) {
      it(`fans out, ${workers} workers, ${mode.join(" ")}, ${echoes ? "" : "not "}to who sent it`, async () => {
        const topics = await listen({
          open: (ws) => ws.subscribe("all"),
          message: (ws, message) =>
            echoes ? void topics.publish("all", message) : void ws.publish("all", message),
        });
        const argv = ["--scenario", "fan-out", "-c", "10", "--publishers", "2"];
        const { exitCode, result } = await bench(
          topics.url,
          ...argv,
          ...mode,
          "--workers",
          workers,
        );
        assert.deepEqual(faultsOf(result), []);
        assert.equal(exitCode, 0);
        assert.equal(result.counts.received, result.counts.sent * 10);
        await topics.close();
      });
    }
  }
});

describe("hawser bench --rate", () => {
  /** The server's thread is not the bench's: it can stand still. */
  const stallMs = 400;
  const stalling = (): ServerOptions => {
    let hasStalled = false;
    return {
      message(ws, message) {
        if (!hasStalled) {
          hasStalled = true;
          setTimeout(() => {
            Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, stallMs);
          }, 200);
        }
        ws.send(message);
      },
    };
  };
  const brief = ["-c", "1", "--duration", "1s", "--timeout", "5s"];

  it("keeps the rate", async () => {
    const server = await listen(echo);
    const { result } = await bench(server.url, "--rate", "1000", "--duration", "500ms");
    // What is due at both ends of the time may fall to either side.
    assert.ok(Math.abs(result.counts.sent - 500) <= 100, String(result.counts.sent));
    assert.ok(result.lag !== undefined);
    const { measured, measuredSeconds } = result;
    assert.ok(Math.abs(measured.receivedPerSecond * measuredSeconds - measured.received) < 10);
    await server.close();
  });

  it("counts all that was due while the server stood still as late: no coordinated omission", async () => {
    const server = await listen(stalling());
    const { result } = await bench(server.url, ...brief, "--rate", "500");
    const { p90 = 0, max = 0 } = result.latency ?? {};
    assert.ok(max >= (stallMs - 100) * 1000, String(max));
    // 200 of 500 messages were due in that time.
    assert.ok(p90 >= (stallMs / 2) * 1000, String(p90));
    assert.deepEqual(faultsOf(result), []);
    await server.close();
  });

  it("is what finds them: without, one message is late and the others were not sent", async () => {
    const server = await listen(stalling());
    const { result } = await bench(server.url, ...brief);
    const { p90 = 0, max = 0 } = result.latency ?? {};
    assert.ok(max >= (stallMs - 100) * 1000, String(max));
    assert.ok(p90 < (stallMs / 2) * 1000, String(p90));
    await server.close();
  });
});

describe("hawser bench on the command line", () => {
  let server: Server;
  let folder: string;
  before(async () => {
    server = await listen(echo);
    folder = mkdtempSync(join(tmpdir(), "hawser-bench-"));
  });
  after(async () => {
    await server.close();
    rmSync(folder, { recursive: true });
  });
  const brief = ["--warm-up", "0", "--duration", "200ms", "-c", "2"];

  it("prints a summary, and writes the result and the report to files", async () => {
    const io = new MemoryIo();
    const [json, html] = [join(folder, "result.json"), join(folder, "report.html")];
    const argv = ["bench", server.url, ...brief, "--json", json, "--html", html];
    assert.equal(await run(argv, io), 0);
    assert.match(io.stdout.text, /^echo on ws:.*: 2 connections, 1 in flight, 64 B binary\n/);
    assert.match(io.stdout.text, /messages +[\d,]+\/s, [\d,]+ in 0\.\d+ s/);
    assert.match(io.stdout.text, /latency +p50 .* p99\.9 .* max /);
    assert.match(io.stdout.text, /all back, once, in order, unchanged and in time/);
    assert.ok(!io.stdout.text.includes("\x1b"));
    assert.equal(io.stderr.text, `wrote ${json}\nwrote ${html}\n`);
    const result = JSON.parse(readFileSync(json, "utf8")) as BenchResult;
    assert.equal(result.isFaultless, true);
    assert.match(readFileSync(html, "utf8"), /^<!doctype html>/);
  });

  it("shows how it goes on a terminal, in one line that it takes away", async () => {
    const io = new MemoryIo();
    io.stderr.isTTY = true;
    assert.equal(await run(["bench", server.url, ...brief], io), 0);
    assert.ok(io.stderr.text.startsWith("\r\x1b[2K"));
    assert.match(io.stderr.text, /measured .* 2 connections .* messages\/s .*p99/);
    assert.ok(io.stderr.text.endsWith("\r\x1b[2K"));
    assert.doesNotMatch(io.stderr.text, /\n/);
  });

  it("tells what was measured until Ctrl+C", async () => {
    const io = new MemoryIo();
    io.stderr.isTTY = true;
    const exitCode = run(["bench", server.url, ...brief, "--duration", "1h"], io);
    await io.stderr.until(/measured/);
    io.interrupt();
    assert.equal(await exitCode, 0);
    assert.match(io.stdout.text, /Interrupted: these are the figures until then/);
  });

  it("names the faults and where they come from", async () => {
    const refusing = await listen({ upgrade: () => new Response("", { status: 503 }) });
    const io = new MemoryIo();
    assert.equal(await run(["bench", refusing.url, ...brief], io), 1);
    assert.match(io.stdout.text, /checks +2 connections could not be opened\n/);
    assert.match(io.stdout.text, /2 × .*503/);
    await refusing.close();
  });

  it("shows no credentials", async () => {
    const io = new MemoryIo();
    const url = server.url.replace("ws://", "ws://ada:secret@");
    await run(["bench", url, ...brief, "--auth", "eve:hidden", "--json", "-"], io);
    assert.doesNotMatch(io.stdout.text + io.stderr.text, /secret|hidden/);
  });

  const wrong: [title: string, argv: string[], message: RegExp][] = [
    ["a remote server", ["ws://192.0.2.1"], /192\.0\.2\.1 is not this machine: .*--allow-remote/],
    ["a URL that is none", ["here"], /here is no URL of a server/],
    ["a message without room", ["ws://localhost", "--size", "15"], /at least 16 bytes/],
    ["a text without room", ["ws://localhost", "--text", "--size", "31"], /at least 32 bytes/],
    ["an unknown scenario", ["ws://localhost", "--scenario", "rain"], /Allowed choices are echo/],
  ];
  for (const [title, argv, message] of wrong) {
    it(`explains ${title}, exit code 1`, async () => {
      const io = new MemoryIo();
      assert.equal(await run(["bench", ...argv], io), 1);
      assert.match(io.stderr.text, message);
    });
  }

  it("--help has scenarios, examples, exit codes, and defaults as they are given", async () => {
    const io = new MemoryIo();
    assert.equal(await run(["bench", "--help"], io), 0);
    for (const word of [
      /Scenarios:/,
      /Examples:/,
      /Exit codes:/,
      /default: 10s/,
      /default: 64\)/,
    ]) {
      assert.match(io.stdout.text, word);
    }
  });
});
