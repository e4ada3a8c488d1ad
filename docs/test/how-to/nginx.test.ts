// A real nginx with the page's own configuration, around which is only what a test needs: no root, no
// daemon, no log files.

import assert from "node:assert/strict";
import { join } from "node:path";
import { it } from "node:test";
import { connect, HandshakeError, serve } from "hawser";
import { describePage, type Page } from "../harness/page.ts";
import { Proxy, type ProxyProgram, replacing } from "../harness/proxy.ts";
import { checkProxy } from "../harness/proxy-contract.ts";

const program: ProxyProgram = {
  path: "/usr/sbin/nginx",
  package: "nginx-light",
  file: "app.conf",
  paths: { cert: "/etc/nginx/cert.pem", key: "/etc/nginx/key.pem" },
  arguments(page, config) {
    const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
      (name) => `${name}_temp_path ${join(page.folder, name)};`,
    );
    page.writeFile(
      "nginx.conf",
      `daemon off; error_log stderr notice; worker_shutdown_timeout 500ms; pid ${join(page.folder, "nginx.pid")};
      events {}
      http { access_log off; ${temporary.join(" ")} include ${config}; }`,
    );
    return ["-e", "stderr", "-p", page.folder, "-c", "nginx.conf"];
  },
  ready: /start worker process \d+/,
};

describePage(import.meta.url, { ports: [8000, 8443, 8080] }, (page) => {
  checkProxy(page, program, {
    shorten: replacing("60s", "1s"),
    stripUpgrade: replacing(/.*set_header Upgrade.*/g, ""),
    downStatus: 502,
    hasExtendedConnect: false,
    tellVersion: replacing(
      /(proxy_pass .*)/g,
      "$1 proxy_set_header X-Client-Http $server_protocol;",
    ),
    async reload(proxy) {
      proxy.process.signal("SIGHUP");
      await proxy.process.printed(/gracefully shutting down/, "stderr");
    },
    reloadCode: 1006,
  });

  it("refuses its own pages without the Host, and all without Connection or with HTTP/1.0", async () => {
    const proxy = new Proxy(page, program);
    const server = await serve({
      hostname: "127.0.0.1",
      port: page.port(8080),
      trustedProxies: ["127.0.0.1"],
    });
    const own = { origin: `http://localhost:${page.port(8000)}` };
    const without = (name: RegExp) => replacing(name, "");
    try {
      await proxy.start(without(/.*set_header Host.*/g));
      (await connect(page.url(8000), { headers: own })).close();
      await proxy.start(without(/.*Host \$http_host.*/g));
      await refused(page, own, 403, /origin/);
      await proxy.start(replacing("$http_host", "$host"));
      await refused(page, own, 403, /origin/);
      await proxy.start(without(/.*set_header Connection.*/g));
      await refused(page, {}, 400, /Connection/);
      await proxy.start(replacing(/proxy_http_version 1.1/g, "proxy_http_version 1.0"));
      await refused(page, {}, 400, /HTTP\/1.1/);
    } finally {
      await proxy.stop();
      await server.close();
    }
  });
});

async function refused(
  page: Page,
  headers: Record<string, string>,
  status: number,
  body: RegExp,
): Promise<void> {
  await assert.rejects(connect(page.url(8000), { headers }), (error) => {
    assert.ok(error instanceof HandshakeError);
    assert.equal(error.status, status);
    assert.match(error.body, body);
    return true;
  });
}
