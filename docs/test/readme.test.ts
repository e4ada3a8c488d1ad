// The examples of the two READMEs run as well, under the names that the harness gives them.

import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { connect } from "hawser";
import { Page } from "./harness/page.ts";

const root = join(import.meta.dirname, "../..");

describe("README.md", () => {
  const page = new Page(join(root, "README.md"), { ports: [8080] });
  before(() => page.open());
  after(() => page.close());

  it("its examples compile", () => page.compile());

  it("the server with handlers knows its users and publishes", async () => {
    const server = await page.start("example-1.ts");
    await assert.rejects(connect(page.url(8080)), /401/);
    const ws = await connect(`${page.url(8080)}/?user=Ada`);
    ws.send("hi");
    assert.equal((await ws[Symbol.asyncIterator]().next()).value, "Ada: hi");
    ws.terminate();
    server.kill("SIGKILL");
    await server.ended;
  });

  it("the server with a function answers the client", async () => {
    const server = await page.start("example-2.ts", /^/);
    await untilItAnswers(page.url(8080));
    assert.equal(await page.output("example-3.ts"), "hello\n");
    assert.equal(await page.output("example-4.ts"), "hello\n");
    server.kill("SIGKILL");
    await server.ended;
  });

  it("so does the one that was written for ws", async () => {
    await page.start("example-5.ts", /^/);
    await untilItAnswers(page.url(8080));
    assert.equal(await page.output("example-3.ts"), "hello\n");
  });
});

describe("packages/hawser/README.md", () => {
  const page = new Page(join(root, "packages/hawser/README.md"), { ports: [8080] });
  before(() => page.open());
  after(() => page.close());

  it("its examples compile", () => page.compile());

  it("the server answers the client", async () => {
    await page.start("example-1.ts");
    assert.equal(await page.output("example-2.ts"), "hello\n");
  });
});

/** For a server that does not print anything when it is ready. */
async function untilItAnswers(url: string): Promise<void> {
  for (;;) {
    try {
      (await connect(url)).terminate();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}
