// "Establish a WebSocket connection": what goes over the wire, and which answers are taken.

import {
  type Api,
  ask,
  check,
  closed,
  equal,
  type Expectation,
  next,
  open,
  record,
} from "./expectation.ts";

/** What is seen of one that can't be connected. */
async function failed(api: Api, url: string, protocols: string[] = []): Promise<void> {
  const ws = new api.WebSocket(url, protocols);
  const seen = record(ws);
  const states: number[] = [];
  ws.addEventListener("error", () => states.push(ws.readyState));
  ws.addEventListener("close", () => states.push(ws.readyState));
  await next(ws, "close");
  equal(seen, ["error", 'close 1006 "" unclean']);
  equal(states, [3, 3]);
  equal([ws.protocol, ws.extensions], ["", ""]);
}

async function fieldsOf(api: Api, protocols: string[]): Promise<Map<string, string>> {
  const ws = await open(api, `/request?q=1`, protocols);
  const { data } = await next<MessageEvent>(ws, "message");
  ws.close();
  await closed(ws);
  const [start, ...lines] = (data as string).trim().split("\r\n");
  const fields = lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
  });
  return new Map([["start", start ?? ""], ...fields]);
}

export const handshake: readonly Expectation[] = [
  {
    title: "the request: GET, Upgrade, Connection, a key of 16 bytes, version 13",
    run: async (api) => {
      const fields = await fieldsOf(api, []);
      equal(fields.get("start"), "GET /request?q=1 HTTP/1.1");
      equal(fields.get("host"), api.server.slice("ws://".length));
      equal(fields.get("upgrade"), "websocket");
      equal(fields.get("connection"), "Upgrade");
      equal(fields.get("sec-websocket-version"), "13");
      equal(fields.has("sec-websocket-protocol"), false);
      check(/^[A-Za-z0-9+/]{22}==$/.test(fields.get("sec-websocket-key") ?? ""), "the key");
    },
  },
  {
    title: "the request: subprotocols in their order",
    run: async (api) => {
      const ws = new api.WebSocket(`${api.server}/protocol?choose=b`, ["c", "a", "b"]);
      await next(ws, "open");
      equal(ws.protocol, "b");
      ws.close();
      await closed(ws);
    },
  },
  {
    title: "no server → error, close 1006",
    run: (api) => failed(api, "ws://127.0.0.1:2/"),
  },
  {
    title: "an HTTP error → error, close 1006",
    run: (api) => failed(api, `${api.server}/refuse`),
  },
  {
    title: "a redirect is not followed",
    run: (api) => failed(api, `${api.server}/redirect`),
  },
  {
    title: "a subprotocol that was not asked for fails",
    run: async (api) => {
      await failed(api, `${api.server}/protocol?choose=a`);
      await failed(api, `${api.server}/protocol?choose=a`, ["A"]);
    },
  },
  {
    title: "no subprotocol although one was asked for fails",
    run: (api) => failed(api, `${api.server}/echo`, ["a"]),
  },
  {
    title: "user and password of the URL are Basic credentials",
    run: async (api) => {
      const server = api.server.replace("//", "//us%65r:p%C3%A4ss@");
      equal(await ask({ ...api, server }, "/authorize"), "Basic dXNlcjpww6Rzcw==");
    },
  },
];
