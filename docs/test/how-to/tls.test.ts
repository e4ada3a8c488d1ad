// TLS with the certificate that the page makes.

import { it } from "node:test";
import { describePage } from "../harness/page.ts";

describePage(import.meta.url, { ports: [8443, 8444, 8445, 8446] }, (page) => {
  it("makes a certificate", async () => {
    await page.shell("openssl");
  });

  it("a client that trusts it connects, any other does not", async () => {
    await page.start("server.ts");
    await page.run("client.ts");
  });

  it("new certificates without a restart", () => page.run("reload.ts"));

  it("a certificate for each name", () => page.run("names.ts"));

  it("a client shows a certificate of its own", () => page.run("mutual.ts"));
});
