// The opening handshake of the server of these tests, with the mistakes that it may make.

import { createHash } from "node:crypto";
import type { Has } from "./fault-list.js";

/** What was agreed on of permessage-deflate. */
export interface Deflate {
  readonly serverTakesOver: boolean;
  readonly serverBits: number;
}

export interface Answer {
  readonly response: string;
  readonly isOpen: boolean;
  readonly deflate: Deflate | undefined;
}

type Fields = ReadonlyMap<string, readonly string[]>;

export function answerTo(head: string, has: Has): Answer {
  const [first = "", ...lines] = head.split("\r\n");
  const fields = new Map<string, string[]>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon);
    const key = has("knows names of fields in one case only") ? name : name.toLowerCase();
    const known = key.replace(/^(Host|Upgrade|Connection|Sec-WebSocket-\w+)$/, (all) =>
      all.toLowerCase(),
    );
    fields.set(known, [...(fields.get(known) ?? []), line.slice(colon + 1).trim()]);
  }
  return refusalOf(first, fields, has) ?? opening(fields, has);
}

function refusalOf(first: string, fields: Fields, has: Has): Answer | undefined {
  const keys = fields.get("sec-websocket-key") ?? [];
  const [key = ""] = keys;
  const upgrade = fields.get("upgrade")?.join();
  const isGoodKey = /^[A-Za-z0-9+/]{21}[AQgw]==$/.test(key) && keys.length === 1;
  const isUpgrade = has("minds the case of websocket")
    ? upgrade === "websocket"
    : upgrade?.toLowerCase() === "websocket";
  const connection = fields.get("connection")?.join().toLowerCase() ?? "";
  const isConnection = has("wants Connection: Upgrade and nothing beside it")
    ? connection === "upgrade"
    : connection.split(",").some((token) => token.trim() === "upgrade");
  const checks: [isGood: boolean, fault: Parameters<Has>[0]][] = [
    [first.startsWith("GET "), "opens for any method"],
    [first.endsWith("HTTP/1.1"), "opens for HTTP/1.0"],
    [fields.has("host"), "opens without Host"],
    [isUpgrade, "opens for any Upgrade"],
    [isConnection, "opens for any Connection"],
    [key !== "", "opens without a key"],
    [isGoodKey || key === "", "opens for any key"],
  ];
  if (checks.some(([isGood, fault]) => !isGood && !has(fault))) {
    return closed("400 Bad Request", []);
  }
  const isVersion = fields.get("sec-websocket-version")?.join() === "13";
  if (isVersion || has("ignores the version")) return undefined;
  const versions = has("does not say which version it knows") ? [] : ["Sec-WebSocket-Version: 13"];
  return closed("426 Upgrade Required", versions);
}

function closed(status: string, fields: readonly string[]): Answer {
  const lines = [`HTTP/1.1 ${status}`, ...fields, "Content-Length: 0", "Connection: close"];
  return { response: `${lines.join("\r\n")}\r\n\r\n`, isOpen: false, deflate: undefined };
}

function opening(fields: Fields, has: Has): Answer {
  const key = fields.get("sec-websocket-key")?.[0] ?? "";
  const salt = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  const accept = createHash("sha1").update(has("forgets the salt of the key") ? key : key + salt);
  const offers = fields.get("sec-websocket-extensions")?.join() ?? "";
  const deflate = readOffers(offers, has);
  const extension =
    offers !== "" && has("chooses whatever extension is offered") ? offers : fieldOf(deflate);
  const protocol = fields.has("sec-websocket-protocol") && has("chooses another subprotocol");
  const lines = [
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${accept.digest("base64")}`,
    ...(extension === undefined ? [] : [`Sec-WebSocket-Extensions: ${extension}`]),
    ...(protocol ? ["Sec-WebSocket-Protocol: other"] : []),
  ];
  return { response: `${lines.join("\r\n")}\r\n\r\n`, isOpen: true, deflate };
}

function fieldOf(deflate: Deflate | undefined): string | undefined {
  if (deflate === undefined) return undefined;
  const { serverTakesOver, serverBits } = deflate;
  const takeover = serverTakesOver ? "" : "; server_no_context_takeover";
  const bits = serverBits === 15 ? "" : `; server_max_window_bits=${serverBits}`;
  return `permessage-deflate${takeover}${bits}`;
}

const flags = ["server_no_context_takeover", "client_no_context_takeover"];

/** The first offer that makes sense. */
function readOffers(field: string, has: Has): Deflate | undefined {
  for (const offer of field.split(",")) {
    const [name, ...parameters] = offer.split(";").map((part) => part.trim());
    const isGood = parameters.every((parameter, index) => {
      if (parameters.indexOf(parameter) !== index) return false;
      const [key = "", value] = parameter.split("=");
      if (flags.includes(key)) return value === undefined;
      if (key === "client_max_window_bits" && value === undefined) return true;
      return key.endsWith("_max_window_bits") && /^([89]|1[0-5])$/.test(value ?? "");
    });
    const isAccepted = isGood || has("accepts any parameter of permessage-deflate");
    if (name !== "permessage-deflate" || !isAccepted) continue;
    const bits = parameters.find((parameter) => parameter.startsWith("server_max_window_bits="));
    const serverBits = Number(bits?.split("=")[1] ?? 15);
    // zlib can't make a window of 8 bits.
    if (serverBits === 8) continue;
    return { serverTakesOver: !parameters.includes("server_no_context_takeover"), serverBits };
  }
  return undefined;
}
