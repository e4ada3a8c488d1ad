// `hawser conform` as it is typed: both roles, reports, exit codes.

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { connect, serve, type Server } from "hawser";
import type { Report } from "../../dist/conform/report/model.js";
import { run } from "../../dist/index.js";
import { MemoryIo } from "../memory-io.js";
import { rawServer } from "./raw-server.js";

const folder = mkdtempSync(join(tmpdir(), "hawser-conform-"));
after(() => rmSync(folder, { recursive: true }));

function readReport(file: string): Report {
  return JSON.parse(readFileSync(file, "utf8")) as Report;
}

describe("hawser conform server", () => {
  let server: Server;
  before(async () => {
    server = await serve({
      port: 0,
      hostname: "127.0.0.1",
      message: (ws, message) => void ws.send(message),
      error: () => undefined,
    });
  });
  after(() => server.close());

  it("runs the cases that were chosen, prints a summary, and gives 0", async () => {
    const io = new MemoryIo();
    const argv = ["conform", "server", server.url, "--cases", "1.1.*, 3.1", "--exclude", "1.1.8"];
    assert.equal(await run([...argv, "--cases", "7.13"], io), 0);
    const { host } = new URL(server.url);
    assert.match(
      io.stdout.text,
      new RegExp(
        `^${host} \\(server\\)\n {3}1 Framing +OK 7\n {3}3 Reserved bits +OK 1\n` +
          " {3}7 Closing +INFORMATIONAL 2\n10 of 10 cases in .* s: OK 8, INFORMATIONAL 2\n$",
      ),
    );
    assert.equal(io.stderr.text, "");
  });

  it("writes JSON, JUnit XML and HTML, into new folders, too", async () => {
    const io = new MemoryIo();
    const [json, junit, html] = ["new/r.json", "new/r.xml", "pages"].map((name) =>
      join(folder, name),
    );
    const files = ["--json", json ?? "", "--junit", junit ?? "", "--html", html ?? ""];
    const more = ["--cases", "2.2", "--agent", "my server", "--header", "X-Token: k3y"];
    assert.equal(await run(["conform", "server", server.url, ...files, ...more], io), 0);
    const report = readReport(json ?? "");
    assert.ok(!("target" in report || "files" in report));
    assert.equal(report.role, "server");
    assert.equal(report.agents[0]?.name, "my server");
    const [result] = report.agents[0]?.results ?? [];
    assert.equal(result?.behavior, "OK");
    assert.match(result?.log[0]?.text ?? "", /X-Token: k3y/);
    assert.match(readFileSync(junit ?? "", "utf8"), /<testcase .*name="2\.2 A ping/);
    assert.match(readFileSync(`${html}/index.html`, "utf8"), /<h2>my server<\/h2>/);
    assert.match(io.stderr.text, /written: .*r\.json\n.*r\.xml\n.*index\.html\n$/);
  });

  it("colors a terminal, and shows there how far it is", async () => {
    const io = new MemoryIo();
    io.stdout.isTTY = true;
    io.stderr.isTTY = true;
    const { NO_COLOR } = process.env;
    delete process.env["NO_COLOR"];
    await run(["conform", "server", server.url, "--cases", "2.1,2.2"], io);
    if (NO_COLOR !== undefined) process.env["NO_COLOR"] = NO_COLOR;
    assert.ok(io.stdout.text.includes("\u001B[32mOK 2\u001B[0m"));
    assert.equal(io.stderr.text, "\r1 of 2 cases\r2 of 2 cases\r\u001B[K");
  });

  it("a case that fails: says why, and gives 1", async () => {
    const wrong = await rawServer((frame, peer) => {
      peer.answer(frame.opcode === 9 ? { ...frame, payload: Buffer.from("no") } : frame);
    });
    const io = new MemoryIo();
    assert.equal(await run(["conform", "server", wrong.url.href, "--cases", "2.1,1.1.1"], io), 1);
    assert.match(io.stdout.text, /^FAILED 2\.1 A ping without payload$/m);
    assert.match(io.stdout.text, /^ {4}what came is pong of 2 "no"$/m);
    await wrong.close();
  });

  it("what is not implemented gives 0, and 1 with --strict", async () => {
    const argv = ["conform", "server", server.url, "--cases", "12.1.1"];
    assert.equal(await run(argv, new MemoryIo()), 0);
    assert.equal(await run([...argv, "--strict"], new MemoryIo()), 1);
  });

  it("a server that is not there gives 2", async () => {
    const gone = await rawServer(() => undefined);
    await gone.close();
    const io = new MemoryIo();
    assert.equal(await run(["conform", "server", gone.url.href], io), 2);
    assert.match(io.stderr.text, /^hawser: can't connect to 127\.0\.0\.1:\d+: .*ECONNREFUSED/);
  });

  it("leaves out the performance groups, and of clients the openings, unless they are asked for", async () => {
    const io = new MemoryIo();
    assert.equal(await run(["conform", "--help"], io), 0);
    assert.match(io.stdout.text, /9 {2}Limits and performance \(54\), performance/);
    const count = async (...argv: string[]): Promise<string> => {
      const listing = new MemoryIo();
      const running = run(["conform", "client", "--port", "0", ...argv], listing);
      const [, cases = ""] = await listing.stderr.until(/(\d+) cases? for clients/);
      listing.interrupt();
      await running;
      return cases;
    };
    assert.equal(await count("--exclude", "2,20,21,22,23,24,25,29"), "236");
    assert.equal(await count("--cases", "1.*,2.*,9.1.*"), "33");
    assert.ok(Number(await count("--performance")) >= 517);
    const usual = Number(await count());
    assert.equal(Number(await count("--openings")), usual + Number(await count("--cases", "20")));
  });

  const wrong: [title: string, argv: string[], message: RegExp][] = [
    ["a URL that is not a WebSocket's", ["server", "http://x"], /begins with ws: or wss:/],
    ["no URL", ["server"], /missing required argument 'url'/],
    ["a pattern that is none", ["server", "ws://x", "--cases", "a"], /no pattern of cases/],
    ["one that fits nothing", ["client", "--cases", "8.*"], /no case is called 8\.\*/],
    ["0 at a time", ["server", "ws://x", "--parallel", "0"], /from 1 to 1000/],
  ];
  for (const [title, argv, message] of wrong) {
    it(`explains ${title} and gives 1`, async () => {
      const io = new MemoryIo();
      assert.equal(await run(["conform", ...argv], io), 1);
      assert.match(io.stderr.text, message);
    });
  }
});

describe("hawser conform client", () => {
  async function runCases(url: string, agent: string, count: number): Promise<void> {
    for (let number = 1; number <= count; number++) {
      const ws = await connect(`${url}/runCase?case=${number}&agent=${agent}`, {
        message: (connection, message) => void connection.send(message),
      });
      await ws.closed;
    }
    await (await connect(`${url}/updateReports?agent=${agent}`)).closed;
  }

  it("--once ends with the first report", async () => {
    const io = new MemoryIo();
    const json = join(folder, "client.json");
    const argv = ["--port", "0", "--cases", "1.1.1,2.1", "--once", "--json", json];
    const exitCode = run(["conform", "client", ...argv], io);
    const [, url = ""] = await io.stderr.until(/2 cases for clients on (ws:\S+);/);
    await runCases(url, "mine", 2);
    assert.equal(await exitCode, 0);
    assert.match(io.stdout.text, /^mine \(client\)\n/);
    assert.equal(readReport(json).agents[0]?.results.length, 2);
  });

  it("takes several clients until Ctrl+C, and shows a page meanwhile", async () => {
    const io = new MemoryIo();
    const exitCode = run(["conform", "client", "--port", "0", "--cases", "2.1"], io);
    const [, url = ""] = await io.stderr.until(/1 case for clients on (ws:\S+);/);
    await runCases(url, "one", 1);
    await runCases(url, "two", 1);
    const page = await (await fetch(url.replace("ws:", "http:"))).text();
    assert.match(page, /<h2>one<\/h2>[^]*<h2>two<\/h2>/);
    io.interrupt();
    assert.equal(await exitCode, 0);
    assert.match(io.stdout.text, /^one \(client\)[^]*^two \(client\)/m);
  });

  it("runs the client that stands behind --", async () => {
    const program = join(folder, "client.mjs");
    writeFileSync(
      program,
      `const url = process.env.HAWSER_CONFORM_URL;
const { connect } = await import(${JSON.stringify(import.meta.resolve("hawser"))});
const ws = await connect(url + "/runCase?case=1&agent=child", {
  message: (ws, message) => void ws.send(message),
});
await ws.closed;
console.log("all done");
process.exit(3);`,
    );
    const io = new MemoryIo();
    const argv = ["--port", "0", "--cases", "1.1.2", "--", process.execPath, program];
    assert.equal(await run(["conform", "client", ...argv], io), 0);
    assert.match(io.stdout.text, /^child \(client\)\n/);
    assert.match(io.stderr.text, /all done\nhawser: .* has ended with exit code 3\n$/);
  });

  it("gives 2 when no case was run, or the client can't be", async () => {
    const io = new MemoryIo();
    const argv = ["--port", "0", "--", join(folder, "no-such-program")];
    assert.equal(await run(["conform", "client", ...argv], io), 2);
    assert.match(io.stderr.text, /can't run .*ENOENT\nhawser: no case was run\n$/);
  });
});
