// Events as in browsers: `onopen` and the others, `addEventListener` with all its forms, the event objects,
// and how they live beside `on()`.

import { closeFrame } from "../../support/frame.ts";
import { differential, type Script, script } from "./runner.ts";
import { shapeOf } from "./shape.ts";
import { roles, type Scene, type Stage } from "./stage.ts";
import type { Loose, WebSocket } from "./subjects.ts";

type Attributes = Record<"onopen" | "onmessage" | "onerror" | "onclose", unknown>;
const attributes = ["onopen", "onmessage", "onerror", "onclose"] as const;
const types = ["open", "message", "close", "error"] as const;

/** The methods with any arguments. */
function add(ws: WebSocket, ...values: unknown[]): void {
  (ws.addEventListener as (...values: unknown[]) => void).apply(ws, values);
}

function remove(ws: WebSocket, ...values: unknown[]): void {
  (ws.removeEventListener as (...values: unknown[]) => void).apply(ws, values);
}

/** A client whose connection does not come to be. */
function lonely(stage: Stage): WebSocket {
  return stage.keep(stage.make("ws://127.0.0.1:1/"));
}

const handlerValues: unknown[] = [
  null,
  undefined,
  0,
  "text",
  {},
  { handleEvent: () => 1 },
  true,
  [],
];

/** An event of each type, as far as it can be seen. */
function describeEvent(event: Loose, ws: WebSocket): Loose {
  const prototype = Object.getPrototypeOf(event) as object;
  return {
    class: prototype.constructor.name,
    own: Object.keys(event),
    type: event["type"],
    isTarget: event["target"] === ws,
    ...Object.fromEntries(
      ["data", "code", "reason", "wasClean", "message", "error"].map((name) => [name, event[name]]),
    ),
  };
}

/** Makes events of all four types happen. */
async function allEvents({ write, peer, role }: Scene): Promise<void> {
  write(1, "text");
  write(2, "binary");
  write(3);
  peer.write(closeFrame(1000, "", { masked: role === "server" }));
  peer.socket.end();
}

const addForms: [string, (ws: WebSocket, run: () => void) => void][] = [
  ["a function", (ws, run) => add(ws, "message", run)],
  ["an object", (ws, run) => add(ws, "message", { handleEvent: run })],
  ["once", (ws, run) => add(ws, "message", run, { once: true })],
  ["once false", (ws, run) => add(ws, "message", run, { once: false })],
  ["once, an object", (ws, run) => add(ws, "message", { handleEvent: run }, { once: true })],
  ["options true", (ws, run) => add(ws, "message", run, true)],
  [
    "twice the same function",
    (ws, run) => {
      add(ws, "message", run);
      add(ws, "message", run);
    },
  ],
  [
    "twice the same object",
    (ws, run) => {
      const listener = { handleEvent: run };
      add(ws, "message", listener);
      add(ws, "message", listener);
    },
  ],
  [
    "the same function, once and not",
    (ws, run) => {
      add(ws, "message", run, { once: true });
      add(ws, "message", run);
    },
  ],
  [
    "the same function with on()",
    (ws, run) => {
      ws.on("message", run);
      add(ws, "message", run);
    },
  ],
  [
    "the same function as attribute",
    (ws, run) => {
      Object.assign(ws, { onmessage: run });
      add(ws, "message", run);
    },
  ],
  [
    "removed",
    (ws, run) => {
      add(ws, "message", run);
      remove(ws, "message", run);
    },
  ],
  [
    "removed, an object",
    (ws, run) => {
      const listener = { handleEvent: run };
      add(ws, "message", listener);
      remove(ws, "message", listener);
    },
  ],
  [
    "removed for another type",
    (ws, run) => {
      add(ws, "message", run);
      remove(ws, "close", run);
    },
  ],
  [
    "once, removed",
    (ws, run) => {
      add(ws, "message", run, { once: true });
      remove(ws, "message", run);
    },
  ],
  [
    "removeEventListener does not remove on()",
    (ws, run) => {
      ws.on("message", run);
      remove(ws, "message", run);
    },
  ],
  [
    "removeListener does not remove addEventListener",
    (ws, run) => {
      add(ws, "message", run);
      ws.removeListener("message", run);
    },
  ],
  [
    "removeEventListener does not remove the attribute",
    (ws, run) => {
      Object.assign(ws, { onmessage: run });
      remove(ws, "message", run);
    },
  ],
  [
    "removeAllListeners",
    (ws, run) => {
      add(ws, "message", run);
      Object.assign(ws, { onmessage: run });
      ws.removeAllListeners("message");
    },
  ],
  ["another type", (ws, run) => add(ws, "ping", run)],
  ["an unknown type", (ws, run) => add(ws, "foo", run)],
];

