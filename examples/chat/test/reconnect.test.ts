// The page in a real browser, when the server goes away: it says so, waits, comes back by itself with
// its name, and loses nothing that was typed.

import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import type { Server } from "hawser";
import type { Page } from "playwright-core";
import { type Person, startChat } from "../dist/server.js";
import { people, say, Tabs } from "./browser.ts";
import { contrasts } from "./contrast.ts";
import { emptied } from "./guest.ts";

const hostname = "127.0.0.1";
let tabs: Tabs;
let server: Server<Person>;
let port: number;
let url: string;

before(async () => {
  tabs = await Tabs.launch();
  server = await startChat({ port: 0, hostname });
  url = server.url.replace("ws:", "http:");
  port = Number(new URL(url).port);
});
afterEach(async () => {
  await tabs.closeAll();
  await emptied(server);
});
after(async () => {
  await tabs.close();
  await server.close({ timeoutMs: 1_000 });
});

const stop = (): Promise<void> => server.close({ timeoutMs: 1_000 });
const restart = async (): Promise<void> => {
  server = await startChat({ port, hostname });
};

/** A page whose timers never fire, so that nothing happens on it by itself. */
async function joinWithStoppedClock(): Promise<Page> {
  const page = await tabs.blank();
  await page.clock.install();
  await page.goto(url);
  await page.keyboard.type("Ada");
  await page.keyboard.press("Enter");
  await page.getByText("Moored as Ada").waitFor();
  await page.clock.pauseAt(Date.now() + 3_600_000);
  return page;
}

describe("when the server stops and comes back", { timeout: 60_000 }, () => {
  it("the page says so, counts down, and returns by itself with its name and text", async () => {
    const ada = await tabs.join(url, "Ada");
    const grace = await tabs.join(url, "Grace", { colorScheme: "dark" });
    await say(ada, "before");
    await grace.getByText("before").waitFor();
    await ada.keyboard.type("half a sen");
    await stop();
    await ada.getByRole("status").getByText("Connection lost. Reconnecting.").waitFor();
    await ada
      .getByRole("timer")
      .getByText(/^Next try in \d+ s$/)
      .waitFor();
    await ada.getByRole("button", { name: "Reconnect now" }).waitFor();

    await ada.keyboard.press("Enter");
    await ada.getByRole("alert").getByText("your text stays here").waitFor();
    assert.equal(await ada.getByLabel("Your message").inputValue(), "half a sen");
    await grace.getByRole("status").getByText("Connection lost. Reconnecting.").waitFor();
    const found = [...(await contrasts(ada)), ...(await contrasts(grace))];
    assert.deepEqual(
      found.filter(({ ratio }) => ratio < 4.5),
      [],
    );

    await restart();
    await ada.getByText("You are back as Ada.").waitFor();
    await grace.getByText("You are back as Grace.").waitFor();
    await ada.getByRole("status").getByText("Moored as Ada").waitFor();
    assert.equal(await ada.getByRole("button", { name: "Reconnect now" }).isVisible(), false);
    await ada.getByRole("list", { name: "Aboard 2" }).waitFor();
    assert.deepEqual(await people(ada), ["Ada (you)", "Grace"]);
    await ada.getByLabel("Your message").press("End");
    await ada.keyboard.type("tence");
    await ada.keyboard.press("Enter");
    await grace.getByText("half a sentence").waitFor();
    assert.equal(await ada.getByLabel("Your message").inputValue(), "");
    assert.equal(await ada.getByRole("alert").count(), 0);
  });

  it("the button reconnects at once, and hands the focus on", async () => {
    const page = await joinWithStoppedClock();
    await stop();
    const button = page.getByRole("button", { name: "Reconnect now" });
    await button.waitFor();
    await restart();
    await button.press("Enter");
    await page.getByText("You are back as Ada.").waitFor();
    assert.equal(await page.evaluate(() => document.activeElement?.id), "text");
  });

  for (const [title, random, expected] of [
    ["whole", 0, [1, 2, 4, 8, 16, 30, 30]],
    ["half", 1, [1, 1, 2, 4, 8, 15, 15]],
  ] as const) {
    it(`the waits double up to half a minute; chance makes them ${title}`, async () => {
      const page = await joinWithStoppedClock();
      await page.evaluate((value) => (Math.random = () => value), random);
      await stop();
      const waits: number[] = [];
      for (const _ of expected) {
        await page.getByRole("status").getByText("Connection lost.").waitFor();
        const text = await page.getByRole("timer").textContent();
        waits.push(Number(text?.match(/^Next try in (\d+) s$/)?.[1]));
        await page.getByRole("button", { name: "Reconnect now" }).press("Enter");
      }
      assert.deepEqual(waits, expected);
      await restart();
    });
  }
});

describe("when the connection breaks behind a message", { timeout: 60_000 }, () => {
  it("text that the room has not heard comes back to the field", async () => {
    const page = await tabs.blank();
    await page.routeWebSocket(/\/chat$/, (ws) => {
      ws.onMessage((message) => {
        if (String(message).includes('"say"')) void ws.close();
        else ws.send('{"type":"welcome","name":"Ada","people":["Ada"]}');
      });
    });
    await page.goto(url);
    await page.keyboard.type("Ada");
    await page.keyboard.press("Enter");
    await page.getByText("Moored as Ada").waitFor();
    await say(page, "into the void");
    await page.getByText("You are back as Ada.").waitFor();
    assert.equal(await page.getByLabel("Your message").inputValue(), "into the void");
    assert.equal(await page.locator(".message").count(), 0);
  });
});

describe("when the network goes away", { timeout: 60_000 }, () => {
  it("the page notices at once, and returns as soon as there is one again", async () => {
    const page = await joinWithStoppedClock();
    await page.context().setOffline(true);
    await page.getByRole("status").getByText("Connection lost. Reconnecting.").waitFor();
    await page.context().setOffline(false);
    await page.getByText("You are back as Ada.").waitFor();
  });
});

describe("a tab that is loaded again", { timeout: 60_000 }, () => {
  it("comes back by itself with its name; a new tab does not know it", async () => {
    const page = await tabs.join(url, "Ada");
    await page.reload();
    await page.getByText("You came aboard as Ada").waitFor();
    const other = await tabs.open(url);
    assert.equal(await other.getByLabel("Your name").inputValue(), "");
  });
});

describe("under https", { timeout: 60_000 }, () => {
  it("the page asks for wss, on its own host", async () => {
    const page = await tabs.blank();
    await page.route("https://chat.example/**", async (route) => {
      const { pathname } = new URL(route.request().url());
      const response = await fetch(url + pathname);
      await route.fulfill({
        status: response.status,
        headers: Object.fromEntries(response.headers),
        body: await response.text(),
      });
    });
    let tell: (asked: string) => void = () => undefined;
    const asked = new Promise<string>((resolve) => (tell = resolve));
    await page.routeWebSocket(/./, (ws) => tell(ws.url()));
    await page.goto("https://chat.example/");
    await page.getByLabel("Your name").fill("Ada");
    await page.keyboard.press("Enter");
    assert.equal(await asked, "wss://chat.example/chat");
  });
});
