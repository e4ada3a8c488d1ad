// Who gets in, who does not, and what each of them learns.

import assert from "node:assert/strict";
import { it } from "node:test";
import { type ConnectOptions, type Connection, connect, HandshakeError } from "hawser";
import { describePage } from "../harness/page.ts";

describePage(import.meta.url, { ports: [8080, 8081] }, (page) => {
  it("refuses a stranger and lets the bearer of a token in", async () => {
    await page.start("server.ts");
    await page.run("client.ts");
  });

  it("finds the session in the cookies", async () => {
    const ws = await connect(page.url(8080), { headers: { cookie: "a=b; session=k3y; c=d" } });
    ws.send("who am I?");
    assert.equal(await firstOf(ws), "you are Ada");
  });

  it("lets pages of its own host and of the list in, and no other", async () => {
    const from = (origin: string): ConnectOptions => ({
      headers: { cookie: "session=k3y", origin },
    });
    const own = `http://localhost:${page.port(8080)}`;
    for (const origin of [own, "https://app.example.com"]) {
      (await connect(page.url(8080), from(origin))).close();
    }
    for (const origin of ["https://evil.example", "https://app.example.com.evil.example", "null"]) {
      await assert.rejects(
        connect(page.url(8080), from(origin)),
        (error) => error instanceof HandshakeError && error.status === 403,
      );
    }
  });

  it("takes a ticket once", async () => {
    await page.start("tickets.ts");
    const url = page.url(8081);
    const endpoint = `${url.replace("ws:", "http:")}/ticket`;
    const response = await fetch(endpoint, {
      method: "POST",
      headers: { authorization: "Bearer k3y" },
    });
    const ticket = await response.text();
    assert.equal(await firstOf(await connect(`${url}/?ticket=${ticket}`)), "welcome, Ada");
    for (const used of [ticket, "guess", ""]) {
      await assert.rejects(
        connect(`${url}/?ticket=${used}`),
        (error) => error instanceof HandshakeError && error.status === 401,
      );
    }
    assert.equal((await fetch(endpoint, { method: "POST" })).status, 401);
    assert.equal((await fetch(endpoint)).status, 404);
  });

  it("closes the connections of a user who signs out", async () => {
    await page.run("sign-out.ts");
  });
});

async function firstOf(ws: Connection): Promise<string> {
  const { value } = await ws[Symbol.asyncIterator]().next();
  ws.terminate();
  return String(value);
}
