// Where `hawser/ws` differs from npm `ws`, and why it is to stay so: by area, then by the title of the
// script, without the role. Each is in docs/how-to/ws.md, too. A difference that is no more has to go.

import { nodeMajor } from "../../support/node-version.ts";

const batched =
  "what is sent is written at the end of the turn, or of the read that it answers: one write for many";
const earlyUtf8 = "a text that can't become valid UTF-8 fails at its first bad byte";
const stopsAtOnce = "pause() holds from the next message on, also within what has been read";
const ownLevel = "what zlib is not told is as in hawser: level 1, where its own default is 6";

export const explanations: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "both ends": { "what is sent is with the socket when send() returns": batched },
  "permessage-deflate, messages": {
    "the very bytes, permessage-deflate, {}": ownLevel,
    "the very bytes, permessage-deflate; server_no_context_takeover; client_no_context_takeover, {}":
      ownLevel,
    "what compressed fragments say, as fragments":
      "a compressed message is decompressed as a whole, and given in one piece",
    "a stream cut off":
      "a compressed message that ends inside a block is an error (RFC 7692 §7.2.2)",
  },
  "permessage-deflate, negotiation": {
    "wrong value in the server: {zlibDeflateOptions: {level: 99}}":
      "a level that zlib does not have is said at the handshake, not at the first message",
  },
  "event handlers": { "addEventListener with null": "a listener that is none is not added" },
  flow: {
    "pause() in a handler, with more in the same chunk": stopsAtOnce,
  },
  "frames, more": { "text is checked when the message is complete": earlyUtf8 },
  "frames received": {
    "close, as client: Close with a reason that is no UTF-8, not validated":
      "a reason is text: bytes that are none become U+FFFD",
    "close, as server: Close with a reason that is no UTF-8, not validated":
      "a reason is text: bytes that are none become U+FFFD",
  },
  "the socket":
    nodeMajor < 22
      ? {}
      : {
          "callbacks of what the socket still has":
            "what waited behind a write that was cancelled is told that the stream is gone, in all versions of Node",
        },
  sending: {
    "a Blob that can't be read": "the socket is ended, and says so with close",
  },
};
