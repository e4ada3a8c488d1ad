// Every export of `hawser` as programs use it; those of the web's standards are in web/types.test.ts.

import { Agent, createServer } from "node:http";
import { createServer as createHttp2Server } from "node:http2";
import { Agent as SecureAgent } from "node:https";
import { type AddressInfo, connect as connectSocket } from "node:net";
import {
  type AllowedOrigins,
  type AnyHttpServer,
  type Broker,
  BrokerError,
  type BrokerErrorCode,
  type BrokerHealth,
  type BrokerLimits,
  type BrokerListener,
  type BrokerOptions,
  type BrokerState,
  type BrokerStats,
  CloseCode,
  type ClientCertificate,
  type Closed,
  type CloseOptions,
  type CompressionOptions,
  connect,
  Connection,
  ConnectionClosedError,
  type ConnectionAgent,
  type ConnectionFunction,
  type ConnectionHandlers,
  type ConnectionOptions,
  type ConnectionState,
  type ConnectionStats,
  type ConnectionTarget,
  type ConnectOptions,
  type ConnectPhase,
  type Counters,
  type CreateConnection,
  type FetchHandler,
  HandshakeError,
  HawserError,
  InternalError,
  LimitError,
  type Http2Options,
  type HttpVersion,
  type ListenOptions,
  MemoryBroker,
  nodePlatform,
  type OverflowPolicy,
  ProtocolError,
  type ProxyHeaders,
  type ProxyOption,
  type ProxyOptions,
  type PublishOptions,
  type ReceiveOptions,
  type RoadOptions,
  type Sendable,
  type SendOptions,
  serve,
  Server,
  type ServerOptions,
  type ServerStats,
  type StreamedMessage,
  type TcpOptions,
  TransportError,
  type TrustedProxyOptions,
  type UpgradeAcceptance,
  type UpgradeHook,
  type UpgradeRefusal,
  UpgradeRequest,
  type UpgradeResult,
  UsageError,
  type WireDirection,
  type WriteStreamOptions,
} from "hawser";
import type { Platform } from "hawser/protocol";

/** Whether two types are the same, for whoever asks. */
type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

const isTrue = <T extends true>(): T => true as T;

interface Data {
  user: string;
}

// ---- The server

