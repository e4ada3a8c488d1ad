// TLS and unix sockets: clients and servers over both, with what certificates and paths bring along.

import { createServer, type IncomingMessage } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { mkdtempSync, rmSync } from "node:fs";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeCertificate } from "../../support/certificate.ts";
import { differential, type Play, script } from "./runner.ts";
import { watchServer } from "./watch.ts";

const certificate = makeCertificate();

/** A secure server of the subject that echoes. */
async function secure({ stage, log }: Play, options: object = {}): Promise<number> {
  const https = createSecureServer({ ...certificate, ...options });
  const server = stage.makeServer({ server: https });
  watchServer(log, server);
  server.on("connection", (ws) => ws.on("message", (data) => ws.send(data)));
  return stage.listen(https);
}

/** A server of the subject on a unix socket; gives its path. */
async function onUnixSocket({ stage, log }: Play): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "hawser-differential-"));
  stage.atEnd(() => rmSync(folder, { recursive: true }));
  const http = createServer();
  const server = stage.makeServer({ server: http });
  watchServer(log, server);
  server.on("connection", (_, request) => log.note("host", request.headers.host));
  stage.atEnd(() => void http.close());
  const path = join(folder, "socket");
  http.listen(path);
  await log.until("server", "listening");
  return path;
}

