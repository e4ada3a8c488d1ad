// The page's own proxy and server, and what its clients see of them.

import { it } from "node:test";
import { describePage } from "../harness/page.ts";

describePage(import.meta.url, { ports: [8080, 3128] }, (page) => {
  it("goes through a proxy that is named, that of the environment, and sees a refusal", async () => {
    await page.start("proxy.ts", /ready/);
    await page.run("client.ts");
    await page.run("environment.ts");
    await page.run("refused.ts");
  });
});
