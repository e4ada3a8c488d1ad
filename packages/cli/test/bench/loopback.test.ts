// Load goes to this machine only, unless somebody says otherwise.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ConnectOptions } from "hawser";
import { checkLoopback } from "../../dist/bench/loopback.js";

describe("without --allow-remote", () => {
  for (const host of ["localhost", "127.0.0.1", "127.8.9.1", "[::1]", "[::ffff:127.0.0.1]"]) {
    it(`${host} may be put under load`, async () => {
      await checkLoopback(new URL(`ws://${host}:8080/chat`), {});
    });
  }

  const refused: [title: string, url: string, options: ConnectOptions, message: RegExp][] = [
    ["another machine", "ws://192.0.2.1", {}, /^192\.0\.2\.1 is not this machine/],
    ["another machine by IPv6", "ws://[2001:db8::1]", {}, /^2001:db8::1 is not this machine/],
    ["any address", "ws://0.0.0.0", {}, /is not this machine/],
    ["a proxy", "ws://localhost", { proxy: "http://localhost:3128" }, /no --proxy/],
    ["redirects", "ws://localhost", { maxRedirects: 1 }, /no --redirects/],
  ];
  for (const [title, url, options, message] of refused) {
    it(`${title} may not`, async () => {
      await assert.rejects(checkLoopback(new URL(url), options), { message });
    });
  }

  it("a unix socket may, whatever the URL says", async () => {
    await checkLoopback(new URL("ws://chat.example"), { unix: "/run/chat.sock" });
  });
});
