// The server that the expectations talk to: what it does stands in the path. It is made of literal bytes and
// uses nothing of what is tested.

import { Buffer } from "node:buffer";
import { turn } from "../support/deferred.ts";
import { closeFrame, type Frame, frame, opcodes } from "../support/frame.ts";
import { acceptanceText } from "../support/http-head.ts";
import type { RawPeer } from "../support/raw-peer.ts";
import { RawServer } from "../support/raw-server.ts";

const plain = { masked: false } as const;
const text = (message: string): Buffer => frame(opcodes.text, message, plain);
const close = (code?: number, reason = ""): Buffer => closeFrame(code, reason, plain);

interface Visit {
  readonly peer: RawPeer;
  readonly request: string;
  readonly query: URLSearchParams;
  /** What was noted under the visit's id, for others to ask for. */
  readonly notes: Map<string, string>;
}

type Scene = (visit: Visit) => Promise<void> | void;

function accept({ peer, request }: Visit, fields: Record<string, string> = {}): void {
  peer.write(acceptanceText(request, fields));
}

/** Reads up to the Close frame, which is answered with its own code, and ends. */
async function finish({ peer }: Visit): Promise<void> {
  for (;;) {
    const { opcode, payload } = await peer.readFrame();
    if (opcode !== opcodes.close) continue;
    peer.write(frame(opcodes.close, payload.subarray(0, 2), plain));
    peer.socket.end();
    return;
  }
}

/** Waits until somebody notes something under the visit's id: anything, or that. */
async function noted({ peer, query, notes }: Visit, what?: string): Promise<string> {
  for (;;) {
    const said = notes.get(query.get("id") ?? "");
    if (said !== undefined && (what ?? said) === said) return said;
    if (peer.socket.destroyed) throw new Error("the peer has left");
    await turn();
  }
}

function note({ query, notes }: Visit, what: string): void {
  notes.set(query.get("id") ?? "", what);
}

function describe({ opcode, payload }: Frame): string {
  const kind = Object.entries(opcodes).find(([, value]) => value === opcode)?.[0] ?? "?";
  if (kind === "text") return `text ${JSON.stringify(payload.toString())}`;
  return `${kind} ${payload.toString("hex")}`;
}

