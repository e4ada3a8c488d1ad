// The module: its names, imported and required, and the shape of every class: own keys, descriptors and
// lengths, because programs and test suites read all of them.

import { execFileSync } from "node:child_process";
import { EventEmitter } from "node:events";
import { Writable } from "node:stream";
import { differential, type Play, type Script, script } from "./runner.ts";

/** The public members of a class or its prototype, with how they are declared. */
const members = {
  WebSocket: [
    "CONNECTING",
    "OPEN",
    "CLOSING",
    "CLOSED",
    "binaryType",
    "bufferedAmount",
    "extensions",
    "isPaused",
    "onclose",
    "onerror",
    "onopen",
    "onmessage",
    "protocol",
    "readyState",
    "url",
    "close",
    "pause",
    "ping",
    "pong",
    "resume",
    "send",
    "terminate",
    "addEventListener",
    "removeEventListener",
  ],
  WebSocketServer: ["address", "close", "shouldHandle", "handleUpgrade", "completeUpgrade"],
  PerMessageDeflate: ["offer", "accept", "cleanup", "compress", "decompress"],
  Sender: ["send", "ping", "pong", "close"],
  Receiver: ["_write"],
} as const;

function describeMember(target: object, name: PropertyKey): unknown {
  const found = Object.getOwnPropertyDescriptor(target, name);
  if (found === undefined) return "nothing";
  const { value, get, set, ...flags } = found;
  return {
    ...flags,
    kind: typeof value === "function" ? `function of ${value.length}` : typeof value,
    get: get?.length,
    set: set?.length,
    ...(typeof value === "number" && { value }),
  };
}

const descriptorScripts: Script[] = Object.entries(members).flatMap(([name, keys]) =>
  keys.map((key) =>
    script(`${name}.prototype.${key} is declared so`, ({ subject, log }) => {
      const { prototype } = subject[name as keyof typeof members];
      log.note("member", describeMember(prototype, key));
    }),
  ),
);

const staticScripts: Script[] = [
  "CONNECTING",
  "OPEN",
  "CLOSING",
  "CLOSED",
  "WebSocket",
  "Server",
  "WebSocketServer",
  "createWebSocketStream",
  "extension",
  "subprotocol",
  "PerMessageDeflate",
  "Receiver",
  "Sender",
].map((key) =>
  script(`WebSocket.${key} is declared so`, ({ subject, log }) => {
    log.note("member", describeMember(subject.WebSocket, key));
  }),
);

function requiredOf({ cjs }: Play): Record<string, unknown> {
  return cjs as Record<string, unknown>;
}

differential("exports", [
  script("import: the names", ({ subject, log }) => {
    log.note("names", Object.keys(subject).toSorted());
  }),
  script("import: what each name is", ({ subject, log }) => {
    for (const name of Object.keys(subject).toSorted()) {
      const value = subject[name as keyof typeof subject] as { name?: string; length?: number };
      log.note(name, typeof value, value.name, value.length);
    }
  }),
  script("import: the default is WebSocket", ({ subject, log }) => {
    log.note("same", subject.default === subject.WebSocket);
  }),
  script("require: a class with the others as enumerable properties", (play) => {
    const required = requiredOf(play);
    play.log.note("type", typeof required, required["name"]);
    play.log.note("keys", Object.keys(required).toSorted());
    play.log.note("itself", required["WebSocket"] === required);
    play.log.note("Server", required["Server"] === required["WebSocketServer"]);
  }),
  script("require and import give the same classes", (play) => {
    const required = requiredOf(play);
    for (const [name, value] of Object.entries(play.subject)) {
      if (name !== "default") play.log.note(name, required[name] === value);
    }
    play.log.note("default", play.subject.default === play.cjs);
  }),
  script("WebSocket has these own names", ({ subject, log }) => {
    log.note("own", Object.getOwnPropertyNames(subject.WebSocket).toSorted());
  }),
  script("WebSocket's prototype has these enumerable names", ({ subject, log }) => {
    log.note("own", Object.keys(subject.WebSocket.prototype).toSorted());
  }),
  script("whose subclass each is", ({ subject, log }) => {
    log.note("ws", Object.getPrototypeOf(subject.WebSocket) === EventEmitter);
    log.note("server", Object.getPrototypeOf(subject.WebSocketServer) === EventEmitter);
    log.note("receiver", Object.getPrototypeOf(subject.Receiver) === Writable);
    log.note("sender", Object.getPrototypeOf(subject.Sender) === Function.prototype);
  }),
  script("the keys of extension and subprotocol", ({ subject, log }) => {
    log.note("extension", Object.keys(subject.extension), subject.extension.format.length);
    log.note("subprotocol", Object.keys(subject.subprotocol), subject.subprotocol.parse.length);
  }),
  script("PerMessageDeflate.extensionName", ({ subject, log }) => {
    log.note("name", subject.PerMessageDeflate.extensionName);
    log.note("member", describeMember(subject.PerMessageDeflate, "extensionName"));
  }),
  script("the constants can't be changed", ({ subject, log }) => {
    const loose = subject.WebSocket as unknown as Record<string, number>;
    const changes = {
      write: () => Object.assign(loose, { OPEN: 7 }),
      delete: () => delete loose["OPEN"],
    };
    for (const [name, change] of Object.entries(changes)) {
      try {
        log.note(name, "returns", change() === true);
      } catch (error) {
        // The words name the class by its source.
        log.note(name, "throws", (error as Error).constructor.name);
      }
    }
    log.note("still", subject.WebSocket.OPEN);
  }),
  script("classes are not called without new", ({ subject, log }) => {
    for (const name of ["WebSocket", "WebSocketServer", "Receiver", "Sender"] as const) {
      log.attempt(name, () => (subject[name] as unknown as () => void)());
    }
  }),
  ...["import", "require"].map((how) =>
    script(`${how} with the condition "browser": a function that throws`, ({ specifier, log }) => {
      const program = `
        const get = async () => ${how === "import" ? "(await import(name)).default" : "require(name)"};
        const name = ${JSON.stringify(specifier)};
        get().then((it) => {
          try { it(); } catch (error) { console.log(typeof it, error.constructor.name); }
        });`;
      const options = { cwd: import.meta.dirname, encoding: "utf8" } as const;
      const command = ["--conditions=browser", "--input-type=commonjs", "--eval", program];
      log.note("browser", execFileSync(process.execPath, command, options));
    }),
  ),
  ...descriptorScripts,
  ...staticScripts,
]);
