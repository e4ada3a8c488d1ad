// Every example runs both ends itself; what it prints is on the page.

import { it } from "node:test";
import { describePage } from "../harness/page.ts";

describePage(import.meta.url, {}, (page) => {
  it("pipes messages through", () => page.run("pipe.ts"));
  it("uploads a file as one message", () => page.run("upload.ts"));
  it("reads message by message", () => page.run("messages.ts"));
});
