// The page in a real browser, while the server is there: what two people see of each other, what a
// hostile one can't do, and what people need who use a keyboard, a screen reader or a phone.

import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import type { Server } from "hawser";
import type { Page } from "playwright-core";
import { type Person, startChat } from "../dist/server.js";
import { people, say, Tabs } from "./browser.ts";
import { contrasts } from "./contrast.ts";
import { emptied, Guest } from "./guest.ts";

let server: Server<Person>;
let tabs: Tabs;
let url: string;

before(async () => {
  server = await startChat({ port: 0, hostname: "127.0.0.1" });
  url = server.url.replace("ws:", "http:");
  tabs = await Tabs.launch();
});
afterEach(async () => {
  await tabs.closeAll();
  await emptied(server);
});
after(async () => {
  await tabs.close();
  await server.close({ timeoutMs: 1_000 });
});

describe("two people", { timeout: 60_000 }, () => {
  it("talk with each other; own messages look different", async () => {
    const ada = await tabs.join(url, "Ada");
    const grace = await tabs.join(url, "Grace");
    await say(ada, "Is the berth free?");
    await grace.locator(".message:not(.own)", { hasText: "Is the berth free?" }).waitFor();
    await say(grace, "Until noon.");
    const heard = ada.locator(".message:not(.own)", { hasText: "Until noon." });
    await heard.waitFor();
    assert.match(await heard.innerText(), /^Grace\s+\d+:\d\d/);
    const own = ada.locator(".message.own", { hasText: "Is the berth free?" });
    assert.match(await own.innerText(), /^You\s/);
    const colour = (of: typeof own): Promise<string> =>
      of.locator(".text").evaluate((text) => getComputedStyle(text).backgroundColor);
    assert.notEqual(await colour(own), await colour(heard));
  });

  it("see who is there, who comes and who goes", async () => {
    const ada = await tabs.join(url, "Ada");
    assert.deepEqual(await people(ada), ["Ada (you)"]);
    const grace = await tabs.join(url, "Grace");
    const log = ada.getByRole("log");
    await log.getByText("Grace came aboard").waitFor();
    assert.deepEqual(await people(ada), ["Ada (you)", "Grace"]);
    assert.deepEqual(await people(grace), ["Ada", "Grace (you)"]);
    await grace.close();
    await log.getByText("Grace went ashore").waitFor();
    assert.deepEqual(await people(ada), ["Ada (you)"]);
  });

  it("can leave, and come again under another name", async () => {
    const ada = await tabs.join(url, "Ada");
    const grace = await tabs.join(url, "Grace");
    await grace.getByRole("button", { name: "Leave" }).click();
    await ada.getByText("Grace went ashore").waitFor();
    await grace.getByLabel("Your name").fill("Admiral Hopper");
    await grace.keyboard.press("Enter");
    await ada.getByText("Admiral Hopper came aboard").waitFor();
  });

  it("are told the name they got when theirs was taken", async () => {
    await tabs.join(url, "Ada");
    const second = await tabs.open(url);
    await second.getByLabel("Your name").fill("ada");
    await second.keyboard.press("Enter");
    await second.getByText("Moored as ada 2").waitFor();
    assert.deepEqual(await people(second), ["Ada", "ada 2 (you)"]);
  });
});

