// Proxies that work, HTTP (CONNECT) and SOCKS5, with or without a user and a password; and one that says
// what a test tells it to. Names lead to this machine: `routes` has the ports of those that are none.

import { Buffer } from "node:buffer";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";
import { deferred, within } from "./deferred.ts";
import { RawPeer } from "./raw-peer.ts";

export interface ProxySettings {
  /** "user:password", if it wants any. */
  readonly credentials?: string;
  /** TLS with clients. */
  readonly tls?: TlsOptions;
  /** The ports behind names. */
  readonly routes?: ReadonlyMap<string, number>;
  /** Says what it has to say one byte a write. */
  readonly isSlow?: boolean;
}

export class TestProxy {
  readonly #server: Server;
  readonly #scheme: string;
  readonly #settings: ProxySettings;
  readonly #sockets = new Set<Socket>();
  /** The head of every CONNECT. */
  readonly requests: string[] = [];
  /** Where each tunnel leads, "host:port" as the client had it. */
  readonly tunnels: string[] = [];
  /** Everything that went through a tunnel to a server. */
  sent: Buffer = Buffer.alloc(0);
  connections = 0;

  private constructor(scheme: string, settings: ProxySettings, serve: Serve) {
    this.#settings = settings;
    this.#scheme = scheme;
    const take = (socket: Socket): void => {
      this.connections++;
      this.#keep(socket);
      serve(this, new RawPeer(socket)).catch(() => socket.destroy());
    };
    const { tls } = settings;
    this.#server =
      tls === undefined
        ? createServer(take)
        : createTlsServer(tls, take).on("tlsClientError", () => undefined);
  }

  /** An HTTP proxy. */
  static http(settings: ProxySettings = {}): Promise<TestProxy> {
    return listening(new TestProxy(settings.tls ? "https" : "http", settings, serveHttp));
  }

  /** A SOCKS5 proxy. */
  static socks(settings: ProxySettings = {}): Promise<TestProxy> {
    return listening(new TestProxy("socks5h", settings, serveSocks));
  }

  /** One that does what it is told with each client. */
  static raw(
    scheme: "http" | "socks5h",
    serve: (peer: RawPeer) => Promise<void> | void,
  ): Promise<TestProxy> {
    return listening(new TestProxy(scheme, {}, async (_proxy, peer) => serve(peer)));
  }

  static listen(proxy: TestProxy): Promise<TestProxy> {
    const { promise, resolve } = deferred<TestProxy>();
    proxy.#server.listen(0, "127.0.0.1", () => resolve(proxy));
    return promise;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get credentials(): string | undefined {
    return this.#settings.credentials;
  }

  get url(): string {
    return `${this.#scheme}://127.0.0.1:${this.port}`;
  }

  /** The URL with these credentials in it. */
  urlWith(credentials: string): string {
    return this.url.replace("://", `://${credentials}@`);
  }

  async say(peer: RawPeer, bytes: Uint8Array | string): Promise<void> {
    if (this.#settings.isSlow === true) await peer.writeByteByByte(bytes);
    else peer.write(bytes);
  }

  /** A connection to where a client wants to go. */
  async reach(host: string, port: number): Promise<Socket> {
    const route = this.#settings.routes?.get(host);
    const { promise, resolve, reject } = deferred<Socket>();
    const socket = connect(route ?? port, host === "::1" ? "::1" : "127.0.0.1");
    socket.once("connect", () => resolve(socket)).once("error", reject);
    this.tunnels.push(`${host}:${port}`);
    return promise;
  }

  /** Passes on what comes, both ways. */
  join(peer: RawPeer, server: Socket): void {
    this.#keep(server);
    const client = peer.socket;
    client.removeAllListeners("data");
    const toServer = (bytes: Buffer): void => {
      this.sent = Buffer.concat([this.sent, bytes]);
      server.write(bytes);
    };
    client.on("data", toServer).on("end", () => server.end());
    server.on("data", (bytes) => client.write(bytes)).on("end", () => client.end());
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", () => socket.destroy());
  }

  /** Resolves once no socket is left, neither a client's nor one to a server. */
  async idle(): Promise<void> {
    const closed = [...this.#sockets].map((socket) => {
      const { promise, resolve } = deferred();
      if (socket.closed) resolve();
      else socket.once("close", () => resolve());
      return promise;
    });
    await within(Promise.all(closed), "the end of every socket");
  }

  async close(): Promise<void> {
    const { promise, resolve } = deferred();
    this.#server.close(() => resolve());
    for (const socket of this.#sockets) socket.destroy();
    await promise;
  }
}

type Serve = (proxy: TestProxy, peer: RawPeer) => Promise<void>;

const listening = (proxy: TestProxy): Promise<TestProxy> => TestProxy.listen(proxy);

async function serveHttp(proxy: TestProxy, peer: RawPeer): Promise<void> {
  const head = await peer.readHeadText();
  proxy.requests.push(head);
  const wanted = proxy.credentials && Buffer.from(proxy.credentials).toString("base64");
  if (wanted !== undefined && !head.includes(`\r\nProxy-Authorization: Basic ${wanted}`)) {
    const answer = "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 4\r\n";
    await proxy.say(peer, `${answer}Proxy-Authenticate: Basic realm="x"\r\n\r\nwho?`);
    return;
  }
  const [, name = "", port] = /^CONNECT \[?([^\] ]*?)\]?:(\d+) HTTP\/1\.1/.exec(head) ?? [];
  try {
    const server = await proxy.reach(name, Number(port));
    await proxy.say(peer, "HTTP/1.1 200 Connection established\r\nVia: 1.1 test\r\n\r\n");
    proxy.join(peer, server);
  } catch {
    await proxy.say(peer, "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n");
  }
}

async function serveSocks(proxy: TestProxy, peer: RawPeer): Promise<void> {
  const read = async (length: number): Promise<Buffer> =>
    Buffer.from(await peer.readBytes(length, "latin1"), "latin1");
  const [, count = 0] = await read(2);
  const methods = await read(count);
  const method = proxy.credentials === undefined ? 0 : 2;
  if (!methods.includes(method)) return proxy.say(peer, Buffer.of(5, 0xff));
  await proxy.say(peer, Buffer.of(5, method));
  if (method === 2) {
    const user = (await read((await read(2))[1] as number)).toString();
    const password = (await read((await read(1))[0] as number)).toString();
    const isRight = `${user}:${password}` === proxy.credentials;
    await proxy.say(peer, Buffer.of(1, isRight ? 0 : 1));
    if (!isRight) return;
  }
  const [, , , type] = await read(4);
  const size = type === 1 ? 4 : type === 4 ? 16 : ((await read(1))[0] as number);
  const address = await read(size);
  const host = type === 1 ? [...address].join(".") : type === 3 ? address.toString() : "::1";
  const port = (await read(2)).readUInt16BE();
  try {
    const server = await proxy.reach(host, port);
    // Bound to a name, which is the longest that it may say.
    await proxy.say(peer, Buffer.of(5, 0, 0, 3, 4, ...Buffer.from("here"), 0, 80));
    proxy.join(peer, server);
  } catch {
    await proxy.say(peer, Buffer.of(5, 5, 0, 1, 0, 0, 0, 0, 0, 0));
  }
}
