// The examples run, and print what the page says.

import { it } from "node:test";
import { describePage } from "../harness/page.ts";

describePage(import.meta.url, {}, (page) => {
  it("memory.ts runs", () => page.run("memory.ts"));
});
