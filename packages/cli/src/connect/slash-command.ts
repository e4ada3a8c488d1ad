// What a line that begins with "/" does: a table, from which the help and the completion of Tab are made, too.

import { open, readFile } from "node:fs/promises";
import type { Connection } from "hawser";
import { sendStream } from "./send-stream.ts";
import { parseBase64, parseHex } from "./input-line.ts";

/** What a slash command works on. */
export interface SlashContext {
  readonly ws: Connection;
  readonly url: string;
  note(text: string): void;
  /** Sends, and waits for room. */
  send(message: string | Uint8Array): Promise<void>;
  /** Sends a ping, and tells when its answer comes. */
  ping(payload: string): void;
  /** Closes for good, without connecting again. */
  close(code?: number, reason?: string): void;
}

interface SlashCommand {
  readonly usage: string;
  readonly meaning: string;
  /** @throws Error with what is wrong with the argument */
  run(argument: string, context: SlashContext): void | Promise<void>;
}

export const slashCommands: Readonly<Record<string, SlashCommand>> = {
  "/ping": {
    usage: "/ping [TEXT]",
    meaning: "send a Ping, and tell how long its Pong takes",
    run: (payload, { ping }) => ping(payload),
  },
  "/pong": {
    usage: "/pong [TEXT]",
    meaning: "send a Pong that nobody asked for",
    run: (payload, { ws }) => void ws.pong(payload),
  },
  "/binary": {
    usage: "/binary HEX",
    meaning: "send bytes, such as /binary 00 ff 7f",
    run: (hex, { send }) => send(parseHex(hex)),
  },
  "/base64": {
    usage: "/base64 TEXT",
    meaning: "send the bytes that base64 stands for",
    run: (text, { send }) => send(parseBase64(text.trim())),
  },
  "/file": {
    usage: "/file PATH",
    meaning: "send a file as one binary message",
    run: sendFile,
  },
  "/text-file": {
    usage: "/text-file PATH",
    meaning: "send a file as one text message",
    run: async (path, { send }) => send(decode(await readFile(path))),
  },
  "/info": {
    usage: "/info",
    meaning: "tell about the connection",
    run: (_argument, { ws, url, note }) => note(infoOf(ws, url)),
  },
  "/close": {
    usage: "/close [CODE [REASON]]",
    meaning: "close, such as /close 4000 bye",
    run: closeWith,
  },
  "/quit": {
    usage: "/quit",
    meaning: "close with 1000, as Ctrl+D",
    run: (_, { close }) => close(1000),
  },
  "/help": {
    usage: "/help",
    meaning: "tell what there is",
    run: (_argument, { note }) => note(slashHelp()),
  },
};

/** Does what the line asks for; "//" at its beginning sends the text with one "/". @throws Error to tell the user */
export async function runSlashCommand(line: string, context: SlashContext): Promise<void> {
  if (line.startsWith("//")) return context.send(line.slice(1));
  const [, name = "", argument = ""] = /^(\S+)\s*(.*)$/s.exec(line) ?? [];
  const command = Object.hasOwn(slashCommands, name) ? slashCommands[name] : undefined;
  if (command === undefined) throw new Error(`there is no ${name}: /help tells what there is`);
  await command.run(argument, context);
}

/** A table of all commands. */
export function slashHelp(): string {
  const rows = Object.values(slashCommands).map(({ usage, meaning }) => [usage, meaning] as const);
  return [...rows, ["//TEXT", "send a text that begins with a slash"] as const]
    .map(([usage, meaning]) => `${usage.padEnd(24)}${meaning}`)
    .join("\n");
}

async function sendFile(path: string, { ws }: SlashContext): Promise<void> {
  // Before the message begins: one that has begun can't be taken back.
  const file = await open(path);
  if (!(await file.stat()).isFile()) {
    await file.close();
    throw new Error(`${path} is no file`);
  }
  await sendStream(file.createReadStream(), ws);
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw new Error("the file is no UTF-8: /file sends it as binary", { cause: error });
  }
}

function closeWith(argument: string, { close }: SlashContext): void {
  if (argument === "") return close(1000);
  const [, code, reason = ""] = /^(\d+)\s*(.*)$/s.exec(argument) ?? [];
  if (code === undefined) throw new Error("a close code is a number: /close 4000 bye");
  close(Number(code), reason);
}

function infoOf(ws: Connection, url: string): string {
  const { messagesSent, messagesReceived, bytesSent, bytesReceived } = ws.stats;
  return [
    `url           ${url}`,
    `state         ${ws.state}`,
    `remote        ${ws.remoteAddress ?? "none"}`,
    `subprotocol   ${ws.protocol || "none"}`,
    `extensions    ${ws.extensions || "none"}`,
    `sent          ${messagesSent} messages, ${bytesSent} bytes`,
    `received      ${messagesReceived} messages, ${bytesReceived} bytes`,
  ].join("\n");
}
