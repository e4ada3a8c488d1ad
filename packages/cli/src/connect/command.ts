// `hawser connect` on the command line: its options and its manual.

import { type Command, InvalidArgumentError } from "commander";
import { parseCount, parsePort, parseSeconds } from "../shared/arguments.ts";
import type { CommandContext } from "../shared/command-context.ts";
import { addRoadOptions } from "../shared/road-options.ts";
import { converse } from "./conversation.ts";
import { manual } from "./manual.ts";
import { type ConnectValues, type ListenAt, settingsOf } from "./settings.ts";

/** Adds the command to the program. */
export function addConnect(program: Command, { io, done }: CommandContext): void {
  const command = program
    .command("connect")
    .summary("talk to a server, or be one")
    .description(
      "Talk to a WebSocket server: each line is sent as a text message, and what comes is printed.",
    )
    .argument("[url]", "ws: or wss: URL; not with --listen")
    .optionsGroup("Messages:")
    .option("--binary", "send all input as one binary message, write the bytes that come")
    .option("--jsonl", "a JSON object a line, in and out, for messages of any kind")
    .option("--base64", "show binary messages as base64")
    .option("--json-pretty", "indent messages that are JSON; on a terminal that is so")
    .option("--no-json-pretty", "show them as they came")
    .option("--timestamps", "show when each message came")
    .option("--frames", "show every frame of both directions, on standard error")
    .option("--slash", "lines of a pipe that begin with / are commands, as when they are typed")
    .option("-q, --quiet", "say nothing but messages and errors")
    .optionsGroup("The end:")
    .option("--once", "close after the first message, the same as --count 1")
    .option("--count <number>", "close after so many messages", parseCount)
    .option("--wait <seconds>", "how long behind the end of the input; 1, or 'forever'", parseWait)
    .optionsGroup("Connecting again:")
    .option("--reconnect", "connect again whenever the connection ends or can't be made")
    .option("--retries <number>", "give up after so many attempts in a row", parseCount)
    .option("--hello <file>", "send the lines of this file whenever a connection opens")
    .option("--ping-interval <seconds>", "ping after such a silence; 25, 0 for never", parseSeconds)
    .optionsGroup("Being the server:")
    .option("--listen <[host:]port>", "wait for a client instead of connecting", parseListen)
    .optionsGroup("The way to the server:");
  addRoadOptions(command)
    .optionsGroup("Others:")
    .option("--no-history", "neither read nor keep the lines that are typed")
    .helpOption("-h, --help", "show this")
    .addHelpText("after", manual)
    .action(async (url: string | undefined, values: ConnectValues) => {
      done(await converse(settingsOf(url, values, io.stdin.isTTY === true), io));
    });
}

/** @throws InvalidArgumentError */
function parseWait(text: string): number {
  return text === "forever" ? Infinity : parseSeconds(text);
}

/** A port, behind a host if there is one: "8080", "0.0.0.0:8080", "[::1]:8080". @throws InvalidArgumentError */
function parseListen(text: string): ListenAt {
  const [, host = "localhost", port = ""] = /^(?:(.+):)?(\d+)$/.exec(text) ?? [];
  if (port === "") throw new InvalidArgumentError("It looks like 8080 or 0.0.0.0:8080.");
  return { hostname: host.replace(/^\[(.*)\]$/, "$1"), port: parsePort(port) };
}
