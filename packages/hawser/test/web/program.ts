// A program of its own for what belongs to a whole process: whether it lives, and what it reports. Says what
// happens line by line.

import { WebSocket, WebSocketStream } from "../../dist/index.js";

const [what = "", url = ""] = process.argv.slice(2);
const say = (line: string): void => void process.stdout.write(`${line}\n`);

const programs: Readonly<Record<string, () => void>> = {
  /** Opens and does nothing more: the process has to live until the server closes. */
  "stays open": () => {
    const ws = new WebSocket(url);
    ws.onopen = () => say("open");
    ws.onclose = ({ code }) => say(`close ${code}`);
  },
  /** A stream that is refused and that nobody waits for. */
  "is refused": () => {
    const wss = new WebSocketStream(url);
    wss.closed.catch(() => say("rejected"));
  },
  /** Listeners that throw, for each event. */
  "listeners throw": () => {
    process.on("uncaughtException", (error) => say(`reported ${error.message}`));
    const ws = new WebSocket(url);
    ws.onopen = () => {
      ws.send("1");
      ws.send("2");
      throw new Error("in onopen");
    };
    ws.addEventListener("message", ({ data }) => {
      if (data === "2") ws.close();
      throw new Error(`at message ${data as string}`);
    });
    ws.onclose = ({ code, wasClean }) => {
      say(`close ${code} ${wasClean}`);
      throw new Error("in onclose");
    };
  },
  /** A listener that rejects is an unhandled rejection. */
  "a listener rejects": () => {
    process.on("unhandledRejection", (error) => say(`unhandled ${(error as Error).message}`));
    process.on("uncaughtException", (error) => say(`reported ${error.message}`));
    const ws = new WebSocket(url);
    ws.onopen = async () => {
      await Promise.resolve();
      ws.close();
      throw new Error("in onopen");
    };
    ws.onclose = ({ code }) => say(`close ${code}`);
  },
  /** The callback of the third argument throws. */
  "the extra throws": () => {
    process.on("uncaughtException", (error) => say(`reported ${error.message}`));
    const extras = {
      error: () => {
        throw new Error("in error");
      },
    };
    const ws = new WebSocket(url, [], extras);
    ws.onclose = ({ code }) => say(`close ${code}`);
  },
};

programs[what]?.();
