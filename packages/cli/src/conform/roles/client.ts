// `conform client`: the tester is the server that a client under test connects to, once for each
// case. The paths are those that runners for Autobahn's fuzzing server know.

import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import type { Case } from "../engine/case.ts";
import { Conversation } from "../engine/conversation.ts";
import { type CaseResult, runCase } from "../engine/run-case.ts";
import { WireFault } from "../wire/frame-reader.ts";
import { hasToken, type HttpHead, readHead } from "../wire/http-head.ts";
import { openAsServer, openingLimitMs, respond } from "../wire/opening.ts";
import { opcodes } from "../wire/frame.ts";
import { Random } from "../wire/random.ts";
import { WireLog } from "../wire/wire-log.ts";

export interface ClientRun {
  readonly cases: readonly Case[];
  readonly seed: string;
  readonly port: number;
  readonly host: string;
  /** The client has asked for its report, which it does at the end. */
  readonly onUpdateReports?: (agent: string) => void | Promise<void>;
  /** What a browser is shown. */
  readonly page?: () => string;
}

export class TesterServer {
  /** By agent and id of the case. */
  readonly #results: Map<string, Map<string, CaseResult>> = new Map();
  readonly #run: ClientRun;
  readonly #server: Server;
  readonly #sockets: Set<Socket> = new Set();
  readonly #going: Set<Promise<void>> = new Set();
  /** The cases of each agent that go on: the client may ask for a result before we have it. */
  readonly #running: Map<string, Set<Promise<unknown>>> = new Map();

  constructor(run: ClientRun) {
    this.#run = run;
    this.#server = createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
      this.#sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => this.#sockets.delete(socket));
      const going = this.#receive(socket).finally(() => this.#going.delete(going));
      this.#going.add(going);
    });
  }

  /** @returns the URL of the server */
  async listen(): Promise<string> {
    const { port, host } = this.#run;
    this.#server.listen(port, host);
    await once(this.#server, "listening");
    const { port: actual } = this.#server.address() as AddressInfo;
    return `ws://${host.includes(":") ? `[${host}]` : host}:${actual}`;
  }

  /** Ends what goes on, and stops listening. */
  async close(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
    await Promise.all(this.#going);
  }

  /** The results of each agent, in the order of the cases. */
  get results(): Map<string, CaseResult[]> {
    const { cases } = this.#run;
    return new Map(
      Array.from(this.#results, ([agent, results]) => [
        agent,
        cases.map(({ id }) => results.get(id)).filter((result) => result !== undefined),
      ]),
    );
  }

  async #receive(socket: Socket): Promise<void> {
    try {
      const head = await readHead(socket, openingLimitMs);
      const [, path = "/"] = head.firstLine.split(" ");
      const url = new URL(path, "http://tester");
      if (!hasToken(head.fields.get("upgrade"), "websocket")) this.#answerPlain(socket, url);
      else await this.#answer(socket, head, url);
    } catch (error) {
      // What is wrong with an opening handshake was said to the client, if it could be.
      if (!(error instanceof WireFault) && !(error instanceof TypeError)) throw error;
      socket.destroySoon();
    }
  }

  #answerPlain(socket: Socket, url: URL): void {
    const page = url.pathname === "/" ? this.#run.page?.() : undefined;
    if (page === undefined) respond(socket, 404, "a WebSocket server that tests clients\n");
    else respond(socket, 200, page, "text/html; charset=utf-8");
  }

  async #answer(socket: Socket, head: HttpHead, url: URL): Promise<void> {
    const agent = url.searchParams.get("agent") ?? "client";
    const testCase = this.#caseOf(url);
    switch (url.pathname) {
      case "/getCaseCount":
        return this.#tell(socket, head, String(this.#run.cases.length));
      case "/runCase":
        if (testCase === undefined) break;
        return this.#runCase(socket, head, testCase, agent);
      case "/getCaseInfo":
        if (testCase === undefined) break;
        return this.#tell(socket, head, {
          id: testCase.id,
          description: `${testCase.title}. ${testCase.checks}`,
        });
      case "/getCaseStatus": {
        if (testCase === undefined) break;
        await this.#settled(agent);
        const result = this.#results.get(agent)?.get(testCase.id);
        return this.#tell(socket, head, {
          behavior: result?.behavior ?? "NOT RUN",
          behaviorClose: result?.behaviorClose ?? "NOT RUN",
        });
      }
      case "/updateReports":
        await this.#settled(agent);
        await this.#tell(socket, head, undefined);
        return this.#run.onUpdateReports?.(agent);
      default:
    }
    respond(socket, 404, `${url.pathname}${url.search}: there is no such case or page\n`);
  }

  /** Cases are counted from 1, in the order of those that were chosen; or named by their id. */
  #caseOf(url: URL): Case | undefined {
    const id = url.searchParams.get("casetuple") ?? url.searchParams.get("id");
    if (id !== null) return this.#run.cases.find((testCase) => testCase.id === id);
    return this.#run.cases[Number(url.searchParams.get("case")) - 1];
  }

  async #runCase(socket: Socket, head: HttpHead, testCase: Case, agent: string): Promise<void> {
    const wishes = "deflate" in testCase ? (testCase.deflate ?? []) : [];
    const running = this.#running.get(agent) ?? new Set();
    this.#running.set(agent, running);
    const going = runCase(testCase, this.#run.seed, {
      role: "server",
      open: async (_testCase, _random, log) => ({
        socket,
        opened: openAsServer(socket, head, wishes, log),
      }),
      async byHand(byHand, random, log) {
        if (byHand.kind === "server") throw new Error(`${byHand.id} is for servers`);
        try {
          return await byHand.play({ socket, request: head, random, log });
        } finally {
          socket.destroy();
        }
      },
    });
    running.add(going);
    const result = await going.finally(() => running.delete(going));
    const results = this.#results.get(agent) ?? new Map<string, CaseResult>();
    this.#results.set(agent, results.set(testCase.id, result));
  }

  async #settled(agent: string): Promise<void> {
    const running = this.#running.get(agent);
    if (running !== undefined) await Promise.all(running);
  }

  /** One message, if there is one, and the end. */
  async #tell(socket: Socket, head: HttpHead, what: unknown): Promise<void> {
    const log = new WireLog();
    const opened = openAsServer(socket, head, [], log);
    const conversation = new Conversation("server", socket, opened, new Random("tell"), log);
    if (what !== undefined) {
      const payload = Buffer.from(typeof what === "string" ? what : JSON.stringify(what));
      await conversation.send([{ opcode: opcodes.text, payload }]);
    }
    await conversation.close(1000);
    await conversation.until(() => conversation.isOver, 5_000);
  }
}
