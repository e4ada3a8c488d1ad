// A server that answers opening handshakes the way a test says, with literal bytes.

import { type AddressInfo, createServer, type Server } from "node:net";
import { deferred } from "./deferred.ts";
import { acceptanceText, type Fields } from "./http-head.ts";
import { RawPeer } from "./raw-peer.ts";

/** Answers one request, given with its empty line. */
export type RawAnswer = (peer: RawPeer, request: string) => void | Promise<void>;

export class RawServer {
  readonly #server: Server;
  readonly #failed = deferred<never>();
  /** Every peer that has connected. */
  readonly peers: RawPeer[] = [];
  /** The head of every request. */
  readonly requests: string[] = [];

  private constructor(answer: RawAnswer) {
    this.#failed.promise.catch(() => undefined);
    this.#server = createServer({ allowHalfOpen: true }, (socket) => {
      const peer = new RawPeer(socket);
      this.peers.push(peer);
      this.#serve(peer, answer).catch((error: Error) => {
        if (peer.ending === undefined) this.#failed.reject(error);
      });
    });
  }

  static async listen(answer: RawAnswer): Promise<RawServer> {
    const raw = new RawServer(answer);
    const { promise, resolve } = deferred();
    raw.#server.listen(0, "127.0.0.1", resolve);
    await promise;
    return raw;
  }

  async #serve(peer: RawPeer, answer: RawAnswer): Promise<void> {
    const request = `${await peer.readHeadText()}\r\n\r\n`;
    this.requests.push(request);
    await answer(peer, request);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `ws://127.0.0.1:${this.port}/`;
  }

  async close(): Promise<void> {
    for (const peer of this.peers) peer.destroy();
    const { promise, resolve } = deferred();
    this.#server.close(() => resolve());
    await promise;
  }
}

/** Accepts, with some header fields of the 101 changed, and writes `first` right behind it. */
export function accepting(fields: Fields = {}, first: Uint8Array | string = ""): RawAnswer {
  return (peer, request) => {
    const head = Buffer.from(acceptanceText(request, fields), "latin1");
    peer.write(Buffer.concat([head, Buffer.from(first as string, "latin1")]));
  };
}