const badListeners: unknown[] = [undefined, null, 5, "text", {}, { handleEvent: 5 }];

const addScripts: Script[] = addForms.map(([title, use]) =>
  script(`addEventListener: ${title}`, async ({ stage, log }) => {
    const { ws, write } = await stage.asClient({}, { isSilent: true });
    use(ws, () => log.note("called"));
    const { onmessage } = ws as unknown as Attributes;
    log.note("listeners", ws.listenerCount("message"), typeof onmessage);
    for (const text of ["one", "two"]) write(1, text);
    write(9);
    await log.until("ws", "ping");
    log.note("listeners", ws.listenerCount("message"));
  }),
);

differential("event handlers", [
  ...addScripts,
  ...attributes.flatMap((name) =>
    handlerValues.map((value) =>
      script(`${name} = ${shapeOf(value)}`, ({ stage, log }) => {
        const ws = lonely(stage) as unknown as Attributes & WebSocket;
        const type = name.slice(2);
        log.note("before", ws[name], ws.listenerCount(type));
        log.attempt("set", () => {
          ws[name] = value as never;
        });
        log.note("after", ws[name], ws.listenerCount(type));
      }),
    ),
  ),
  ...attributes.map((name) =>
    script(`${name}: set, replaced, removed`, ({ stage, log }) => {
      const ws = lonely(stage) as unknown as Attributes & WebSocket;
      const type = name.slice(2);
      const [first, second] = [(): void => undefined, (): void => undefined];
      ws[name] = first;
      log.note("first", ws[name] === first, ws.listenerCount(type));
      ws[name] = second;
      log.note("second", ws[name] === second, ws.listenerCount(type));
      ws[name] = null;
      log.note("null", ws[name], ws.listenerCount(type));
    }),
  ),
  ...badListeners.map((listener) =>
    script(`addEventListener with ${shapeOf(listener)}`, async ({ stage, log }) => {
      stage.catchUncaught("class");
      const { ws, write } = await stage.asClient({}, { isSilent: true });
      log.attempt("add", () => add(ws, "message", listener));
      log.attempt("remove", () => remove(ws, "foo", listener));
      log.note("listeners", ws.listenerCount("message"));
      write(1, "text");
      await log.until("ws", "message");
    }),
  ),
  ...roles.map((role) =>
    script(`${role}: the event objects`, async ({ stage, log }) => {
      const scene = await stage.scene(role);
      const { ws } = scene;
      for (const type of types) {
        add(ws, type, (event: Loose) => log.add("events", type, describeEvent(event, ws)));
      }
      await allEvents(scene);
      await log.until("ws", "close");
    }),
  ),
  script("the event object of open", async ({ stage, log }) => {
    await stage.asClient(
      {},
      {
        prepare: (ws) =>
          add(ws, "open", (event: Loose) => log.add("events", "open", describeEvent(event, ws))),
      },
    );
  }),
  script("the prototypes of event objects", async ({ stage, log }) => {
    const scene = await stage.asClient();
    for (const type of types) {
      add(scene.ws, type, (event: object) => {
        const chain: string[] = [];
        for (
          let one = Object.getPrototypeOf(event);
          one !== null;
          one = Object.getPrototypeOf(one)
        ) {
          const names = Object.entries(Object.getOwnPropertyDescriptors(one as object))
            .filter(([name]) => one !== Object.prototype && name !== "constructor")
            .map(([name, { enumerable, get }]) => `${name}:${enumerable}:${typeof get}`);
          chain.push(`${(one as object).constructor.name}(${names.join(" ")})`);
        }
        log.add("events", type, chain);
      });
    }
    await allEvents(scene);
    await log.until("ws", "close");
  }),
  script("the classes of event objects make events", async ({ stage, log }) => {
    const scene = await stage.asClient();
    const values = {
      code: 4_000,
      data: "data",
      error: "error",
      message: "message",
      reason: "reason",
      wasClean: true,
    };
    for (const type of types) {
      add(scene.ws, type, (event: object) => {
        const made = event.constructor as new (name: string, values?: Loose) => Loose;
        log.add("events", type, made.length);
        for (const one of [new made("foo"), new made("foo", {}), new made("foo", values)]) {
          const names = ["type", "target", ...Object.keys(values)];
          log.add("events", type, ...names.map((name) => one[name]));
        }
      });
    }
    await allEvents(scene);
    await log.until("ws", "close");
  }),
  script("this and the return value of handlers", async ({ stage, log }) => {
    const { ws, write } = await stage.asClient({}, { isSilent: true });
    Object.assign(ws, {
      onmessage(this: unknown) {
        log.note("attribute", this === ws);
        return false;
      },
    });
    add(ws, "message", function (this: unknown) {
      log.note("function", this === ws);
    });
    const listener = {
      handleEvent(this: unknown): void {
        log.note("object", this === listener);
      },
    };
    add(ws, "message", listener);
    write(1, "x");
    await log.until("script", "object");
  }),
  script("handleEvent is looked up when the event comes", async ({ stage, log }) => {
    const { ws, write } = await stage.asClient({}, { isSilent: true });
    const listener = { handleEvent: (): void => log.note("first") };
    add(ws, "message", listener);
    listener.handleEvent = () => log.note("second");
    write(1, "x");
    await log.until("ws", "message");
  }),
  script("listeners run in the order in which they were added", async ({ stage, log }) => {
    const { ws, write } = await stage.asClient({}, { isSilent: true });
    add(ws, "message", () => log.note("1 added"));
    Object.assign(ws, { onmessage: () => log.note("2 attribute") });
    ws.on("message", () => log.note("3 on"));
    ws.prependListener("message", () => log.note("0 prepended"));
    add(ws, "message", () => log.note("4 added"));
    Object.assign(ws, { onmessage: () => log.note("5 attribute") });
    write(1, "x");
    await log.until("script", "5 attribute");
  }),
  script("listeners() shows the wrappers or what was added", ({ stage, log }) => {
    const ws = lonely(stage);
    const run = (): void => undefined;
    const listener = { handleEvent: run };
    add(ws, "message", run);
    add(ws, "message", listener);
    add(ws, "message", () => 1, { once: true });
    Object.assign(ws, { onmessage: run });
    log.note("count", ws.listenerCount("message"), ws.listeners("message").length);
    log.note(
      "same",
      ws.listeners("message").map((one) => (one as unknown) === run),
    );
    log.note(
      "types",
      ws.listeners("message").map((one) => typeof one),
    );
    log.note("raw", ws.rawListeners("message").length);
  }),
  script("an attribute and addEventListener of the same function are both called", async (play) => {
    const { stage, log } = play;
    const { ws, write } = await stage.asClient({}, { isSilent: true });
    const run = (): void => log.note("called");
    add(ws, "message", run);
    Object.assign(ws, { onmessage: run });
    write(1, "x");
    await log.until("script", "called", 2);
    Object.assign(ws, { onmessage: null });
    write(1, "y");
    await log.until("script", "called", 3);
  }),
  script("onmessage gets strings for text and Buffers for binary", async ({ stage, log }) => {
    const { ws, write } = await stage.asClient({}, { isSilent: true });
    Object.assign(ws, { onmessage: ({ data }: Loose) => log.note("data", typeof data, data) });
    write(1, "größe");
    write(2, "bytes");
    write(1, "");
    write(2, "");
    await log.until("script", "data", 4);
  }),
  script("dispatchEvent and other methods of EventTarget", ({ stage, log }) => {
    const ws = lonely(stage) as unknown as Loose;
    log.note("dispatchEvent", typeof ws["dispatchEvent"], typeof ws["emit"]);
  }),
  script("emit reaches attributes", async ({ stage, log }) => {
    const ws = lonely(stage);
    Object.assign(ws, {
      onopen: (event: Loose) => log.note("open", event["type"]),
      onmessage: (event: Loose) => log.note("message", event["data"]),
      onclose: (event: Loose) =>
        log.note("close", event["code"], event["reason"], event["wasClean"]),
      onerror: (event: Loose) => log.note("error", event["error"], event["message"]),
    });
    ws.emit("open");
    ws.emit("message", Buffer.from("x"), false);
    ws.emit("message", Buffer.from("x"), true);
    ws.emit("close", 1000, Buffer.from("why"));
    ws.emit("error", new Error("mine"));
    await log.until("script", "close", 2);
  }),
  script("a listener that is removed while the event is emitted", async ({ stage, log }) => {
    const { ws, write } = await stage.asClient({}, { isSilent: true });
    const second = (): void => log.note("second");
    add(ws, "message", () => remove(ws, "message", second));
    add(ws, "message", second);
    write(1, "x");
    write(1, "y");
    await log.until("ws", "message", 2);
  }),
  script("onerror counts as a listener of error", async ({ stage, log }) => {
    const port = await stage.deadPort();
    const ws = stage.make(`ws://127.0.0.1:${port}/`);
    Object.assign(ws, {
      onerror: ({ message, error, type }: Loose) => log.note("error", type, message, error),
      onclose: ({ code, reason, wasClean }: Loose) => log.note("close", code, reason, wasClean),
    });
    await log.until("script", "close");
  }),
]);
