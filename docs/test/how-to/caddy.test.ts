// A real Caddy with the page's own configuration.

import { describePage } from "../harness/page.ts";
import { type ProxyProgram, replacing } from "../harness/proxy.ts";
import { checkProxy } from "../harness/proxy-contract.ts";

const program: ProxyProgram = {
  path: "/usr/bin/caddy",
  package: "caddy",
  file: "Caddyfile",
  paths: { cert: "/etc/caddy/cert.pem", key: "/etc/caddy/key.pem" },
  arguments: (_page, config) => ["run", "--config", config, "--adapter", "caddyfile"],
  ready: /serving initial configuration/,
};

describePage(import.meta.url, { ports: [8000, 8443, 8080, 2019] }, (page) => {
  checkProxy(page, program, {
    shorten: undefined,
    stripUpgrade: replacing(/reverse_proxy 127.0.0.1:\d+/g, "$& {\n\t\theader_up -Upgrade\n\t}"),
    downStatus: 502,
    hasExtendedConnect: false,
    tellVersion: replacing(
      /reverse_proxy 127.0.0.1:\d+/g,
      "$& {\n\t\theader_up X-Client-Http {http.request.proto}\n\t}",
    ),
    async reload(proxy) {
      proxy.write(replacing(/(reverse_proxy.*)/g, "$1 {\n\t\theader_up X-Reloaded yes\n\t}"));
      const where = `localhost:${page.port(2019)}`;
      const args = [
        "reload",
        "--config",
        "Caddyfile",
        "--adapter",
        "caddyfile",
        "--address",
        where,
      ];
      await page.spawn(program.path, args).succeeded();
    },
    reloadCode: 1001,
  });
});
