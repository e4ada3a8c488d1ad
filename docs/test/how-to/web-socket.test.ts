// Every example runs both ends itself; what it prints is on the page.

import { it } from "node:test";
import { describePage } from "../harness/page.ts";

describePage(import.meta.url, {}, (page) => {
  it("sends and receives with events", () => page.run("events.ts"));
  it("is a class for libraries", () => page.run("library.ts"));
  it("reads and writes streams", () => page.run("streams.ts"));
  it("says why it was refused", () => page.run("refused.ts"));
  it("gives up connecting", () => page.run("signal.ts"));
  it("sends header fields", () => page.run("extras.ts"));
  it("becomes global", () => page.run("globals.ts"));
});
