// Which web pages may open a connection (RFC 6455 §10.2). Browsers send cookies with a WebSocket to
// any host and name the page's origin: a server that does not look at it lets every page on the web
// act for its users. Clients that are no browsers send no Origin, and are let through.

/** Origins that may connect besides the server's own host; "*" lets all in. */
export type AllowedOrigins = "*" | readonly string[];

/** Whether a request with this Origin and Host may connect. `origin` is undefined when it had none. */
export function isOriginAllowed(
  origin: string | undefined,
  host: string,
  allowed: AllowedOrigins,
): boolean {
  if (origin === undefined || allowed === "*") return true;
  const wanted = origin.toLowerCase();
  return (
    isSameHost(wanted, host.toLowerCase()) || allowed.some((one) => one.toLowerCase() === wanted)
  );
}

/** Whether the origin is `http(s)://` and exactly the host; a scheme's default port may be left out. */
function isSameHost(origin: string, host: string): boolean {
  for (const [scheme, defaultPort] of [
    ["http://", ":80"],
    ["https://", ":443"],
  ] as const) {
    if (origin.startsWith(scheme)) {
      const page = origin.slice(scheme.length);
      return page === host || page + defaultPort === host || page === host + defaultPort;
    }
  }
  return false;
}
