// A real HAProxy with the page's own configuration, in master-worker mode, as Debian runs it.

import { describePage } from "../harness/page.ts";
import { type ProxyProgram, replacing } from "../harness/proxy.ts";
import { checkProxy } from "../harness/proxy-contract.ts";

const program: ProxyProgram = {
  path: "/usr/sbin/haproxy",
  package: "haproxy",
  file: "haproxy.cfg",
  paths: { both: "/etc/haproxy/site.pem" },
  arguments: (_page, config) => ["-W", "-f", config],
  ready: /Loading success/,
};

describePage(import.meta.url, { ports: [8000, 8443, 8080] }, (page) => {
  checkProxy(page, program, {
    shorten: replacing("timeout tunnel 60s", "timeout tunnel 1s"),
    stripUpgrade: replacing(
      /(http-request set-header X-Forwarded-For)/g,
      "http-request del-header Upgrade\n  $1",
    ),
    downStatus: 503,
    hasExtendedConnect: true,
    tellVersion: replacing(
      "default_backend app",
      "http-request set-header X-Client-Http %[fc_http_major]\n  default_backend app",
    ),
    hasten: replacing("hard-stop-after 30m", "hard-stop-after 500ms"),
    async reload(proxy) {
      // A master that has just begun ignores it.
      const signalling = setInterval(() => proxy.process.signal("SIGUSR2"), 300);
      await proxy.process
        .printed(/Reloading HAProxy/, "stderr")
        .finally(() => clearInterval(signalling));
    },
    reloadCode: 1006,
  });
});
