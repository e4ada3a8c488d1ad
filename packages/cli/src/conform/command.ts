// `hawser conform server` and `hawser conform client` on the command line.

import { readFile } from "node:fs/promises";
import { type Command, InvalidArgumentError } from "commander";
import { appendHeader, parsePort } from "../shared/arguments.ts";
import type { CommandContext } from "../shared/command-context.ts";
import { version } from "../shared/version.ts";
import { type Case, type Group, isFor } from "./engine/case.ts";
import { opening } from "./groups/20-opening.ts";
import { groups, selectCases } from "./groups/index.ts";
import { type ConformSettings, conformClient, conformServer } from "./run.ts";

interface CommonOptions {
  readonly cases: string[];
  readonly exclude: string[];
  readonly performance?: boolean;
  readonly seed: string;
  readonly strict?: boolean;
  readonly json?: string;
  readonly junit?: string;
  readonly html?: string;
  /** Of clients. */
  readonly openings?: boolean;
}

interface ServerOptions extends CommonOptions {
  readonly parallel: number;
  readonly agent?: string;
  readonly header: [string, string][];
  readonly ca?: string;
  readonly insecure?: boolean;
}

interface ClientOptions extends CommonOptions {
  readonly port: number;
  readonly host: string;
  readonly once?: boolean;
}

/** Adds the command to the program. */
export function addConform(program: Command, context: CommandContext): void {
  const conform = program
    .command("conform")
    .description("test whether a server or a client keeps to the WebSocket protocol")
    .addHelpText("after", caseHelp);
  addServer(conform, context);
  addClient(conform, context);
}

function addServer(conform: Command, { io, done }: CommandContext): void {
  const command = conform
    .command("server")
    .description("test the server at the URL, which has to echo every message with its type")
    .argument("<url>", "ws: or wss: URL", parseUrl)
    .option("--parallel <number>", "cases that run at the same time", parseCount, 4)
    .option("--agent <name>", "what the report calls the server")
    .option("--header <field>", "'Name: value' to send; may be repeated", appendHeader, [])
    .option("--ca <file>", "certificates to trust, PEM")
    .option("--insecure", "trust any certificate");
  withCommon(command).action(async (url: URL, options: ServerOptions) => {
    const { header: headers, parallel, agent, insecure } = options;
    const ca = options.ca === undefined ? undefined : await readFile(options.ca, "utf8");
    const tls = {
      ...(ca !== undefined && { ca }),
      ...(insecure === true && { rejectUnauthorized: false }),
    };
    const target = { url, headers, tls };
    done(await conformServer({ ...settingsOf(options, "server"), target, parallel, agent }, io));
  });
}

function addClient(conform: Command, { io, done }: CommandContext): void {
  const command = conform
    .command("client")
    .description("be the server that a client under test connects to, once for each case")
    .argument(
      "[command...]",
      "the client, behind --: it is run, with the URL in HAWSER_CONFORM_URL",
    )
    .option("--port <number>", "port to listen on; 0 picks a free one", parsePort, 9001)
    .option("--host <name>", "address to listen on", "127.0.0.1")
    .option("--once", "end when a client asks for its report")
    .option("--openings", "run group 20, too: its answers must not open a connection");
  withCommon(command).action(async (argv: string[], options: ClientOptions) => {
    const { port, host, once = false } = options;
    const settings = { ...settingsOf(options, "client"), port, host, once, command: argv };
    done(await conformClient(settings, io));
  });
}

function settingsOf(options: CommonOptions, tested: "server" | "client"): ConformSettings {
  const { seed, json, junit, html } = options;
  const files = {
    ...(json !== undefined && { json }),
    ...(junit !== undefined && { junit }),
    ...(html !== undefined && { html }),
  };
  const cases = choose(options, tested).filter((testCase) => isFor(testCase, tested));
  return { cases, seed, isStrict: options.strict === true, files, version: version() };
}

function withCommon(command: Command): Command {
  return command
    .option("--cases <patterns>", "such as '1.*,6.4.*'; may be repeated", appendPatterns, [])
    .option("--exclude <patterns>", "cases to leave out; may be repeated", appendPatterns, [])
    .option("--performance", "run the performance groups as well, one case at a time")
    .option("--seed <text>", "another seed for what is random", "hawser")
    .option("--strict", "give exit code 1 for NON-STRICT and UNIMPLEMENTED, too")
    .option("--json <file>", "write the results, with wire logs")
    .option("--junit <file>", "write JUnit XML for CI")
    .option("--html <file>", "write a page, or a folder with an index.html");
}

/**
 * The cases that were asked for: without a pattern all, but those for performance only if wanted, and so those in
 * which a client's `connect` has to fail: the runners that people have may end there.
 */
function choose(
  { cases: include, exclude, performance, openings }: CommonOptions,
  tested: "server" | "client",
): Case[] {
  const isApart = ({ isPerformance, number }: Group): boolean =>
    (isPerformance && performance !== true) ||
    (number === opening.number && tested === "client" && openings !== true);
  const apart = include.length > 0 ? [] : groups.filter(isApart);
  return selectCases({ include, exclude: [...exclude, ...apart.map(({ number }) => `${number}`)] });
}

function parseUrl(text: string): URL {
  if (URL.canParse(text)) {
    const url = new URL(text);
    if (url.protocol === "ws:" || url.protocol === "wss:") return url;
  }
  throw new InvalidArgumentError("The URL of a WebSocket begins with ws: or wss:.");
}

function parseCount(text: string): number {
  const count = Number(text);
  if (/^\d+$/.test(text) && count >= 1 && count <= 1_000) return count;
  throw new InvalidArgumentError("It is a whole number from 1 to 1000.");
}

function appendPatterns(text: string, patterns: readonly string[]): string[] {
  return [...patterns, ...text.split(",").map((pattern) => pattern.trim())];
}

const caseHelp = `
Groups of cases:
${groups
  .map(
    ({ number, title, cases, isPerformance }) =>
      `  ${String(number).padStart(2)}  ${title} (${cases.length})${isPerformance ? ", performance" : ""}`,
  )
  .join("\n")}

Exit code: 0 when all is well, 1 when a case has failed, 2 when nothing could be tested.`;
