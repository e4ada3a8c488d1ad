// `followRedirects`: which responses are redirects, how often, and what is kept from another host.

import type { ClientRequest, IncomingMessage } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { makeCertificate } from "../../support/certificate.ts";
import { headText } from "../../support/http-head.ts";
import { accepting } from "../../support/raw-server.ts";
import { differential, type Play, type Script, script } from "./runner.ts";
import type { Loose } from "./subjects.ts";
import { writeHead } from "./wire.ts";

const certificate = makeCertificate();

function redirectTo(location: string | undefined, status = 302): string {
  return headText(`HTTP/1.1 ${status} Elsewhere`, { Location: location, "Content-Length": "0" });
}

interface Way {
  readonly location: (port: number, own: number) => string | undefined;
  readonly status?: number;
  readonly options?: Loose;
  readonly rewrite?: (url: string) => string;
  /** Listens for `redirect`. */
  readonly isHeard?: boolean;
}

/** A first server that redirects to a second one, which refuses unless it is asked to accept. */
async function follow({ stage, log }: Play, way: Way): Promise<void> {
  const second = await stage.rawServer((peer, request) => {
    writeHead(log, request, "second");
    return accepting()(peer, request);
  });
  const first = await stage.rawServer((peer, request) => {
    if (/GET \/again/.test(request)) {
      writeHead(log, request, "second");
      return accepting()(peer, request);
    }
    writeHead(log, request, "first");
    peer.write(redirectTo(way.location(second.port, first.port), way.status));
    return undefined;
  });
  const url = way.rewrite?.(first.url) ?? first.url;
  const ws = stage.client(url, [], { followRedirects: true, ...way.options });
  if (way.isHeard === true) {
    ws.on("redirect", (to: string, request: ClientRequest) => {
      log.note("redirect", to, request.getHeaderNames().toSorted(), ws.readyState);
      log.note("credentials", request.getHeader("authorization"), request.getHeader("cookie"));
    });
  }
  ws.on("open", () => {
    log.note("url", ws.url);
    ws.terminate();
  });
  await log.until("ws", "close");
  log.note("url", ws.url);
}

function follows(title: string, way: Way): Script {
  return script(title, (play) => follow(play, way));
}

const toSecond: Way["location"] = (port) => `ws://127.0.0.1:${port}/`;
const toItself: Way["location"] = (_, own) => `ws://127.0.0.1:${own}/again`;
const toOtherName: Way["location"] = (_, own) => `ws://localhost:${own}/again`;
const credentials: Loose = {
  headers: { Authorization: "Basic Zm9vOmJhcg==", Cookie: "foo=bar", Host: "foo", "X-Kept": "yes" },
};
const withUser = (url: string): string => url.replace("//", "//foo:bar@");

const locations: [string, Way["location"]][] = [
  ["a path", () => "/again"],
  ["a relative path", () => "again"],
  ["a path with a query", () => "/again?x=y"],
  ["a URL of http", (port) => `http://127.0.0.1:${port}/`],
  ["a URL without a scheme", (port) => `//127.0.0.1:${port}/`],
  ["another scheme", () => "ftp://127.0.0.1/"],
  ["a bad URL", () => "ws://"],
  ["a bad port", () => "ws://127.0.0.1:99999/"],
  ["a fragment", () => "/again#frag"],
  ["an empty one", () => ""],
  ["none", () => undefined],
  ["user and password in it", (port) => `ws://a:b@127.0.0.1:${port}/`],
];

const senders: [string, Way][] = [
  ["headers", { location: toItself, options: credentials }],
  ["user and password in the URL", { location: toItself, rewrite: withUser }],
  ["auth", { location: toItself, options: { auth: "foo:bar" } }],
];

const targets: [string, Way["location"]][] = [
  ["the same host", toItself],
  ["another port", toSecond],
  ["another name", toOtherName],
  ["user and password of its own", (_, own) => `ws://x:y@127.0.0.1:${own}/again`],
];

