// The first line of an HTTP/1 response (RFC 9112 §4), of a server or of a proxy.

/** The status in a status line such as "HTTP/1.1 101 Switching Protocols"; undefined when it is none. */
export function parseStatus(line: string): number | undefined {
  const [version, status] = line.split(" ");
  const isHttp1 = version === "HTTP/1.1" || version === "HTTP/1.0";
  return isHttp1 && /^[1-9]\d\d$/.test(status ?? "") ? Number(status) : undefined;
}
