// All groups on Hawser's own server and client, compared with the result that is committed: any
// difference fails, a better verdict as well. The performance groups have fewer rounds here.
// HAWSER_CONFORM_WRITE=1 writes the file anew.

import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { describe, it } from "node:test";
import { connect, serve, Server, type ServerOptions } from "hawser";
import { type Case, isFor } from "../../dist/conform/engine/case.js";
import type { CaseResult } from "../../dist/conform/engine/run-case.js";
import { groupOf, groups } from "../../dist/conform/groups/index.js";
import { TesterServer } from "../../dist/conform/roles/client.js";
import { testServer } from "../../dist/conform/roles/server.js";

const file = join(import.meta.dirname, "../../test/conform/ours.json");
const isWriting = process.env["HAWSER_CONFORM_WRITE"] === "1";
const MiB = 2 ** 20;
const rounds = 6;

/** By group, the ids that have a verdict. */
type Expected = Record<string, Record<string, string>>;

function casesFor(tested: "server" | "client"): Case[] {
  return groups
    .flatMap(({ cases }) => cases)
    .filter((testCase) => isFor(testCase, tested))
    .map((one) =>
      one.kind === "round trips" ? { ...one, rounds: Math.min(one.rounds, rounds) } : one,
    );
}

function summaryOf(results: readonly CaseResult[]): Expected {
  const summary: Expected = {};
  for (const { id, behavior, behaviorClose } of results) {
    const group = (summary[String(groupOf(id).number)] ??= {});
    const verdict = behavior === behaviorClose ? behavior : `${behavior} / ${behaviorClose}`;
    group[verdict] = group[verdict] === undefined ? id : `${group[verdict]} ${id}`;
  }
  return summary;
}

function compare(tested: "server" | "client", results: readonly CaseResult[]): void {
  const all = JSON.parse(readFileSync(file, "utf8")) as Record<string, Expected>;
  const actual = summaryOf(results);
  if (isWriting) {
    writeFileSync(file, `${JSON.stringify({ ...all, [tested]: actual }, null, 2)}\n`);
  } else assert.deepEqual(actual, all[tested]);
}

const options: ServerOptions = {
  maxMessageBytes: 16 * MiB,
  maxFragments: 65_537,
  maxQueuedBytes: 32 * MiB,
  compression: { mode: "dedicated", thresholdBytes: 0 },
  message: (ws, message) => void ws.send(message),
  error: () => undefined,
};

describe("Hawser gets what is committed", () => {
  it("as a server, over HTTP/1.1 and HTTP/2", async () => {
    const server = await serve({ ...options, port: 0, hostname: "127.0.0.1" });
    const http2 = createServer();
    const overHttp2 = new Server(options);
    overHttp2.attach(http2);
    http2.listen(0, "127.0.0.1");
    await once(http2, "listening");
    const http2Url = `ws://127.0.0.1:${(http2.address() as AddressInfo).port}`;
    const all = casesFor("server");
    const run = (url: string, cases: readonly Case[]): Promise<CaseResult[]> =>
      testServer({ url: new URL(url), headers: [] }, { cases, parallel: 8, seed: "test" });
    const isOver = ({ id }: Case): boolean => id.startsWith("30.");
    const results = [
      ...(await run(
        server.url,
        all.filter((one) => !isOver(one)),
      )),
      ...(await run(http2Url, all.filter(isOver))),
    ];
    await server.close();
    await overHttp2.close();
    http2.close();
    compare("server", results);
  });

  it("as a client", async () => {
    const cases = casesFor("client");
    const tester = new TesterServer({ cases, seed: "test", port: 0, host: "127.0.0.1" });
    const url = await tester.listen();
    const numbers = cases.keys();
    const work = async (): Promise<void> => {
      for (const number of numbers) {
        try {
          const ws = await connect(`${url}/runCase?case=${number + 1}&agent=hawser`, {
            maxMessageBytes: 16 * MiB,
            maxFragments: 65_537,
            maxQueuedBytes: 32 * MiB,
            compression: { mode: "dedicated", thresholdBytes: 0 },
            message: (connection, message) => void connection.send(message),
            error: () => undefined,
          });
          await ws.closed;
        } catch {
          // Some of group 20 must not open.
        }
      }
    };
    await Promise.all(Array.from({ length: 8 }, work));
    const last = await connect(`${url}/updateReports?agent=hawser`);
    await last.closed;
    compare("client", tester.results.get("hawser") ?? []);
    await tester.close();
  });
});
