// Which proxy the environment names for a server: HTTP_PROXY for ws, HTTPS_PROXY for wss, ALL_PROXY for
// both, and NO_PROXY for the servers that are reached without one. It is read only when it is asked for.

import { BlockList, isIP, isIPv4 } from "node:net";
import type { Hop } from "./trip.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** The variable that names a proxy for the server, and its value; undefined when there is none. */
export function proxyInEnvironment(
  to: Hop,
  environment: Environment,
): { readonly name: string; readonly value: string } | undefined {
  if (isWithoutProxy(to, environment["no_proxy"] || environment["NO_PROXY"] || "")) {
    return undefined;
  }
  // A CGI program has a client's header "Proxy" in HTTP_PROXY (CVE-2016-5385).
  const isCgi = environment["REQUEST_METHOD"] !== undefined;
  const names = to.isSecure
    ? ["https_proxy", "HTTPS_PROXY"]
    : ["http_proxy", ...(isCgi ? [] : ["HTTP_PROXY"])];
  for (const name of [...names, "all_proxy", "ALL_PROXY"]) {
    const value = environment[name]?.trim();
    if (value !== undefined && value !== "") return { name, value };
  }
  return undefined;
}

/**
 * Whether NO_PROXY has the server on its list: "*", names (with those below them), addresses and their
 * ranges such as 10.0.0.0/8, each with a port or for all of them, with commas or spaces between.
 */
export function isWithoutProxy({ host, port }: Hop, list: string): boolean {
  const wanted = host.toLowerCase().replace(/\.$/, "");
  return list
    .split(/[\s,]+/)
    .filter((entry) => entry !== "")
    .some((entry) => entry === "*" || isMeant(entry.toLowerCase(), wanted, port));
}

function isMeant(entry: string, host: string, port: number): boolean {
  const { name, port: only } = splitPort(entry);
  if (only !== undefined && only !== port) return false;
  if (isIP(host) !== 0) return isAddressIn(name, host);
  const domain = name.replace(/^\*?\./, "").replace(/\.$/, "");
  return domain !== "" && (host === domain || host.endsWith(`.${domain}`));
}

/** "name:port", "[address]:port", or either without a port. */
function splitPort(entry: string): { readonly name: string; readonly port: number | undefined } {
  const [, inBrackets, ofBrackets] = /^\[([^\]]*)\](?::(\d+))?$/.exec(entry) ?? [];
  if (inBrackets !== undefined) return { name: inBrackets, port: numberOf(ofBrackets) };
  const [, name, port] = /^([^:]*):(\d+)$/.exec(entry) ?? [];
  return name === undefined ? { name: entry, port: undefined } : { name, port: numberOf(port) };
}

function numberOf(digits: string | undefined): number | undefined {
  return digits === undefined ? undefined : Number(digits);
}

/** Whether the address is that one, or of that range. */
function isAddressIn(range: string, address: string): boolean {
  const [base = "", bits] = range.split("/");
  // A list of Node's takes every IPv4 address for one of "::/0".
  if (isIP(base) !== isIP(address)) return false;
  const family = isIPv4(base) ? "ipv4" : "ipv6";
  const most = family === "ipv4" ? 32 : 128;
  const prefix = bits === undefined ? most : Number(bits);
  if (!/^\d*$/.test(bits ?? "") || bits === "" || prefix > most) return false;
  const list = new BlockList();
  list.addSubnet(base, prefix, family);
  return list.check(address, family);
}
