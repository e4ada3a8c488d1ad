// The tutorial step by step, as a reader takes it: an empty folder, npm, a server, a browser.

import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { connect, HandshakeError } from "hawser";
import type { Browser, Page as Tab } from "playwright-core";
import { startBrowser } from "../harness/browser.ts";
import { describePage } from "../harness/page.ts";
import type { Running } from "../harness/processes.ts";

describePage(import.meta.url, { ports: [8080], isBare: true }, (page) => {
  let browser: Browser;
  const web = (): string => `http://localhost:${page.port(8080)}`;

  before(async () => {
    browser = await startBrowser();
  });
  after(() => browser.close());

  const open = async (url: string): Promise<Tab> => {
    const tab = await browser.newPage();
    await tab.goto(url);
    return tab;
  };

  it("1. installs the package into an empty folder", async () => {
    await page.shell("npm init");
  });

  it("2. answers its own client", async () => {
    page.save("server.js");
    const server = await page.startShell("node server.js", /listening on ws:\/\/localhost:\d+\n/);
    page.save("hello.js");
    page.checkOutput("hello.js", await page.shell("node hello.js"));
    await stop(server);
  });

  it("3. shows a page, where everybody hears everybody", async () => {
    page.save("server.js#2");
    page.save("public/index.html");
    page.save("public/chat.js");
    const server = await page.startShell("node server.js", /open http:/);
    const [one, other] = [await open(web()), await open(web())];
    await one.getByText("connected", { exact: true }).waitFor();
    await other.getByText("connected", { exact: true }).waitFor();
    await one.fill("#text", "hello all");
    await one.click("button");
    await one.locator("li", { hasText: "hello all" }).waitFor();
    await other.locator("li", { hasText: "hello all" }).waitFor();
    const foreign = connect(page.url(8080), { headers: { origin: "https://evil.example" } });
    await assert.rejects(foreign, (error: HandshakeError) => error.status === 403);
    await stop(server);
  });

  it("4. knows names, and refuses those that are missing or taken", async () => {
    page.save("server.js#3");
    const server = await page.startShell("node server.js", /open http:/);
    const ada = await connect(`${page.url(8080)}/?name=Ada`);
    await refused(`${page.url(8080)}/`, 400, /say who you are/);
    await refused(`${page.url(8080)}/?name=Ada`, 409, /Ada is taken/);
    const messages = ada[Symbol.asyncIterator]();
    assert.deepEqual(await next(messages), { type: "present", names: ["Ada"] });
    const bob = await connect(`${page.url(8080)}/?name=Bob`);
    assert.deepEqual(await next(messages), { type: "present", names: ["Ada", "Bob"] });
    bob.send("hi");
    assert.deepEqual(await next(messages), { type: "said", name: "Bob", text: "hi" });
    bob.terminate();
    assert.deepEqual(await next(messages), { type: "present", names: ["Ada"] });
    await stop(server);
  });

  it("5. and 6. the page comes back when the server does, which leaves politely", async () => {
    page.save("public/chat.js#2");
    page.append("server.js");
    let server = await page.startShell("node server.js", /open http:/);
    const ada = await open(`${web()}/?name=Ada`);
    const bob = await open(`${web()}/?name=Bob`);
    await ada.getByText("Ada, Bob").waitFor();
    await bob.fill("#text", "good morning");
    await bob.click("button");
    await ada.locator("li", { hasText: "Bob: good morning" }).waitFor();
    await interrupt(server);
    await ada.getByText("reconnecting").waitFor();
    server = await page.startShell("node server.js", /open http:/);
    await ada.getByText("connected as Ada").waitFor();
    await bob.getByText("connected as Bob").waitFor();
    await ada.locator("#present", { hasText: "Bob" }).waitFor();
    await interrupt(server);
  });
});

async function refused(url: string, status: number, body: RegExp): Promise<void> {
  await assert.rejects(connect(url), (error) => {
    assert.ok(error instanceof HandshakeError);
    assert.equal(error.status, status);
    assert.match(error.body, body);
    return true;
  });
}

async function next(messages: AsyncIterator<string | Buffer>): Promise<unknown> {
  return JSON.parse(String((await messages.next()).value)) as unknown;
}

async function stop(server: Running): Promise<void> {
  server.kill("SIGINT");
  await server.ended;
}

/** Ctrl+C: the server has to end by itself, and well. */
async function interrupt(server: Running): Promise<void> {
  server.kill("SIGINT");
  assert.equal(await server.ended, 0);
}
