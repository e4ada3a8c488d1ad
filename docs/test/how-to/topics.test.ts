// Who reads what.

import assert from "node:assert/strict";
import { it } from "node:test";
import { connect } from "hawser";
import { describePage } from "../harness/page.ts";

describePage(import.meta.url, { ports: [8080] }, (page) => {
  it("a message reaches the room and nobody else", async () => {
    await page.start("server.ts");
    const elsewhere = await connect(`${page.url(8080)}/coffee?name=Eve`);
    const seen: string[] = [];
    const reading = (async () => {
      for await (const message of elsewhere) seen.push(String(message));
    })();
    await page.run("client.ts");
    elsewhere.close();
    await reading;
    assert.deepEqual(seen, []);
  });
});
