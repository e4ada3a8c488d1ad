// The examples run, and print what the page says.

import { it } from "node:test";
import { describePage } from "../harness/page.ts";

describePage(import.meta.url, {}, (page) => {
  it("client.ts runs", () => page.run("client.ts"));
  it("unix.ts runs", () => page.run("unix.ts"));
});
