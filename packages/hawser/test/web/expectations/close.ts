// "The close(code, reason) method steps".

import {
  type Api,
  ask,
  closed,
  equal,
  type Expectation,
  newId,
  next,
  open,
  record,
  throws,
  turn,
} from "./expectation.ts";

/** The Close frame that comes of closing with these, in hexadecimal, and how the connection ends. */
async function closes(api: Api, args: unknown[]): Promise<[string, number]> {
  const id = newId();
  const ws = await open(api, `/note?id=${id}`);
  (ws.close as (...all: unknown[]) => void)(...args);
  equal(ws.readyState, 2, "readyState at once");
  const [code, , wasClean] = await closed(ws);
  equal(wasClean, true, "wasClean");
  const frame = await ask(api, `/noted?id=${id}`);
  return [frame.replace("close ", ""), code];
}

function invalid(title: string, name: string, calls: readonly unknown[][]): Expectation {
  return {
    title,
    run: async (api) => {
      const ws = await open(api, "/echo");
      const close = ws.close.bind(ws) as (...all: unknown[]) => void;
      for (const args of calls) throws(name, () => close(...args), args.map(String).join(", "));
      equal(ws.readyState, 1, "the state afterwards");
      ws.close();
      await closed(ws);
      // Also when there is nothing to close any more.
      for (const args of calls) throws(name, () => close(...args), args.map(String).join(", "));
    },
  };
}

export const close: readonly Expectation[] = [
  invalid("a code other than 1000 and 3000 to 4999 → InvalidAccessError", "InvalidAccessError", [
    [0],
    [999],
    [1001],
    [1004],
    [1005],
    [1006],
    [1011],
    [1015],
    [2999],
    [5000],
    [65_535],
    [-1],
    [70_000],
    [NaN],
    [Infinity],
    [null],
    ["reason"],
    [{}],
    // Which of the two is looked at first.
    [1001, "x".repeat(124)],
  ]),
  invalid("a reason of more than 123 bytes → SyntaxError", "SyntaxError", [
    [1000, "x".repeat(124)],
    [3000, "ä".repeat(62)],
    [3000, "\ud800".repeat(42)],
  ]),
  {
    ...invalid("a reason that is too long, without a code → SyntaxError", "SyntaxError", [
      [undefined, "x".repeat(124)],
    ]),
    deviations: { Chromium: "it takes an undefined code with a reason for 0" },
  },
  invalid("what has no number or string → TypeError", "TypeError", [
    [Symbol("code")],
    [10n],
    [1000, Symbol("reason")],
  ]),
  {
    title: "without arguments, or with undefined: a Close frame without payload, 1005",
    run: async (api) => {
      equal(await closes(api, []), ["", 1005]);
      equal(await closes(api, [undefined]), ["", 1005]);
      equal(await closes(api, [undefined, undefined]), ["", 1005]);
    },
  },
  {
    title: "with a code, and a reason of up to 123 bytes",
    run: async (api) => {
      equal(await closes(api, [1000]), ["03e8", 1000]);
      equal(await closes(api, [3000, ""]), ["0bb8", 3000]);
      equal(await closes(api, [4999, "ä\ud800"]), ["1387c3a4efbfbd", 4999]);
      equal(await closes(api, [4000, "x".repeat(123)]), [`0fa0${"78".repeat(123)}`, 4000]);
      equal(await closes(api, ["3000", null]), ["0bb86e756c6c", 3000]);
      equal(await closes(api, [{ valueOf: () => 3001 }]), ["0bb9", 3001]);
    },
  },
  {
    title: "[Clamp]: the nearest code, of two the even one",
    deviations: { Chromium: "it cuts the fraction off" },
    run: async (api) => {
      equal(await closes(api, [999.5]), ["03e8", 1000]);
      equal(await closes(api, [2999.5]), ["0bb8", 3000]);
    },
  },
  {
    title: "a reason without a code goes with 1000",
    deviations: { Chromium: "it takes an undefined code with a reason for 0, and throws" },
    run: async (api) => equal(await closes(api, [undefined, "why"]), ["03e8776879", 1000]),
  },
  {
    title: "while CONNECTING: CLOSING at once, error and close 1006 in a later task",
    run: async (api) => {
      for (const args of [[], [3000, "why"]]) {
        const ws = new api.WebSocket(`${api.server}/never`);
        const seen = record(ws);
        (ws.close as (...all: unknown[]) => void)(...args);
        equal([ws.readyState, seen], [2, []]);
        await Promise.resolve();
        await Promise.resolve();
        equal([ws.readyState, seen], [2, []], "after promise jobs");
        ws.close();
        await next(ws, "close");
        equal([ws.readyState, seen], [3, ["error", 'close 1006 "" unclean']]);
      }
    },
  },
  {
    title: "while CONNECTING, after the server has answered: never opens",
    run: async (api) => {
      const ws = new api.WebSocket(`${api.server}/several`);
      const seen = record(ws);
      await turn();
      if (ws.readyState === 0) ws.close();
      else return ws.close();
      await next(ws, "close");
      equal(seen, ["error", 'close 1006 "" unclean']);
      return undefined;
    },
  },
  {
    title: "again: nothing happens, one close event",
    run: async (api) => {
      const ws = await open(api, "/echo");
      const seen = record(ws);
      ws.close(3000);
      ws.close(4000, "other");
      ws.close();
      await next(ws, "close");
      ws.close(3001);
      equal(ws.readyState, 3);
      await turn();
      equal(seen, ['close 3000 "" clean']);
    },
  },
  {
    title: "from within the open event",
    run: async (api) => {
      const ws = new api.WebSocket(`${api.server}/several`);
      const seen = record(ws);
      ws.addEventListener("open", () => ws.close(1000));
      await next(ws, "close");
      equal(seen, ["open", 'close 1000 "" clean']);
    },
  },
  {
    title: "a message that comes while CLOSING is not delivered",
    run: async (api) => {
      const ws = await open(api, "/message-while-closing");
      const seen = record(ws);
      ws.close();
      await next(ws, "close");
      equal(seen, ['close 1000 "" clean']);
    },
  },
];
