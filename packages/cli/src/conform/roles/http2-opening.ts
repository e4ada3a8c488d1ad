// The opening handshake over HTTP/2 (RFC 8441) with a server: on TLS by ALPN, else with prior knowledge.

import { once } from "node:events";
import { type ClientHttp2Session, connect, type ClientHttp2Stream } from "node:http2";
import { type OpenedSocket, Unimplemented } from "../engine/run-case.ts";
import { WireFault } from "../wire/frame-reader.ts";
import type { Random } from "../wire/random.ts";
import type { WireLog } from "../wire/wire-log.ts";
import type { ServerTarget } from "./server.ts";

/** How long a server may take to say that it knows HTTP/2, in milliseconds. */
const settingsLimitMs = 2_000;

/**
 * Asks for a stream of a session of its own.
 *
 * @throws {Unimplemented} when the server does not offer WebSockets over HTTP/2
 * @throws {WireFault} when it does, and refuses
 */
export async function openOverHttp2(
  { url, headers, tls }: ServerTarget,
  _random: Random,
  log: WireLog,
): Promise<OpenedSocket> {
  const isSecure = url.protocol === "wss:";
  const session = connect(`${isSecure ? "https" : "http"}://${url.host}`, { ...tls });
  session.on("error", (error) => log.note(`HTTP/2: ${error.message}`));
  try {
    await settled(session);
    const request = {
      ":method": "CONNECT",
      ":protocol": "websocket",
      ":scheme": isSecure ? "https" : "http",
      ":authority": url.host,
      ":path": url.pathname + url.search,
      "sec-websocket-version": "13",
      ...Object.fromEntries(headers),
    };
    log.http("tester", toText(request));
    const stream = session.request(request, { endStream: false });
    stream.on("close", () => session.close());
    stream.on("error", () => undefined);
    await responded(stream, log);
    return {
      socket: stream,
      opened: { agreement: undefined, rest: Buffer.alloc(0), fields: new Map() },
    };
  } catch (error) {
    session.destroy();
    throw error;
  }
}

async function settled(session: ClientHttp2Session): Promise<void> {
  try {
    await once(session, "remoteSettings", { signal: AbortSignal.timeout(settingsLimitMs) });
  } catch {
    throw new Unimplemented("the server does not speak HTTP/2");
  }
  if (session.remoteSettings.enableConnectProtocol !== true) {
    throw new Unimplemented("the server has HTTP/2, and no WebSockets over it");
  }
}

async function responded(stream: ClientHttp2Stream, log: WireLog): Promise<void> {
  let status: number | undefined;
  try {
    const signal = AbortSignal.timeout(settingsLimitMs);
    const [response] = (await once(stream, "response", { signal })) as [Record<string, unknown>];
    log.http("peer", toText(response));
    status = Number(response[":status"]);
  } catch (error) {
    throw new WireFault(`no response: ${(error as Error).message}`, "RFC 8441 §5");
  }
  if (status !== 200) throw new WireFault(`the server refuses: ${status}`, "RFC 8441 §5");
}

function toText(fields: Record<string, unknown>): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}: ${String(value)}`)
    .join("\r\n");
}
