// `hawser connect` on the command line.

import type { Command } from "commander";
import { connectLines } from "../connect.ts";
import type { CommandContext } from "../shared/command-context.ts";
import { addRoadOptions, connectOptionsOf, type RoadValues } from "../shared/road-options.ts";

/** Adds the command to the program. */
export function addConnect(program: Command, { io, done }: CommandContext): void {
  const command = program
    .command("connect")
    .description("send each line of standard input as a message, print what comes (binary as hex)")
    .argument("<url>", "ws: or wss: URL");
  addRoadOptions(command).action(async (url: string, values: RoadValues) => {
    done(await connectLines(url, connectOptionsOf(values), io));
  });
}
