// Every example runs both ends itself; what it prints is on the page.

import { it } from "node:test";
import { describePage } from "../harness/page.ts";

describePage(import.meta.url, {}, (page) => {
  it("waits with drained()", () => page.run("stream.ts"));
  it("goes on in the drain handler", () => page.run("drain.ts"));
  it("closes, drops or keeps the latest", () => page.run("policies.ts"));
  it("handles messages one after the other", () => page.run("read.ts"));
});