const scenes: Readonly<Record<string, Scene>> = {
  /** Every message comes back; the Close frame as well. */
  echo: async (visit) => {
    const { peer } = visit;
    accept(visit);
    for (;;) {
      const { opcode, payload, fin } = await peer.readFrame();
      if (opcode === opcodes.close) {
        peer.write(frame(opcodes.close, payload.subarray(0, 2), plain));
        peer.socket.end();
        return;
      }
      peer.write(frame(opcode, payload, { ...plain, fin }));
    }
  },

  /** Chooses the subprotocol `choose`. */
  protocol: async (visit) => {
    accept(visit, { "Sec-WebSocket-Protocol": visit.query.get("choose") ?? "" });
    await finish(visit);
  },

  /** No word. */
  never: () => undefined,

  refuse: ({ peer }) =>
    peer.write("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno"),

  redirect: ({ peer, request, query }) => {
    const host = /^Host: (.*)\r$/im.exec(request)?.[1] ?? "";
    const location = `${query.get("to") ?? "http"}://${host}/echo`;
    peer.write(`HTTP/1.1 302 Found\r\nLocation: ${location}\r\nContent-Length: 0\r\n\r\n`);
  },

  /** Sends the head of the request. */
  request: async (visit) => {
    accept(visit);
    visit.peer.write(text(visit.request));
    await finish(visit);
  },

  /** Asks for credentials, then sends those that came. */
  authorize: async (visit) => {
    const field = /^Authorization: (.*)\r$/im.exec(visit.request)?.[1];
    if (field === undefined) {
      visit.peer.write(
        'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm="x"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
      );
      visit.peer.socket.end();
      return;
    }
    accept(visit);
    visit.peer.write(text(field));
    await finish(visit);
  },

  /** Sends text, binary and text, all in one write, then does the closing handshake. */
  several: async (visit) => {
    accept(visit);
    const messages = [text("one"), frame(opcodes.binary, "two", plain), text("three")];
    visit.peer.write(Buffer.concat(messages));
    await finish(visit);
  },

  /** Two messages and a Close frame in one write. */
  "several-and-close": (visit) => {
    accept(visit);
    visit.peer.write(Buffer.concat([text("one"), text("two"), close(1000, "done")]));
    visit.peer.socket.end();
  },

  /** Two messages in one write, then the end of TCP. */
  "several-and-drop": (visit) => {
    accept(visit);
    visit.peer.write(Buffer.concat([text("one"), text("two")]));
    visit.peer.socket.end();
  },

  /** Closes with `code` and `reason`. */
  close: async (visit) => {
    const { peer, query } = visit;
    accept(visit);
    const code = query.get("code");
    peer.write(close(code === null ? undefined : Number(code), query.get("reason") ?? ""));
    note(visit, describe(await peer.readFrame("the answer")));
    peer.socket.end();
  },

  /** Sends its Close frame, and ends TCP once `/end` is asked for with the same id. */
  "close-slowly": async (visit) => {
    const { peer } = visit;
    accept(visit);
    peer.write(close(3001, "slowly"));
    await peer.readFrame("the answer");
    await noted(visit, "end");
    peer.socket.end();
  },

  end: async (visit) => {
    note(visit, "end");
    accept(visit);
    visit.peer.write(text("ends"));
    await finish(visit);
  },

  /** A message, then the end of TCP without a Close frame. */
  drop: (visit) => {
    accept(visit);
    visit.peer.write(text("last words"));
    visit.peer.socket.end();
  },

  reset: async (visit) => {
    accept(visit);
    visit.peer.write(text("last words"));
    await visit.peer.readFrame("that the last words were read");
    visit.peer.reset();
  },

  /** A frame with reserved bits. */
  invalid: async (visit) => {
    accept(visit);
    visit.peer.write(frame(opcodes.text, "x", { ...plain, rsv: 7 }));
    await visit.peer.waitForEnd();
    visit.peer.socket.end();
  },

  /** Text that is no UTF-8. */
  garbled: async (visit) => {
    accept(visit);
    visit.peer.write(frame(opcodes.text, Buffer.from([0xff, 0xfe]), plain));
    await visit.peer.waitForEnd();
    visit.peer.socket.end();
  },

  /** Answers the first frame, whatever it is, with a message behind which the Close frame comes. */
  "message-while-closing": async (visit) => {
    accept(visit);
    await visit.peer.readFrame();
    visit.peer.write(Buffer.concat([text("too late"), close(1000)]));
    visit.peer.socket.end();
  },

  /** Notes all frames up to the Close frame, for `/noted`. */
  note: async (visit) => {
    const { peer } = visit;
    accept(visit);
    const all: string[] = [];
    for (;;) {
      const one = await peer.readFrame();
      all.push(describe(one));
      if (one.opcode !== opcodes.close) continue;
      note(visit, all.join(", "));
      peer.write(frame(opcodes.close, one.payload.subarray(0, 2), plain));
      peer.socket.end();
      return;
    }
  },

  noted: async (visit) => {
    accept(visit);
    visit.peer.write(text(await noted(visit)));
    await finish(visit);
  },

  /** Sends messages of 64 KiB as fast as they are taken, 32 MiB in all; notes how many bytes were not. */
  flood: async (visit) => {
    const { peer } = visit;
    accept(visit);
    const message = frame(opcodes.binary, Buffer.alloc(64 * 1024), plain);
    for (let sent = 0; sent < 512 && peer.ending === undefined; sent++) {
      const isTaken = peer.socket.write(message);
      if (isTaken) continue;
      const drained = new Promise<void>((resolve) => {
        peer.socket.once("drain", resolve);
        peer.socket.once("close", () => resolve());
      });
      note(visit, `waits after ${sent}`);
      await drained;
    }
    note(visit, "all sent");
    peer.write(close(1000));
  },

  /** Reads nothing until `/end` is asked for with the same id, then counts bytes of content. */
  deaf: async (visit) => {
    const { peer } = visit;
    accept(visit);
    peer.socket.pause();
    await noted(visit, "end");
    peer.socket.resume();
    let bytes = 0;
    for (;;) {
      const { opcode, payload } = await peer.readFrame();
      if (opcode === opcodes.close) break;
      bytes += payload.length;
    }
    note(visit, `${bytes} bytes`);
    peer.write(close(1000));
    peer.socket.end();
  },
};

/** Starts it on a free port. */
export function startScriptedServer(): Promise<RawServer> {
  const notes = new Map<string, string>();
  return RawServer.listen(async (peer, request) => {
    const url = new URL(request.split(" ")[1] as string, "ws://localhost");
    const scene = scenes[url.pathname.slice(1)];
    if (scene === undefined) throw new Error(`there is no ${url.pathname}`);
    await scene({ peer, request, query: url.searchParams, notes });
  });
}
