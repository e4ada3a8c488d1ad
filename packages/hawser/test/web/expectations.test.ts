// The WHATWG's WebSocket and WebSocketStream, section by section: Hawser's, in Node.

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import * as hawser from "../../dist/index.js";
import type { RawServer } from "../support/raw-server.ts";
import { type Api, within } from "./expectations/expectation.ts";
import { sections } from "./expectations/index.ts";
import { startScriptedServer } from "./scripted-server.ts";

let server: RawServer;
before(async () => {
  server = await startScriptedServer();
});
after(() => server.close());

for (const { name, expectations } of sections) {
  describe(`${name}, Hawser's in Node`, () => {
    for (const { title, deviations, run } of expectations) {
      const why = deviations?.Node;
      it(why === undefined ? title : `not so: ${title} (${why})`, async () => {
        const api: Api = { ...hawser, server: server.url.slice(0, -1) };
        const ran = within(Promise.resolve(api).then(run), title, 20_000);
        if (why === undefined) await ran;
        else await assert.rejects(ran);
      });
    }
  });
}
