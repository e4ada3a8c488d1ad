// The examples run, and print what the page says.

import { it } from "node:test";
import { describePage } from "../harness/page.ts";

describePage(import.meta.url, {}, (page) => {
  it("client.ts runs", () => page.run("client.ts"));
  it("cookies.ts runs", () => page.run("cookies.ts"));
  it("stream.ts runs", () => page.run("stream.ts"));
  it("unix.ts runs", () => page.run("unix.ts"));
});
