// With which exit code `hawser connect` ends: what a script can tell apart.

export const exitCode = {
  ok: 0,
  wrong: 1,
  unreachable: 2,
  refused: 3,
  closed: 4,
  broken: 5,
  unanswered: 6,
} as const;

/** What each means, for the help and the docs. */
export const exitCodeMeanings: Readonly<Record<keyof typeof exitCode, string>> = {
  ok: "closed with 1000, without a code, or with the code that we closed with",
  wrong: "a wrong argument, a file that can't be read, or input that can't be sent",
  unreachable: "no connection: name, address, TLS, proxy, or no answer in time",
  refused: "the server answered, but not with a WebSocket",
  closed: "the server closed with another code",
  broken: "the connection broke off, or the server broke the protocol",
  unanswered: "closed in order, but --once or --count waited for more messages",
};