const overflow: OverflowPolicy = "latest";
const compression: CompressionOptions = {
  mode: "dedicated",
  thresholdBytes: 1,
  windowBits: 9,
  level: 1,
  memLevel: 1,
};
const limits: ConnectionOptions = {
  maxMessageBytes: 1,
  maxFragments: 1,
  highWaterBytes: 1,
  maxQueuedBytes: 1,
  overflow,
  pingIntervalMs: 0,
  pongTimeoutMs: 1,
  closeTimeoutMs: 1,
  maxSubscriptions: 1,
  binaryViews: true,
  compression,
};
const fetch: FetchHandler = (request, { ip }) => new Response(`${request.url} ${ip?.length}`);
const accept: UpgradeAcceptance<Data> = { data: { user: "a" }, protocol: "b", headers: { c: "d" } };
const refuse: UpgradeRefusal = new Response(null, { status: 401 });
const upgrade: UpgradeHook<Data> = async (request): Promise<UpgradeResult<Data>> => {
  request satisfies UpgradeRequest;
  request.signal satisfies AbortSignal;
  const client: ClientCertificate | undefined = request.clientCertificate;
  if (client?.isAuthorized === true) client.certificate.fingerprint256 satisfies string;
  return request.protocols.includes("b") && request.isSecure ? accept : refuse;
};
const handlers: ConnectionHandlers<Data> = {
  open: (ws, request) => void ws.subscribe(request.url),
  message: (ws, message) => void (typeof message === "string" ? ws.data.user : message.readInt8()),
  drain: (ws) => ws.resume(),
  ping: (ws, payload) => void ws.send(payload),
  pong: (_, payload) => void payload.length,
  close: (_, code, reason) => void [code.toFixed(), reason.length],
  error: (error, ws) => void [error, ws?.id],
};
const origins: AllowedOrigins = ["https://example.com"];
const http2: Http2Options = { maxStreams: 1, idleTimeoutMs: 1, maxSessionBytes: 1_048_576 };
const listen: ListenOptions = {
  port: 0,
  hostname: "a",
  unix: "b",
  tls: { ca: "c" },
  http2,
  backlog: 1,
};
const options: ServerOptions<Data> = {
  ...limits,
  ...handlers,
  upgrade,
  fetch,
  protocols: ["b"],
  origins,
  handshakeTimeoutMs: 1,
  maxHeaderBytes: 1,
  maxHeaders: 1,
  maxUrlBytes: 1,
  maxCompressionMemoryBytes: 1,
};
const run: ConnectionFunction<Data> = async (ws) => {
  for await (const message of ws) if (!ws.send(message)) await ws.drained();
};
const server: Server<Data> = await serve({ ...options, ...listen });
new Server<Data>({ upgrade }, run);
isTrue<Same<ReturnType<typeof server.address>, AddressInfo | string | null>>();
const stats: ServerStats = server.stats();
stats.refused satisfies number;
stats satisfies Counters;
for (const ws of server.connections) ws.data.user satisfies string;
server.attach(createServer(), { path: "/" })();
createServer().on("upgrade", (request, socket, head) =>
  server.handleUpgrade(request, socket, head),
);
createHttp2Server().on("stream", (stream, headers, flags) => {
  server.handleStream(stream, headers, flags);
});
const either: AnyHttpServer = createHttp2Server();
server.attach(either)();
const proxyHeaders: ProxyHeaders = "forwarded";
const trusted: TrustedProxyOptions = { trustedProxies: ["127.0.0.1", "unix"], proxyHeaders };
new Server(trusted) satisfies Server;
const publish: PublishOptions = { key: "a", compress: false };
server.publish("topic", "message", publish) satisfies number;
server.setSecureContext({ cert: "a", key: "b" });
const how: CloseOptions = { timeoutMs: 1, code: CloseCode.goingAway, reason: "a", spreadMs: 1 };
await server.close(how);
isTrue<Same<(typeof CloseCode)["normal"], 1000>>();

// Data comes from what `upgrade` returns.
await serve({
  upgrade: () => ({ data: { count: 1 } }),
  open: (ws) => void ws.data.count.toFixed(),
});

// ---- The client

const given: ConnectOptions<Data> = {
  ...limits,
  protocols: "a",
  headers: [["a", "b"]],
  signal: AbortSignal.timeout(1),
  handshakeTimeoutMs: 1,
  tls: { ca: "c" },
  unix: "d",
  maxRedirects: 1,
  http: "auto" satisfies HttpVersion,
  wire: (_ws, direction: WireDirection, bytes: Uint8Array) => void [direction, bytes],
  data: { user: "e" },
};
const ws: Connection<Data> = await connect(new URL("ws://x"), given);
isTrue<Same<typeof ws.state, ConnectionState>>();
isTrue<Same<ConnectionState, "open" | "closing" | "closed">>();
const counted: ConnectionStats = ws.stats;
const message: Sendable[] = [
  "a",
  Buffer.from("a"),
  new Uint16Array(1),
  new ArrayBuffer(1),
  new SharedArrayBuffer(1),
];
const sending: SendOptions = {
  fin: true,
  key: "a",
  compress: false,
  onWritten: (error?: Error) => void [error, counted.bytesSent],
};
for (const one of message) ws.send(one, sending) satisfies boolean;
const end: Closed = await ws.closed;
end.error satisfies Error | undefined;
isTrue<Same<typeof ws extends AsyncIterable<infer Message> ? Message : never, string | Buffer>>();
nodePlatform satisfies Platform;

// ---- The roads to a server