differential("redirects", [
  ...[300, 301, 302, 303, 304, 305, 307, 308, 399, 400, 299].map((status) =>
    follows(`status ${status}`, { location: toSecond, status }),
  ),
  ...locations.map(([title, location]) => follows(`location: ${title}`, { location })),
  follows("followRedirects: false", { location: toSecond, options: { followRedirects: false } }),
  ...senders.flatMap(([what, way]) =>
    targets.flatMap(([where, location]) =>
      [false, true].map((isHeard) =>
        follows(`credentials by ${what} to ${where}${isHeard ? ", with a listener" : ""}`, {
          ...way,
          location,
          isHeard,
        }),
      ),
    ),
  ),
  ...[0, 1, 2, 5].map((maxRedirects) =>
    script(`maxRedirects ${maxRedirects}`, async ({ stage, log }) => {
      const raw = await stage.rawServer((peer) => peer.write(redirectTo("/")));
      const ws = stage.client(raw.url, [], { followRedirects: true, maxRedirects });
      await log.until("ws", "close");
      log.note("requests", raw.requests.length, (ws as unknown as Loose)["_redirects"]);
    }),
  ),
  script("maxRedirects is 10 by default", async ({ stage, log }) => {
    const raw = await stage.rawServer((peer) => peer.write(redirectTo("/")));
    stage.client(raw.url, [], { followRedirects: true });
    await log.until("ws", "close");
    log.note("requests", raw.requests.length);
  }),
  ...(["terminate", "close"] as const).map((method) =>
    script(`${method}() in redirect`, async ({ stage, log }) => {
      const raw = await stage.rawServer((peer) => peer.write(redirectTo("/")));
      const ws = stage.client(raw.url, [], { followRedirects: true });
      ws.on("redirect", () => ws[method]());
      await log.until("ws", "close");
    }),
  ),
  script("the listener of redirect may destroy the request", async ({ stage, log }) => {
    const raw = await stage.rawServer((peer) => peer.write(redirectTo("/")));
    const ws = stage.client(raw.url, [], { followRedirects: true });
    ws.on("redirect", (_, request: ClientRequest) => {
      request.on("error", (error) => log.note("request error", error));
      request.on("close", () => log.note("request close", ws.readyState));
      request.destroy();
    });
    await log.until("script", "request close");
  }),
  script("the listener of redirect may set fields", async ({ stage, log }) => {
    const raw = await stage.rawServer((peer, request) => {
      if (!/GET \/again/.test(request)) return peer.write(redirectTo("/again"));
      writeHead(log, request);
      return accepting()(peer, request);
    });
    const ws = stage.client(raw.url, [], { followRedirects: true });
    ws.on("redirect", (_, request: ClientRequest) => request.setHeader("Authorization", "mine"));
    await log.until("ws", "open");
  }),
  script("after a redirect the response may be unexpected", async ({ stage, log }) => {
    const raw = await stage.rawServer((peer, request) =>
      peer.write(
        /GET \/again/.test(request)
          ? headText("HTTP/1.1 401 No", { "Content-Length": "0" })
          : redirectTo("/again"),
      ),
    );
    const ws = stage.client(raw.url, [], { followRedirects: true });
    ws.on("unexpected-response", (_, response: IncomingMessage) => {
      log.note("unexpected", response.statusCode);
      ws.terminate();
    });
    await log.until("ws", "close");
  }),
  script("the key is new and the subprotocols stay", async ({ stage, log }) => {
    const raw = await stage.rawServer((peer, request) =>
      peer.write(/GET \/x/.test(request) ? "HTTP/1.1 400 No\r\n\r\n" : redirectTo("/x")),
    );
    stage.client(raw.url, ["a", "b"], { followRedirects: true, origin: "https://o.example" });
    await log.until("ws", "close");
    const keys = raw.requests.map((text) => /Key: (.*)/.exec(text)?.[1]);
    log.note("differ", keys.length, keys[0] !== keys[1]);
    for (const request of raw.requests) writeHead(log, request);
  }),
  script("agents are asked again", async ({ stage, log }) => {
    const raw = await stage.rawServer((peer, request) =>
      peer.write(/GET \/x/.test(request) ? "HTTP/1.1 400 No\r\n\r\n" : redirectTo("/x")),
    );
    const { Agent } = await import("node:http");
    const agent = new Agent();
    stage.atEnd(() => agent.destroy());
    const create = agent.createConnection.bind(agent);
    agent.createConnection = (...values) => {
      log.note("asked");
      return create(...values);
    };
    stage.client(raw.url, [], { followRedirects: true, agent });
    await log.until("ws", "close");
  }),
  ...[false, true].map((isHeard) =>
    script(`wss to ws drops credentials${isHeard ? ", not with a listener" : ""}`, async (play) => {
      const { stage, log } = play;
      const target = await stage.rawServer((peer, request) => {
        writeHead(log, request, "second");
        return accepting()(peer, request);
      });
      const secure = createSecureServer({ ...certificate });
      secure.on("upgrade", (request, socket) => {
        log.add("first", "authorization", request.headers.authorization);
        socket.end(redirectTo(`ws://localhost:${target.port}/`));
      });
      const port = await stage.listen(secure);
      const options = { ...credentials, followRedirects: true, rejectUnauthorized: false };
      const ws = stage.client(`wss://localhost:${port}/`, [], options);
      if (isHeard) ws.on("redirect", (url: string) => log.note("redirect", url));
      await log.until("ws", "open");
      log.note("url", ws.url);
    }),
  ),
  script("ws to wss keeps credentials of the same host", async ({ stage, log }) => {
    const secure = createSecureServer({ ...certificate });
    secure.on("upgrade", (request, socket) => {
      log.add("second", "authorization", request.headers.authorization, request.headers.cookie);
      socket.end("HTTP/1.1 400 No\r\n\r\n");
    });
    const port = await stage.listen(secure);
    const raw = await stage.rawServer((peer) => peer.write(redirectTo(`wss://localhost:${port}/`)));
    const url = raw.url.replace("127.0.0.1", "localhost");
    const options = { ...credentials, followRedirects: true, rejectUnauthorized: false };
    stage.client(url, [], options);
    await log.until("ws", "close");
  }),
]);
