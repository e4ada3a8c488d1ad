// A chat with one room, served with its page on one port: PORT and HOST say where. Messages are JSON.
// Client: { type: "join", name } first and once, then { type: "say", text }.
// Server: { type: "welcome", name, people } answers the join, with the name as it was given out;
// { type: "joined", name }, { type: "left", name } and { type: "said", name, text, at } tell the room;
// { type: "problem", about: "join" | "say", text } refuses what a person may do by mistake. What no
// honest page sends closes the connection: binary with 1003, all else that is wrong with 1008.

import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Connection, type Server, serve, HawserError } from "hawser";
import { type Joining, parseMessage, type Problem, type ServerMessage } from "./messages.ts";
import { freeName, nameKey } from "./names.ts";
import { servePage } from "./page-files.ts";
import { RateLimit } from "./rate-limit.ts";

/** What the server knows of a connection. */
export interface Person {
  /** Undefined until the join. */
  name: string | undefined;
  readonly rate: RateLimit;
}

const room = "room";

/** Starts a chat; port 0 picks a free one. It ends with `close()` of the server that it gives. */
export async function startChat(where: {
  port: number;
  hostname: string;
}): Promise<Server<Person>> {
  const people = new Map<string, string>();

  function publish(message: ServerMessage): void {
    server.publish(room, JSON.stringify(message));
  }

  function join(ws: Connection<Person>, { name: wish }: Joining): void {
    const name = freeName(wish, people);
    ws.data.name = name;
    people.set(nameKey(name), name);
    publish({ type: "joined", name });
    ws.subscribe(room);
    tell(ws, { type: "welcome", name, people: [...people.values()] });
  }

  const server = await serve<Person>({
    ...where,
    maxMessageBytes: 8 * 1024,
    fetch: servePage,
    upgrade(request) {
      if (request.url === "/chat") return { data: { name: undefined, rate: new RateLimit() } };
      return new Response("the chat is at /chat\n", { status: 404 });
    },
    message(ws, received) {
      // Who was shown the door may have sent more before hearing of it.
      if (ws.state !== "open") return;
      const { name, rate } = ws.data;
      const pace = rate.count();
      if (pace === "flood") return ws.close(1008, "far too many messages");
      if (pace === "too fast") return tell(ws, tooFast);
      const message = parseMessage(received);
      if (message.type === "violation") return ws.close(message.code, message.reason);
      if (message.type === "problem") return tell(ws, message);
      if (message.type === "join" && name === undefined) return join(ws, message);
      if (message.type === "join") return ws.close(1008, "joined already");
      if (name === undefined) return ws.close(1008, "join first");
      publish({ type: "said", name, text: message.text, at: Date.now() });
    },
    close(ws) {
      const { name } = ws.data;
      if (name === undefined) return;
      people.delete(nameKey(name));
      publish({ type: "left", name });
    },
  });
  return server;
}

const tooFast: Problem = {
  type: "problem",
  about: "say",
  text: "That was a lot at once. Wait a few seconds, then send it again.",
};

function tell(ws: Connection<Person>, message: ServerMessage): void {
  ws.send(JSON.stringify(message));
}

function portFrom(text: string | undefined): number {
  if (text === undefined || text === "") return 8080;
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new RangeError(`PORT must be a whole number from 0 to 65535, not "${text}"`);
}

const hint = "PORT and HOST say where it listens, for example: PORT=8081 npm start";

async function main(): Promise<void> {
  const { PORT, HOST } = process.env;
  const server = await startChat({ port: portFrom(PORT), hostname: HOST || "localhost" });
  console.log(`Hawser chat is open: ${server.url.replace(/^ws/, "http")}`);
  // The handlers go after one use: a second Ctrl-C ends the process at once.
  const drain = (): void => void server.close({ timeoutMs: 5_000, reason: "the server stops" });
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, drain);
}

const [, script] = process.argv;
if (script !== undefined && realpathSync(script) === fileURLToPath(import.meta.url)) {
  main().catch((error: unknown) => {
    // The operator's mistakes need a sentence; anything else is ours and needs its stack.
    const isOperators = error instanceof HawserError || error instanceof RangeError;
    console.error(isOperators ? `Hawser chat can't start: ${error.message}\n${hint}` : error);
    process.exitCode = 1;
  });
}
