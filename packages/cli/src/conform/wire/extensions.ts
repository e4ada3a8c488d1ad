// Sec-WebSocket-Extensions (RFC 6455 §9.1), and what permessage-deflate means by its parameters
// (RFC 7692 §7.1), on the tester's side of either role.

import { WireFault } from "./frame-reader.ts";
import type { DeflateAgreement } from "./message-deflate.ts";

/** One extension with its parameters; a parameter without a value has the value true. */
export interface ExtensionItem {
  readonly name: string;
  readonly parameters: ReadonlyMap<string, string | true>;
}

/** Parameters of permessage-deflate as a test asks for them. */
export interface DeflateParameters {
  /** That the peer forgets its history after each message. */
  readonly noContextTakeover?: boolean;
  /** The largest window of the peer. */
  readonly maxWindowBits?: number;
}

const extension = "permessage-deflate";

/** @throws {WireFault} when it is malformed or names a parameter twice */
export function parseExtensions(field: string): ExtensionItem[] {
  if (field.trim() === "") return [];
  return field.split(",").map((item) => {
    const [name = "", ...rest] = item.split(";").map((part) => part.trim());
    checkToken(name);
    const parameters = new Map<string, string | true>();
    for (const text of rest) {
      const equals = text.indexOf("=");
      const key = (equals < 0 ? text : text.slice(0, equals)).trim();
      checkToken(key);
      if (parameters.has(key)) throw malformed(`the parameter ${key} twice`);
      parameters.set(key, equals < 0 ? true : unquoted(text.slice(equals + 1).trim()));
    }
    return { name, parameters };
  });
}

function unquoted(value: string): string {
  const text = /^"(.*)"$/.exec(value)?.[1] ?? value;
  checkToken(text);
  return text;
}

function checkToken(text: string): void {
  if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(text)) throw malformed(`"${text}" is no token`);
}

function malformed(why: string): WireFault {
  return new WireFault(`Sec-WebSocket-Extensions is malformed: ${why}`, "§9.1");
}

/** The offers of the tester as client: it lets its own window and history be limited, always. */
export function formatOffers(offers: readonly DeflateParameters[]): string {
  return offers
    .map(({ noContextTakeover = false, maxWindowBits }) =>
      [
        extension,
        "client_no_context_takeover",
        "client_max_window_bits",
        ...(noContextTakeover ? ["server_no_context_takeover"] : []),
        ...(maxWindowBits === undefined ? [] : [`server_max_window_bits=${maxWindowBits}`]),
      ].join("; "),
    )
    .join(", ");
}

/**
 * What a server's response makes of the offers.
 *
 * @throws {WireFault} when it is no answer to any of them
 */
export function readAgreement(
  field: string,
  offers: readonly DeflateParameters[],
): DeflateAgreement | undefined {
  const items = parseExtensions(field);
  if (items.length === 0) return undefined;
  const [item] = items;
  if (item === undefined || items.length > 1 || item.name !== extension || offers.length === 0) {
    throw new WireFault(`the server chose extensions that were not offered: ${field}`, "§4.1");
  }
  const { parameters } = item;
  const known = new Set(["server_no_context_takeover", "client_no_context_takeover"]);
  for (const [name, value] of parameters) {
    if (name.endsWith("_max_window_bits")) continue;
    if (!known.has(name) || value !== true) {
      throw new WireFault(`the parameter ${name} makes no sense in a response`, "RFC 7692 §7.1");
    }
  }
  const serverBits = windowBits(parameters, "server_max_window_bits") ?? 15;
  const takesOver = !parameters.has("server_no_context_takeover");
  const isAnswer = offers.some(
    (offer) =>
      serverBits <= (offer.maxWindowBits ?? 15) && !(offer.noContextTakeover === true && takesOver),
  );
  if (!isAnswer) throw new WireFault(`${field} is weaker than every offer`, "RFC 7692 §7.1");
  return {
    incoming: { takesOver, windowBits: serverBits },
    outgoing: {
      takesOver: !parameters.has("client_no_context_takeover"),
      windowBits: windowBits(parameters, "client_max_window_bits") ?? 15,
    },
  };
}

/** An answer to a client, and what it means. */
export interface DeflateAnswer {
  readonly field: string;
  readonly agreement: DeflateAgreement;
}

/**
 * The tester's answer as server to what a client offers; it asks for the first of `wishes` that an
 * offer permits. undefined when there is none.
 *
 * @throws {WireFault} when an offer is malformed
 */
export function answerOffers(
  field: string,
  wishes: readonly DeflateParameters[],
): DeflateAnswer | undefined {
  const offers = parseExtensions(field).filter(({ name }) => name === extension);
  for (const wish of wishes) {
    for (const { parameters } of offers) {
      const answer = answerOffer(parameters, wish);
      if (answer !== undefined) return answer;
    }
  }
  return undefined;
}

function answerOffer(
  offered: ReadonlyMap<string, string | true>,
  { noContextTakeover = false, maxWindowBits }: DeflateParameters,
): DeflateAnswer | undefined {
  // RFC 7692 §7.1.2.2: only a client that says so can be asked for a smaller window.
  if (maxWindowBits !== undefined && !offered.has("client_max_window_bits")) return undefined;
  // One that has said what its largest is may take a larger answer for a mistake.
  const ownLimit = windowBits(offered, "client_max_window_bits") ?? 15;
  const clientBits = maxWindowBits && Math.min(maxWindowBits, ownLimit);
  const serverBits = windowBits(offered, "server_max_window_bits");
  const serverForgets = offered.has("server_no_context_takeover");
  const answer = [
    extension,
    ...(serverForgets ? ["server_no_context_takeover"] : []),
    ...(serverBits === undefined ? [] : [`server_max_window_bits=${serverBits}`]),
    ...(noContextTakeover ? ["client_no_context_takeover"] : []),
    ...(clientBits === undefined ? [] : [`client_max_window_bits=${clientBits}`]),
  ];
  return {
    field: answer.join("; "),
    agreement: {
      outgoing: { takesOver: !serverForgets, windowBits: serverBits ?? 15 },
      incoming: { takesOver: !noContextTakeover, windowBits: clientBits ?? 15 },
    },
  };
}

/** The parameter as a number; undefined when it is not there, or in an offer without a value. */
function windowBits(
  parameters: ReadonlyMap<string, string | true>,
  name: string,
): number | undefined {
  const value = parameters.get(name);
  if (value === undefined) return undefined;
  if (value === true && name === "client_max_window_bits") return undefined;
  const bits = Number(value);
  if (value === true || !/^(?:[89]|1[0-5])$/.test(value)) {
    throw new WireFault(`${name}=${String(value)}: it is from 8 to 15`, "RFC 7692 §7.1.2");
  }
  return bits;
}
