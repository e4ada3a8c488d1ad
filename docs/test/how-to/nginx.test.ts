// A real nginx with the page's own configuration, around which is only what a test needs: no root, no
// daemon, no log files. The time-outs are shortened where time itself is tested.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { it } from "node:test";
import { type Connection, connect, HandshakeError, serve } from "hawser";
import { describePage, type Page } from "../harness/page.ts";
import type { Running } from "../harness/processes.ts";

const nginx = "/usr/sbin/nginx";

describePage(import.meta.url, { ports: [8000, 8080] }, (page) => {
  let proxy: Running;
  let server: Running;

  it("lets WebSockets through", async () => {
    proxy = await startNginx(page, page.file("app.conf").text);
    page.use(page.file("app.conf"));
    server = await page.start("server.ts");
    const ws = await connect(page.url(8000));
    const messages = ws[Symbol.asyncIterator]();
    await messages.next();
    const big = "x".repeat(300_000);
    ws.send(big);
    assert.equal((await messages.next()).value, big);
    ws.close(1000, "done");
    assert.equal((await ws.closed).wasClean, true);
  });

  it("tells who the client is, whatever it claims", async () => {
    const headers = { "x-forwarded-for": "6.6.6.6", "x-forwarded-proto": "https" };
    const ws = await connect(`ws://127.0.0.1:${page.port(8000)}`, { headers });
    assert.deepEqual(JSON.parse(await firstOf(ws)), {
      proxy: "127.0.0.1",
      ip: "127.0.0.1",
      isSecure: false,
    });
  });

  it("keeps the check of the origin", async () => {
    const own = { origin: `http://localhost:${page.port(8000)}` };
    (await connect(page.url(8000), { headers: own })).close();
    await refused(page, { origin: "https://evil.example" }, 403);
  });

  it("cuts what is open off some time after a reload", async () => {
    const ws = await connect(page.url(8000), { message: () => undefined });
    proxy.signal("SIGHUP");
    await proxy.printed(/gracefully shutting down/, "stderr");
    ws.send("still there");
    assert.equal((await ws.closed).code, 1006);
  });

  it("refuses its own pages without the Host header, and all without the other two", async () => {
    const own = { origin: `http://localhost:${page.port(8000)}` };
    proxy = await restartNginx(page, proxy, (text) => text.replace(/.*set_header Host.*/, ""));
    await refused(page, own, 403);
    proxy = await restartNginx(page, proxy, (text) => text.replace("$http_host", "$host"));
    await refused(page, own, 403);
    proxy = await restartNginx(page, proxy, (text) => text.replace(/.*set_header Upgrade.*/, ""));
    await refused(page, {}, 426);
    proxy = await restartNginx(page, proxy, (text) =>
      text.replace(/.*set_header Connection.*/, ""),
    );
    await refused(page, {}, 400);
  });

  it("an idle connection outlives nginx's time-out by our pings, and does not without them", async () => {
    server.kill("SIGKILL");
    await server.ended;
    proxy = await restartNginx(page, proxy, (text) => text.replaceAll("60s", "1s"));

    const pinging = await serve({ port: page.port(8080), pingIntervalMs: 300 });
    const alive = await connect(page.url(8000), { pingIntervalMs: 0 });
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    assert.equal(alive.state, "open");
    alive.close();
    await alive.closed;
    await pinging.close();

    const silent = await serve({ port: page.port(8080), pingIntervalMs: 0 });
    const cut = await connect(page.url(8000), { pingIntervalMs: 0 });
    assert.equal((await cut.closed).code, 1006);
    await silent.close();
  });
});

async function startNginx(page: Page, site: string): Promise<Running> {
  assert.ok(existsSync(nginx), `${nginx} is missing: sudo apt-get install -y nginx-light`);
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${join(page.folder, name)};`,
  );
  page.writeFile("app.conf", site);
  page.writeFile(
    "nginx.conf",
    `daemon off; error_log stderr notice; worker_shutdown_timeout 500ms; pid ${join(page.folder, "nginx.pid")};
    events {}
    http { access_log off; ${temporary.join(" ")} include ${join(page.folder, "app.conf")}; }`,
  );
  const running = page.spawn(nginx, ["-e", "stderr", "-p", page.folder, "-c", "nginx.conf"]);
  await running.printed(/start worker process \d+/, "stderr");
  return running;
}

async function restartNginx(
  page: Page,
  old: Running,
  change: (site: string) => string,
): Promise<Running> {
  old.signal("SIGTERM");
  await old.ended;
  const site = page.file("app.conf").text;
  assert.notEqual(change(site), site);
  return startNginx(page, change(site));
}

async function refused(page: Page, headers: Record<string, string>, status: number): Promise<void> {
  await assert.rejects(connect(page.url(8000), { headers }), (error) => {
    assert.ok(error instanceof HandshakeError);
    assert.equal(error.status, status);
    return true;
  });
}

async function firstOf(ws: Connection): Promise<string> {
  const { value } = await ws[Symbol.asyncIterator]().next();
  ws.close();
  return String(value);
}
