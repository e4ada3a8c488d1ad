// The door of the Node layer.

export type { ClientCertificate } from "./client-certificate.ts";
export type { CompressionOptions } from "./compression.ts";
export type { CloseOptions } from "./server-close.ts";
export { connect, type ConnectOptions } from "./connect.ts";
export { Connection } from "./connection.ts";
export type { RoadOptions } from "./dial/options.ts";
export type { ConnectionAgent, ConnectionTarget, CreateConnection } from "./dial/own-stream.ts";
export type { ProxyOption, ProxyOptions } from "./dial/proxy.ts";
export type { TcpOptions } from "./dial/tcp.ts";
export type { Counters } from "./counters.ts";
export type { FetchHandler } from "./fetch.ts";
export type { ConnectionFunction, ConnectionHandlers } from "./group.ts";
export type { AnyHttpServer } from "./http2/attachment.ts";
export type { HttpVersion } from "./http2/connect-over.ts";
export type { Http2Options } from "./http2/options.ts";
export type { ListenOptions } from "./http-listener.ts";
export type { Closed, WireDirection } from "./link.ts";
export type { ConnectionState, ConnectionStats } from "./link-facts.ts";
export type { Sendable } from "./message.ts";
export type { WriteStreamOptions } from "./message-writer.ts";
export type { ConnectionOptions, OverflowPolicy } from "./options.ts";
export { nodePlatform } from "./platform.ts";
export type { PublishOptions } from "./publication.ts";
export type { BrokerStats } from "./relay.ts";
export { type ServerStats, serve, Server } from "./server.ts";
export type { ServerOptions } from "./server-options.ts";
export type { ReceiveOptions, StreamedMessage } from "./streamed-message.ts";
export type { ProxyHeaders, TrustedProxyOptions } from "./trusted-proxies.ts";
export {
  type UpgradeAcceptance,
  type UpgradeHook,
  type UpgradeRefusal,
  UpgradeRequest,
  type UpgradeResult,
} from "./upgrade-request.ts";
export type { SendOptions } from "./writer.ts";
