// The four parameters of permessage-deflate (RFC 7692 §7.1), read from an offer or a response. Anything
// that is not exactly as the RFC has it (unknown, repeated, with a value too many or too few, or out of
// range) makes the whole of it invalid: a server declines such an offer, a client refuses the response.

import type { ExtensionOffer } from "../handshake/extension-header.ts";

/** The registered name of the extension. */
export const permessageDeflate = "permessage-deflate";

/** What an endpoint may use unless something else was agreed on. */
export const maxWindowBits = 15;

/** The parameters of an offer or of a response; those with a value are undefined when absent. */
export interface PermessageDeflateParameters {
  readonly serverNoContextTakeover: boolean;
  readonly clientNoContextTakeover: boolean;
  readonly serverMaxWindowBits: number | undefined;
  /** 15 when an offer has the parameter without a value. */
  readonly clientMaxWindowBits: number | undefined;
}

/** "a decimal integer value without leading zeroes between 8 to 15, inclusive" (§7.1.2). */
const windowBits: ReadonlyMap<string | undefined, number> = new Map(
  [8, 9, 10, 11, 12, 13, 14, 15].map((bits) => [`${bits}`, bits]),
);

/** The parameters, or undefined when they are invalid. */
export function parseParameters(
  parameters: ExtensionOffer["parameters"],
  from: "offer" | "response",
): PermessageDeflateParameters | undefined {
  const found = new Map<string, number>();
  for (const [name, value] of parameters) {
    const bits = parseParameter(name, value, from);
    if (bits === undefined || found.has(name)) return undefined;
    found.set(name, bits);
  }
  return {
    serverNoContextTakeover: found.has("server_no_context_takeover"),
    clientNoContextTakeover: found.has("client_no_context_takeover"),
    serverMaxWindowBits: found.get("server_max_window_bits"),
    clientMaxWindowBits: found.get("client_max_window_bits"),
  };
}

/** The number that a parameter stands for, 0 if for none; undefined when it is invalid. */
function parseParameter(
  name: string,
  value: string | undefined,
  from: "offer" | "response",
): number | undefined {
  switch (name) {
    case "server_no_context_takeover":
    case "client_no_context_takeover":
      return value === undefined ? 0 : undefined;
    case "server_max_window_bits":
      return windowBits.get(value);
    case "client_max_window_bits":
      // "This parameter has no value or a value" in an offer, and has one in a response (§7.1.2.2).
      return value === undefined && from === "offer" ? maxWindowBits : windowBits.get(value);
    default:
      return undefined;
  }
}

/** The parameters as they stand in the header. */
export function listParameters(parameters: PermessageDeflateParameters): ExtensionOffer {
  const { serverMaxWindowBits, clientMaxWindowBits } = parameters;
  const list: [string, string | undefined][] = [];
  if (parameters.serverNoContextTakeover) list.push(["server_no_context_takeover", undefined]);
  if (parameters.clientNoContextTakeover) list.push(["client_no_context_takeover", undefined]);
  if (serverMaxWindowBits !== undefined)
    list.push(["server_max_window_bits", `${serverMaxWindowBits}`]);
  if (clientMaxWindowBits !== undefined)
    list.push(["client_max_window_bits", `${clientMaxWindowBits}`]);
  return { name: permessageDeflate, parameters: list };
}