describe("what others write", { timeout: 60_000 }, () => {
  it("is shown literally, name and text: no element comes of it, and nothing runs", async () => {
    const name = "<img src=x onerror=a()>";
    const text = `<img src=x onerror="alert(1)"><script>alert(2)</script>&lt;b&gt; javascript:alert(3)`;
    const ada = await tabs.join(url, "Ada");
    const eve = await tabs.join(url, name);
    await say(eve, text);
    const heard = ada.locator(".message", { hasText: "onerror" });
    await heard.waitFor();
    assert.equal(await heard.locator(".text").textContent(), text);
    assert.equal(await heard.locator(".author").textContent(), name);
    assert.deepEqual(await people(ada), [`<img src=x onerror=a()>`, "Ada (you)"].toSorted());
    for (const page of [ada, eve]) {
      const inside = page.locator(":is([role=log], aside) :is(img, script, b)");
      assert.equal(await inside.count(), 0);
    }
    await say(ada, "still here");
    await eve.getByText("still here").waitFor();
  });

  it("can't become HTML: the browser refuses it to every script of the page", async () => {
    const page = await tabs.open(url);
    const refused = await page.evaluate(() => {
      try {
        document.body.innerHTML = "<b>bold</b>";
        return "";
      } catch (error) {
        return (error as Error).name;
      }
    });
    assert.equal(refused, "TypeError");
    assert.equal(await page.locator("body > b").count(), 0);
    await tabs.closeAll([/requires 'TrustedHTML' assignment/]);
  });

  it("can't push the newest message away from who reads old ones", async () => {
    const ada = await tabs.join(url, "Ada", { viewport: { width: 800, height: 420 } });
    const guest = await Guest.join(server, "Grace");
    for (let i = 1; i <= 9; i++) guest.send({ type: "say", text: `line ${i}\n\nand more` });
    const log = ada.getByRole("log");
    await log.getByText("line 9").waitFor();
    assert.equal(await distanceToEnd(ada), 0);
    await log.press("Home");
    await ada.waitForFunction(() => document.querySelector("#log")?.scrollTop === 0);
    const second = await Guest.join(server, "Linus");
    const newest = ada.getByRole("button", { name: "New messages" });
    await newest.click();
    assert.equal(await distanceToEnd(ada), 0);
    await newest.waitFor({ state: "hidden" });
    await guest.leave();
    await second.leave();
  });
});

describe("what a person does wrong", { timeout: 60_000 }, () => {
  it("is told at the field: a name that the server refuses", async () => {
    const page = await tabs.open(url);
    await page.keyboard.press("Enter");
    await page.getByRole("alert").getByText("Please enter a name.").waitFor();
    await page.getByLabel("Your name").fill("\u200b");
    await page.keyboard.press("Enter");
    const field = page.getByLabel("Your name");
    await field.and(page.locator("[aria-invalid=true]")).waitFor();
    assert.equal(await field.evaluate((name) => document.activeElement === name), true);
    await field.fill("Ada");
    await page.keyboard.press("Enter");
    await page.getByText("Moored as Ada").waitFor();
  });

  it("is told at the field: sending too fast, and the text comes back", async () => {
    const page = await tabs.join(url, "Ada");
    for (let i = 1; i <= 10; i++) await say(page, `message ${i}`);
    await page.getByRole("alert").getByText("That was a lot at once.").waitFor();
    assert.equal(await page.getByLabel("Your message").inputValue(), "message 10");
    assert.equal(await page.locator(".message").count(), 9);
  });
});

describe("by keyboard", { timeout: 60_000 }, () => {
  it("Enter sends, Shift+Enter makes a line, and the focus stays in the field", async () => {
    const page = await tabs.join(url, "Ada");
    await page.keyboard.type("first");
    await page.keyboard.press("Shift+Enter");
    await page.keyboard.type("second");
    await page.keyboard.press("Enter");
    await page.locator(".message.own").waitFor();
    assert.equal(await page.locator(".message .text").textContent(), "first\nsecond");
    await page.keyboard.type("third");
    assert.equal(await page.getByLabel("Your message").inputValue(), "third");
    await page.keyboard.press("Enter");
    await page.locator(".message.own", { hasText: "third" }).waitFor();
  });

  it("every control can be reached, in the order of the page", async () => {
    const page = await tabs.join(url, "Ada");
    const reached: (string | undefined)[] = [];
    // A click is where the next Tab starts from.
    await page.getByRole("heading", { level: 1 }).click();
    for (let i = 0; i < 4; i++) {
      await page.keyboard.press("Tab");
      reached.push(await page.evaluate(() => document.activeElement?.id));
    }
    assert.deepEqual(reached, ["leave", "log", "text", ""]);
    assert.equal(await page.evaluate(() => document.activeElement?.textContent), "Send");
  });
});

