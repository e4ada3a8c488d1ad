// The window of a session, which all of its streams share, as the other end sees it.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Http2Session } from "node:http2";
import type { AddressInfo } from "node:net";
import { afterEach, describe, it } from "node:test";
import { Server } from "../../../dist/index.js";
import { makeCertificate } from "../../support/certificate.ts";
import { deferred, within } from "../../support/deferred.ts";
import { Http2Peer } from "../../support/http2-peer.ts";
import { Stage } from "../../support/stage.ts";

const stage = new Stage();
afterEach(() => stage.end());

/** How much may be sent, once all has come that was on its way. */
async function windowOf(session: Http2Session): Promise<number | undefined> {
  const answered = deferred();
  session.ping(() => answered.resolve());
  await within(answered.promise, "the answer to a PING");
  return session.state.remoteWindowSize;
}

describe("RFC 9113 §6.9: the window of a session is 1 MiB", () => {
  it("towards a server", async () => {
    const server = await stage.serve({ tls: makeCertificate(), http2: true });
    const peer = await Http2Peer.connect(server.url);
    assert.equal(await windowOf(peer.session), 1024 * 1024);
    peer.destroy();
  });

  it("towards a client", async () => {
    const http = createServer();
    const server = stage.keep(new Server());
    server.attach(http);
    const opened = once(http, "session") as Promise<[Http2Session]>;
    http.listen(0, "127.0.0.1");
    await once(http, "listening");
    const { port } = http.address() as AddressInfo;
    const ws = await stage.connect(`ws://127.0.0.1:${port}`, { http: 2 });
    const [session] = await opened;
    assert.equal(await windowOf(session), 1024 * 1024);
    ws.terminate();
    session.destroy();
    http.close();
  });
});
