// The opening handshake of a client of `ws`: a request of node:http, so that agents, proxies and every
// option of `http.request` work, and the reading of its response.

// The modules as such: programs put functions of their own into them, and expect `ws` to call those.
import http, { type ClientRequest, type IncomingMessage, type RequestOptions } from "node:http";
import https from "node:https";
import net, { type Socket } from "node:net";
import tls from "node:tls";
import { nodePlatform } from "../node/platform.ts";
import { acceptFor, newKey } from "../protocol/handshake/key.ts";
import type { AgreedExtension } from "../protocol/index.ts";
import type { ResolvedClientOptions } from "./client-options.ts";
import { type ExtensionOffers, format, parse } from "./extension.ts";
import { PerMessageDeflate } from "./permessage-deflate.ts";

/** A request that is on its way, and what its answer has to be checked against. */
export interface Handshake {
  readonly request: ClientRequest;
  readonly key: string;
  readonly protocols: readonly string[];
  readonly perMessageDeflate: PerMessageDeflate | undefined;
}

/** Options for http.request, which are changed on their way through redirects. */
export type RequestSettings = Record<string, unknown> & { headers: Record<string, unknown> };

/** The settings of the request for that URL; `headers` are the user's. */
export function requestSettings(
  url: URL,
  options: ResolvedClientOptions,
  headers: Record<string, unknown>,
): RequestSettings {
  const isSecure = url.protocol === "wss:";
  const isUnix = url.protocol === "ws+unix:";
  const settings: RequestSettings = {
    ...options,
    headers: { ...headers },
    socketPath: undefined,
    hostname: undefined,
    protocol: undefined,
    timeout: undefined,
    method: "GET",
    host: hostname(url),
    path: url.pathname + url.search,
    port: url.port || defaultPort(url),
    defaultPort: defaultPort(url),
    createConnection: options.createConnection ?? (isSecure ? tlsConnect : netConnect),
  };
  if (isUnix) {
    const [socketPath, path] = (settings["path"] as string).split(":");
    settings["socketPath"] = socketPath;
    settings["path"] = path;
  }
  const auth = credentialsOf(url);
  if (auth !== undefined) settings["auth"] = auth;
  if (options.handshakeTimeout) settings["timeout"] = options.handshakeTimeout;
  return settings;
}

/** Host and port, which tell servers apart. */
export function hostOf(url: URL): string {
  return `${hostname(url)}:${url.port || defaultPort(url)}`;
}

/** An IPv6 address without its brackets, as sockets take it. */
function hostname(url: URL): string {
  return url.hostname.startsWith("[") ? url.hostname.slice(1, -1) : url.hostname;
}

function defaultPort(url: URL): number {
  return url.protocol === "wss:" ? 443 : 80;
}

/** Sends the request, or leaves that to `finishRequest`. */
export function sendRequest(
  url: URL,
  options: ResolvedClientOptions,
  settings: RequestSettings,
  protocols: readonly string[],
): Handshake {
  const key = newKey(nodePlatform);
  const { headers } = settings;
  headers["Sec-WebSocket-Version"] = options.protocolVersion;
  headers["Sec-WebSocket-Key"] = key;
  headers["Connection"] = "Upgrade";
  headers["Upgrade"] = "websocket";
  let perMessageDeflate: PerMessageDeflate | undefined;
  if (options.perMessageDeflate) {
    const given = options.perMessageDeflate === true ? {} : options.perMessageDeflate;
    perMessageDeflate = new PerMessageDeflate({
      ...given,
      isServer: false,
      maxPayload: options.maxPayload,
    });
    headers["Sec-WebSocket-Extensions"] = format({
      [PerMessageDeflate.extensionName]: perMessageDeflate.offer() as Record<string, never>,
    });
  }
  if (protocols.length > 0) headers["Sec-WebSocket-Protocol"] = protocols.join(",");
  if (options.origin) {
    headers[options.protocolVersion < 13 ? "Sec-WebSocket-Origin" : "Origin"] = options.origin;
  }
  const { request: send } = url.protocol === "wss:" ? https : http;
  const request = send(settings as RequestOptions);
  return { request, key, protocols, perMessageDeflate };
}

/** What a response has agreed on. */
export interface AcceptedResponse {
  readonly protocol: string;
  readonly agreed: AgreedExtension | undefined;
}

/** Reads a 101. @throws Error whose message says what is wrong with it */
export function readResponse(response: IncomingMessage, handshake: Handshake): AcceptedResponse {
  const { headers } = response;
  if (headers.upgrade?.toLowerCase() !== "websocket") throw new Error("Invalid Upgrade header");
  if (headers["sec-websocket-accept"] !== acceptFor(nodePlatform, handshake.key)) {
    throw new Error("Invalid Sec-WebSocket-Accept header");
  }
  const protocol = readProtocol(headers["sec-websocket-protocol"], handshake.protocols);
  const agreed = readExtensions(headers["sec-websocket-extensions"], handshake.perMessageDeflate);
  return { protocol, agreed };
}

function readProtocol(answer: string | undefined, offered: readonly string[]): string {
  if (answer === undefined) {
    if (offered.length > 0) throw new Error("Server sent no subprotocol");
    return "";
  }
  if (offered.length === 0) throw new Error("Server sent a subprotocol but none was requested");
  if (!offered.includes(answer)) throw new Error("Server sent an invalid subprotocol");
  return answer;
}

function readExtensions(
  answer: string | undefined,
  perMessageDeflate: PerMessageDeflate | undefined,
): AgreedExtension | undefined {
  if (answer === undefined) return undefined;
  if (perMessageDeflate === undefined) {
    throw new Error("Server sent a Sec-WebSocket-Extensions header but no extension was requested");
  }
  let extensions: ExtensionOffers;
  try {
    extensions = parse(answer);
  } catch {
    throw new Error("Invalid Sec-WebSocket-Extensions header");
  }
  const { extensionName } = PerMessageDeflate;
  const names = Object.keys(extensions);
  if (names.length !== 1 || names[0] !== extensionName) {
    throw new Error("Server indicated an extension that was not requested");
  }
  try {
    perMessageDeflate.accept(extensions[extensionName] as never);
  } catch {
    throw new Error("Invalid Sec-WebSocket-Extensions header");
  }
  return perMessageDeflate.agreement;
}

/** "user:password" of the URL, decoded where that is possible. */
function credentialsOf({ username, password }: URL): string | undefined {
  if (username === "" && password === "") return undefined;
  return `${decoded(username)}:${decoded(password)}`;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** What node:http asks a socket for. */
interface ConnectSettings {
  readonly host?: string;
  readonly servername?: string;
  readonly socketPath?: string;
}

function netConnect(options: ConnectSettings): Socket {
  return net.connect({ ...options, path: options.socketPath } as never);
}

function tlsConnect(options: ConnectSettings): Socket {
  const { servername, host = "" } = options;
  const name = servername || servername === "" ? servername : net.isIP(host) === 0 ? host : "";
  return tls.connect({ ...options, path: undefined, servername: name } as never);
}
