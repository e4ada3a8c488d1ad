// Both versions of HTTP with the certificate that the page makes.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { once } from "node:events";
import { type ClientHttp2Session, connect } from "node:http2";
import { join } from "node:path";
import { it } from "node:test";
import { describePage } from "../harness/page.ts";

/** Closed before the page's programs are: a session that is cut off fails. */
async function ended(session: ClientHttp2Session): Promise<void> {
  const closed = once(session, "close");
  session.close();
  await closed;
}

describePage(import.meta.url, { ports: [8080, 8443] }, (page) => {
  it("makes a certificate", async () => {
    await page.shell("openssl");
  });

  it("a client gets its WebSockets over HTTP/2", async () => {
    await page.start("server.ts");
    await page.run("client.ts");
  });

  it("serves pages over HTTP/2", async () => {
    const session = connect(`https://localhost:${page.port(8443)}`, {
      ca: readFileSync(join(page.folder, "cert.pem")),
    });
    const request = session.request({ ":path": "/" });
    let body = "";
    for await (const chunk of request) body += String(chunk);
    assert.equal(body, "a page");
    await ended(session);
  });

  it("attaches to an HTTP/2 server", async () => {
    await page.start("attach.ts");
    const session = connect(`http://localhost:${page.port(8080)}`);
    await once(session, "remoteSettings");
    assert.equal(session.remoteSettings.enableConnectProtocol, true);
    const page2 = session.request({ ":path": "/" });
    page2.resume();
    const [headers] = (await once(page2, "response")) as [{ ":status": number }];
    assert.equal(headers[":status"], 200);
    await ended(session);
  });
});
