// @ts-check
// Makes sure that what the tests need is installed: a browser, three proxies, two engines for topics, two Python
// WebSocket implementations, `ip` for network namespaces, and a second shell. On Debian, as root, what is missing
// gets installed; anywhere else each missing one is named with the command that installs it, and the exit code is 1:
// the tests that need them are never silently skipped.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";

/** Debian package → a file that is there when it is installed. */
const packages = {
  caddy: "/usr/bin/caddy",
  chromium: "/usr/bin/chromium",
  curl: "/usr/bin/curl",
  haproxy: "/usr/sbin/haproxy",
  iproute2: "/sbin/ip",
  "nats-server": "/usr/sbin/nats-server",
  "nginx-light": "/usr/sbin/nginx",
  openssl: "/usr/bin/openssl",
  python3: "/usr/bin/python3",
  "python3-websocket": "/usr/lib/python3/dist-packages/websocket/__init__.py",
  "python3-websockets": "/usr/lib/python3/dist-packages/websockets/__init__.py",
  "redis-server": "/usr/bin/redis-server",
  zsh: "/usr/bin/zsh",
};

const findMissing = () =>
  Object.entries(packages)
    .filter(([, file]) => !existsSync(file))
    .map(([name]) => name);

/** @param {string[]} args */
function aptGet(...args) {
  spawnSync("apt-get", args, {
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
  });
}

let missing = findMissing();
if (missing.length > 0 && process.getuid?.() === 0 && existsSync("/usr/bin/apt-get")) {
  console.log(`installing for the tests: ${missing.join(", ")}`);
  aptGet("update");
  aptGet("install", "-y", "--no-install-recommends", ...missing);
  missing = findMissing();
}
for (const name of missing) {
  console.error(
    `the tests need ${name} (looked for ${packages[/** @type {keyof typeof packages} */ (name)]}): ` +
      `sudo apt-get install -y ${name}`,
  );
}
process.exitCode = missing.length > 0 ? 1 : 0;
