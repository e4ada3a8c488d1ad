// The example runs both ends itself; what it prints is on the page.

import { it } from "node:test";
import { describePage } from "../harness/page.ts";

describePage(import.meta.url, {}, (page) => {
  it("is the program that was written for ws", () => page.run("server.ts"));
});