differential("addresses", [
  script("wss: there and back", async (play) => {
    const port = await secure(play);
    const ws = play.stage.client(`wss://localhost:${port}/`, [], { ca: certificate.cert });
    ws.on("open", () => ws.send("hello"));
    ws.on("message", () => ws.close(1000));
    await play.log.until("ws", "close");
    await play.log.until("accepted", "close");
    play.log.note("url", ws.url);
  }),
  script("https in place of wss", async (play) => {
    const port = await secure(play);
    const options = { ca: certificate.cert };
    const ws = play.stage.client(`https://localhost:${port}/x`, [], options);
    await play.log.until("ws", "open");
    play.log.note("url", ws.url);
  }),
  script("wss: a certificate that nobody trusts", async (play) => {
    const port = await secure(play);
    play.stage.client(`wss://localhost:${port}/`);
    await play.log.until("ws", "close");
  }),
  script("wss: rejectUnauthorized false", async (play) => {
    const port = await secure(play);
    play.stage.client(`wss://localhost:${port}/`, [], { rejectUnauthorized: false });
    await play.log.until("ws", "open");
  }),
  script("wss: a certificate of another name", async (play) => {
    const port = await secure(play);
    const options = { ca: certificate.cert, servername: "other.example" };
    play.stage.client(`wss://127.0.0.1:${port}/`, [], options);
    await play.log.until("ws", "error");
    await play.log.until("ws", "close");
  }),
  script("wss: servername and the Host field", async (play) => {
    const { stage, log } = play;
    const https = createSecureServer({
      ...certificate,
      SNICallback: (name, done) => {
        log.note("name", name);
        done(null);
      },
    });
    https.on("upgrade", (request, socket) => {
      log.note("host", request.headers.host?.replace(/:\d+/, ":PORT"));
      socket.end("HTTP/1.1 400 No\r\n\r\n");
    });
    const port = await stage.listen(https);
    stage.client(`wss://localhost:${port}/`, [], { rejectUnauthorized: false });
    await log.until("ws", "close");
  }),
  script("wss: a client's certificate", async (play) => {
    const { stage, log } = play;
    const https = createSecureServer({
      ...certificate,
      ca: [certificate.cert],
      requestCert: true,
    });
    const server = stage.makeServer({
      server: https,
      verifyClient: ({ req, secure: isSecure }: { req: IncomingMessage; secure: boolean }) => {
        const { authorized } = req.socket as Socket & { authorized: boolean };
        log.note("client", authorized, isSecure);
        return authorized;
      },
    });
    watchServer(log, server);
    const port = await stage.listen(https);
    const options = { rejectUnauthorized: false };
    stage.client(`wss://localhost:${port}/`, [], { ...options, ...certificate });
    await log.until("ws", "open");
    stage.client(`wss://localhost:${port}/`, [], options);
    await log.until("ws", "close");
  }),
  script("wss: requestCert and no certificate", async (play) => {
    const port = await secure(play, { requestCert: true, ca: [certificate.cert] });
    const ws = play.stage.client(`wss://localhost:${port}/`, [], { rejectUnauthorized: false });
    ws.on("error", () => undefined);
    await play.log.until("ws", "close");
  }),
  script("wss: large messages", async (play) => {
    const port = await secure(play);
    const ws = play.stage.client(`wss://localhost:${port}/`, [], { rejectUnauthorized: false });
    ws.on("open", () => ws.send(Buffer.alloc(500_000, "abc")));
    ws.on("message", () => ws.close());
    await play.log.until("ws", "close");
  }),
  script("wss: terminate()", async (play) => {
    const port = await secure(play);
    const ws = play.stage.client(`wss://localhost:${port}/`, [], { rejectUnauthorized: false });
    await play.log.until("ws", "open");
    await play.log.until("server", "connection");
    ws.terminate();
    await play.log.until("ws", "close");
    await play.log.until("accepted", "close");
  }),
  script("ws to a port of TLS", async (play) => {
    const port = await secure(play);
    const ws = play.stage.keep(play.stage.make(`ws://localhost:${port}/`));
    ws.on("close", (code, reason) => play.log.add("ws", "close", code, reason));
    await play.log.until("ws", "close");
  }),
  ...["", ":", ":/", ":/path", ":/path?query=1"].map((rest) =>
    script(`ws+unix with ${rest === "" ? "no path" : rest}`, async (play) => {
      const path = await onUnixSocket(play);
      const ws = play.stage.client(`ws+unix:${path}${rest}`);
      await play.log.until("ws", "open");
      await play.log.until("server", "connection");
      play.log.note("url", ws.url);
    }),
  ),
  script("ws+unix with a path that begins with no slash", async (play) => {
    const path = await onUnixSocket(play);
    const ws = play.stage.client(`ws+unix:${path}:relative`);
    await play.log.until("ws", "close");
    play.log.note("url", ws.url);
  }),
  script("ws+unix with slashes", async (play) => {
    const path = await onUnixSocket(play);
    const ws = play.stage.client(`ws+unix://${path}:/x`);
    await play.log.until("ws", "open");
    await play.log.until("server", "connection");
    play.log.note("url", ws.url);
  }),
  script("ws+unix: a redirect to a path stays on the socket", async (play) => {
    const { stage, log } = play;
    const folder = mkdtempSync(join(tmpdir(), "hawser-differential-"));
    stage.atEnd(() => rmSync(folder, { recursive: true }));
    const http = createServer();
    http.on("upgrade", (request: IncomingMessage, socket) => {
      log.note("request", request.url, request.headers.authorization);
      const target = `ws+unix:${join(folder, "socket")}:/again`;
      socket.end(
        request.url === "/"
          ? `HTTP/1.1 302 Found\r\nLocation: ${target}\r\n\r\n`
          : "HTTP/1.1 400 No\r\n\r\n",
      );
    });
    stage.atEnd(() => void http.close());
    const path = join(folder, "socket");
    http.listen(path, () => log.note("listening"));
    await log.until("script", "listening");
    const options = { followRedirects: true, headers: { Authorization: "Basic eA==" } };
    stage.client(`ws+unix:${path}:/`, [], options);
    await log.until("ws", "close");
  }),
  script("ws+unix: a redirect to a host drops credentials", async (play) => {
    const { stage, log } = play;
    const folder = mkdtempSync(join(tmpdir(), "hawser-differential-"));
    stage.atEnd(() => rmSync(folder, { recursive: true }));
    const target = createServer();
    target.on("upgrade", (request: IncomingMessage, socket) => {
      log.note("second", request.headers.authorization, request.headers.cookie);
      socket.end("HTTP/1.1 400 No\r\n\r\n");
    });
    const port = await stage.listen(target);
    const http = createServer();
    http.on("upgrade", (_, socket) =>
      socket.end(`HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1:${port}/\r\n\r\n`),
    );
    stage.atEnd(() => void http.close());
    const path = join(folder, "socket");
    http.listen(path, () => log.note("listening"));
    await log.until("script", "listening");
    const headers = { Authorization: "Basic eA==", Cookie: "a=b" };
    stage.client(`ws+unix:${path}:/`, [], { followRedirects: true, headers });
    await log.until("ws", "close");
  }),
]);
