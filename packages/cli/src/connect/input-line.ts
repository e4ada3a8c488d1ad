// A line of `--jsonl`: an object that says what is to be sent. Messages have the form in which those that come are
// printed, so what one client printed another can send.

/** What one line of input asks for. */
export type Input =
  | { readonly type: "message"; readonly message: string | Uint8Array }
  | { readonly type: "ping" | "pong"; readonly payload: string }
  | { readonly type: "close"; readonly code: number | undefined; readonly reason: string };

/** @throws Error that says what is wrong with the line */
export function parseJsonLine(line: string): Input {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    throw new Error(`no JSON: ${(error as Error).message}`, { cause: error });
  }
  const { type, data = "", base64, code, reason = "" } = (value ?? {}) as Record<string, unknown>;
  if (type === "text" && typeof data === "string") return { type: "message", message: data };
  if (type === "binary" && typeof base64 === "string") {
    return { type: "message", message: parseBase64(base64) };
  }
  if ((type === "ping" || type === "pong") && typeof data === "string") {
    return { type, payload: data };
  }
  if (type === "close" && (code === undefined || typeof code === "number")) {
    return { type, code, reason: String(reason) };
  }
  throw new Error(
    'a line has to be like {"type":"text","data":"hi"}, {"type":"binary","base64":"AAE="}, {"type":"ping"} or {"type":"close","code":1000}',
  );
}

/** @throws Error for anything that is no base64 */
export function parseBase64(text: string): Buffer {
  if (!/^[A-Za-z\d+/]*={0,2}$/.test(text) || text.length % 4 !== 0) {
    throw new Error("base64 is letters, digits, + and /, in fours, with = at the end");
  }
  return Buffer.from(text, "base64");
}

/** @throws Error for anything that is no hex */
export function parseHex(text: string): Buffer {
  const digits = text.replaceAll(/[\s:]/g, "");
  if (!/^(?:[\da-f]{2})+$/i.test(digits)) throw new Error("hex is pairs of 0-9 and a-f: 00 ff 7f");
  return Buffer.from(digits, "hex");
}