describe("for assistive technology", { timeout: 60_000 }, () => {
  it("everything has its role and name", async () => {
    const page = await tabs.open(url);
    assert.equal(await page.locator("html").getAttribute("lang"), "en");
    await page.getByRole("heading", { level: 1, name: "Hawser chat" }).waitFor();
    await page.getByRole("textbox", { name: "Your name" }).fill("Ada");
    await page.getByRole("button", { name: "Join the chat" }).click();
    await page.getByRole("status").getByText("Moored as Ada").waitFor();
    await page.getByRole("log", { name: "Messages" }).waitFor();
    await page.getByRole("complementary", { name: "Aboard 1" }).waitFor();
    await page.getByRole("textbox", { name: "Your message" }).waitFor();
    await page.getByRole("button", { name: "Send" }).waitFor();
    await page.getByRole("button", { name: "Leave" }).waitFor();
    const controls = page.locator("button:visible, input:visible, textarea:visible");
    assert.equal(await controls.count(), 3);
    for (const control of await controls.all()) {
      assert.match(await control.ariaSnapshot(), /^- (button|textbox) "[A-Z][^"]+"/);
    }
  });

  it("repeats who speaks, where the eye is spared it", async () => {
    const page = await tabs.join(url, "Ada");
    await say(page, "one");
    await say(page, "two");
    await page.locator(".message.continued").waitFor();
    const log = await page.getByRole("log").ariaSnapshot();
    assert.equal(log.match(/You/g)?.length, 3);
  });

  for (const colorScheme of ["light", "dark"] as const) {
    it(`all text has a contrast of 4.5 : 1 or more (${colorScheme})`, async () => {
      const page = await tabs.open(url, { colorScheme });
      const outside = await contrasts(page);
      assert.ok(outside.length >= 5);
      await page.getByLabel("Your name").fill("Ada");
      await page.keyboard.press("Enter");
      await page.getByText("Moored as Ada").waitFor();
      const guest = await Guest.join(server, "Grace");
      guest.send({ type: "say", text: "Ahoy" });
      await say(page, "Ahoy to you");
      await page.locator(".own .text").waitFor();
      await page.getByText("Grace came aboard").waitFor();
      const inside = await contrasts(page);
      assert.ok(inside.length >= 12);
      const weak = [...outside, ...inside].filter(({ ratio }) => ratio < 4.5);
      assert.deepEqual(weak, []);
      await guest.leave();
    });
  }
});

describe("on a phone", { timeout: 60_000 }, () => {
  const phone = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

  it("nothing is wider than the window, and the field is in sight", async () => {
    const ada = await tabs.join(url, "Ada", phone);
    const guests = await Promise.all(
      ["Wilhelmina Wolkenstein", "Maximiliane Morgenstern", "Bartholomew Barnacle"].map((name) =>
        Guest.join(server, name),
      ),
    );
    for (const guest of guests) guest.send({ type: "say", text: "long".repeat(200) });
    for (let i = 0; i < 5; i++) await say(ada, `https://example.com/${"x".repeat(120)}?${i}`);
    await ada.getByText("?4").waitFor();
    await ada.locator(".message:not(.own)").nth(2).waitFor();
    const width = await ada.evaluate(() => document.documentElement.scrollWidth);
    assert.equal(width, 390);
    assert.equal(await ada.evaluate(() => document.documentElement.scrollHeight), 844);
    for (const control of [ada.getByLabel("Your message"), ada.getByRole("button")]) {
      for (const one of await control.filter({ visible: true }).all()) {
        const box = await one.boundingBox();
        assert.ok(box !== null && box.x >= 0 && box.x + box.width <= 390);
        assert.ok(box.y >= 0 && box.y + box.height <= 844 && box.height >= 36);
      }
    }
    for (const guest of guests) await guest.leave();
  });

  it("no field makes it zoom in: their text has 16 px", async () => {
    const page = await tabs.join(url, "Ada", phone);
    for (const field of ["#name", "#text"]) {
      const size = await page.locator(field).evaluate((input) => getComputedStyle(input).fontSize);
      assert.equal(size, "16px");
    }
  });
});

function distanceToEnd(page: Page): Promise<number> {
  return page.getByRole("log").evaluate((log) => {
    return Math.floor(log.scrollHeight - log.clientHeight - log.scrollTop);
  });
}