const tcp: TcpOptions = {
  lookup: (_name, _options, done) => done(null, "127.0.0.1", 4),
  family: 4,
  localAddress: "a",
  localPort: 1,
  autoSelectFamily: true,
  autoSelectFamilyAttemptTimeout: 1,
  noDelay: true,
  keepAlive: true,
  keepAliveInitialDelay: 1,
};
const proxy: ProxyOptions = { url: new URL("http://a"), headers: { b: "c" }, tls: { ca: "d" } };
const proxies: ProxyOption[] = [proxy, "environment", new URL("socks5://a")];
const createConnection: CreateConnection = ({ host, port, isSecure, signal }: ConnectionTarget) =>
  isSecure ? Promise.reject(signal.reason) : connectSocket(port, host);
const agents: ConnectionAgent[] = [new Agent(), new SecureAgent()];
const roads: RoadOptions[] = [
  { tcp, tls: { ca: "a" }, proxy },
  { unix: "a" },
  { createConnection },
  ...proxies.map((one) => ({ proxy: one })),
  ...agents.map((agent) => ({ agent })),
];
for (const road of roads) await connect("ws://x", road);

// ---- Streams

const receiving: ReceiveOptions = { maxBytes: 1 };
const streamed: StreamedMessage | undefined = await ws.message(receiving);
for await (const one of ws.messages(receiving)) one satisfies StreamedMessage;
isTrue<Same<typeof ws.readable, ReadableStream<string | Buffer>>>();
isTrue<Same<typeof ws.writable, WritableStream<Sendable>>>();
const written: WriteStreamOptions = { binary: true };
await ws.createWriteStream(written).getWriter().write("a");
if (streamed?.isText === true) for await (const part of streamed.readable) part satisfies string;
if (streamed?.isText === false)
  for await (const part of streamed.readable) part satisfies Uint8Array;

// ---- Errors

try {
  ws.close(1000);
} catch (error) {
  if (error instanceof TransportError) error.phase satisfies ConnectPhase | undefined;
  else if (error instanceof HandshakeError && error.phase === "TLS") error.status.toFixed();
  else if (error instanceof HandshakeError)
    error.headers.get("a")?.[0] satisfies string | undefined;
  else if (error instanceof ProtocolError) error.rfc satisfies string;
  else if (error instanceof LimitError) error.limit satisfies number;
  else if (error instanceof InternalError) error.closeCode satisfies number;
  else if (error instanceof ConnectionClosedError) error.wasClean satisfies boolean;
  else if (error instanceof BrokerError) error.topic satisfies string | undefined;
  else if (error instanceof HawserError) error.code satisfies string;
}
isTrue<Same<[UsageError, TransportError] extends HawserError[] ? true : false, true>>();

// ---- Brokers

const memory = new MemoryBroker({ maxTopics: 10 } satisfies BrokerOptions);
const broker: Broker = memory;
const brokerLimits: BrokerLimits = broker.limits;
brokerLimits.maxTopicBytes satisfies number;
const listener: BrokerListener = (content) => void content.toString("hex");
await broker.subscribe("t", listener);
const health: BrokerHealth = await broker.health();
health.roundTripMs satisfies number | undefined;
broker.watch((state: BrokerState, error) => void [state, error?.code])();
const joined = await serve({ broker, reusePort: false });
(await joined.publishConfirmed("t", "x", { key: "k" })) satisfies number;
const brokerStats: BrokerStats | undefined = joined.stats().broker;
brokerStats?.gaps satisfies number | undefined;
export const brokerCode: BrokerErrorCode = "HAWSER_BROKER_AWAY";
// @ts-expect-error: no code of a broker
export const otherCode: BrokerErrorCode = "HAWSER_CONNECT";

// ---- What is refused

// @ts-expect-error: a port is a number
void serve({ port: "8080" });
// @ts-expect-error: no such policy
void serve({ overflow: "wait" });
// @ts-expect-error: no such option
void serve({ maxPayload: 1 });
// @ts-expect-error: `open` is a server's
void connect("ws://x", { open: () => undefined });
// @ts-expect-error: an upgrade returns data, or a response
void serve({ upgrade: () => true });
// @ts-expect-error: no message
ws.send(12);
// @ts-expect-error: data has a type
ws.data = "user";
// @ts-expect-error: readonly
ws.state = "closed";
// @ts-expect-error: the emitter is in hawser/ws
ws.on("message", () => undefined);
