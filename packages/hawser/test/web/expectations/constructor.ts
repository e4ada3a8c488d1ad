// "The new WebSocket(url, protocols) constructor steps": the URL, and the subprotocols.

import { type Api, check, closed, equal, type Expectation, open, throws } from "./expectation.ts";

/** Makes one and gives it up. */
async function make(
  { WebSocket }: Api,
  url: unknown,
  ...protocols: unknown[]
): Promise<{ url: string; protocol: string }> {
  const ws = new WebSocket(url as string, ...(protocols as string[]));
  equal(
    [ws.readyState, ws.bufferedAmount, ws.protocol, ws.extensions],
    [0, 0, "", ""],
    "a new WebSocket",
  );
  const { url: href, protocol } = ws;
  ws.close();
  await closed(ws);
  return { url: href, protocol };
}

function refuses(title: string, urls: readonly unknown[]): Expectation {
  return {
    title,
    run: ({ WebSocket }) => {
      for (const url of urls) {
        throws("SyntaxError", () => new WebSocket(url as string), String(url));
      }
    },
  };
}

export const constructor: readonly Expectation[] = [
  {
    title: "needs new and one argument",
    run: ({ WebSocket }) => {
      throws("TypeError", () => new (WebSocket as unknown as new () => object)());
      throws("TypeError", () => (WebSocket as unknown as (url: string) => object)("ws://x/"));
      throws("TypeError", () => new WebSocket(Symbol("url") as unknown as string));
    },
  },
  {
    title: "a third argument that is no object is one too many, and ignored",
    run: async ({ WebSocket, server }) => {
      for (const stray of ["stray", 3, true, null, Symbol("stray")]) {
        const ws = new WebSocket(`${server}/echo`, [], stray as unknown as object);
        check(ws instanceof WebSocket, "a WebSocket");
        ws.close();
        await closed(ws);
      }
    },
  },
  refuses("url: no URL → SyntaxError", ["ws://x:65536/", "ws://", "wss://[::"]),
  {
    ...refuses("url: a space in the host → SyntaxError", ["ws://foo bar/", "wss://foo bar/"]),
    deviations: { Chromium: "its URL parser escapes the space" },
  },
  refuses("url: another scheme → SyntaxError", [
    "ftp://example.com/",
    "mailto:a@example.com",
    "about:blank",
    "file:///x",
    "data:,x",
    "javascript:1",
    "wsx://example.com",
  ]),
  refuses("url: a fragment, even an empty one → SyntaxError", [
    "ws://example.com/#",
    "ws://example.com/#x",
    "https://example.com/?q#x",
  ]),
  {
    title: "url: a relative one is resolved against the page",
    deviations: { Node: "there is no page, and so no base: SyntaxError" },
    run: async (api) => {
      const { url } = await make(api, "/echo?relative");
      check(/^ws:\/\/127\.0\.0\.1:\d+\/echo\?relative$/.test(url), url);
    },
  },
  {
    title: "url: ws is ws, and the attribute is what the URL parser made of it",
    run: async (api) => {
      const server = api.server.replace("ws:", "WS:");
      equal(
        (await make(api, `  ${server}/a/../echo?q=ä b\n`)).url,
        `${api.server}/echo?q=%C3%A4%20b`,
      );
      equal((await make(api, new URL(`${api.server}/echo`))).url, `${api.server}/echo`);
      equal((await make(api, `${api.server}/echo?\ud800`)).url, `${api.server}/echo?%EF%BF%BD`);
      equal((await make(api, { toString: () => `${api.server}/x` })).url, `${api.server}/x`);
    },
  },
  {
    title: "url: http becomes ws and https wss, with their default ports",
    run: async (api) => {
      equal(
        (await make(api, `${api.server.replace("ws:", "http:")}/echo`)).url,
        `${api.server}/echo`,
      );
      equal((await make(api, "http://127.0.0.1:80/x")).url, "ws://127.0.0.1/x");
      equal((await make(api, "https://127.0.0.1:443/x")).url, "wss://127.0.0.1/x");
      equal((await make(api, "https://127.0.0.1:80/x")).url, "wss://127.0.0.1:80/x");
    },
  },
  {
    title: "url: connects over http: as well",
    run: async (api) => {
      const ws = await open({ ...api, server: api.server.replace("ws:", "http:") }, "/echo");
      ws.close();
      await closed(ws);
    },
  },
  {
    title: "url: a user and a password stay in the attribute",
    run: async (api) => {
      const url = `${api.server.replace("//", "//user:pass@")}/echo`;
      equal((await make(api, url)).url, url);
    },
  },
  {
    title: "protocols: one that is no token, or comes twice → SyntaxError",
    run: ({ WebSocket, server }) => {
      const separators = Array.from('()<>@,;:\\"/[]?={} \t', (one) => `a${one}b`);
      for (const protocols of [
        "",
        ...separators,
        "\u0000",
        "a\u007f",
        "ä",
        "a\ud800",
        {},
        () => 1,
        ["a", "a"],
        ["a", "b", "a"],
        ["a", ""],
        [["a", "b"]],
        new Set(["a", "b,"]),
      ]) {
        throws(
          "SyntaxError",
          () => new WebSocket(`${server}/echo`, protocols as string),
          JSON.stringify(protocols),
        );
      }
    },
  },
  {
    title: "protocols: what is no string or sequence → TypeError",
    run: ({ WebSocket, server }) => {
      throws("TypeError", () => new WebSocket(`${server}/echo`, Symbol("p") as unknown as string));
      throws(
        "TypeError",
        () => new WebSocket(`${server}/echo`, [Symbol("p")] as unknown as string),
      );
      throws(
        "TypeError",
        () => new WebSocket(`${server}/echo`, { [Symbol.iterator]: 1 } as unknown as string),
      );
    },
  },
  {
    title: "protocols: the URL is looked at first",
    run: ({ WebSocket }) => {
      let isAsked = false;
      const protocols = {
        toString: () => {
          isAsked = true;
          return "";
        },
      };
      // Arguments are converted before any step is taken.
      throws("SyntaxError", () => new WebSocket("ftp://x/", protocols as unknown as string));
      equal(isAsked, true);
    },
  },
  {
    title: "protocols: a string, a list, anything that can be iterated, or what becomes a string",
    run: async (api) => {
      for (const protocols of [
        "chosen",
        ["other", "chosen"],
        ["CHOSEN", "chosen"],
        new Set(["chosen"]),
        { toString: () => "chosen" },
        [{ toString: () => "chosen" }],
      ]) {
        const ws = await open(api, "/protocol?choose=chosen", protocols as string[]);
        equal(ws.protocol, "chosen");
        ws.close();
        await closed(ws);
      }
      const none = await open(api, "/echo", []);
      equal(none.protocol, "");
      none.close();
      await closed(none);
    },
  },
  {
    title: "protocols: every character of a token is taken",
    run: async (api) => {
      const token = "!#$%&'*+-.0123456789ABCXYZ^_`abcxyz|~";
      const ws = await open(api, `/protocol?choose=${encodeURIComponent(token)}`, [token]);
      equal(ws.protocol, token);
      ws.close();
      await closed(ws);
    },
  },
];
