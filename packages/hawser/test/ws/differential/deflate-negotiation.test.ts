// permessage-deflate, the negotiation: what each option of the server makes of each offer, both ends of the
// subject together, and the wrong values of options.

import { requestText, sampleKey } from "../../support/http-head.ts";
import { differential, script } from "./runner.ts";
import { shapeOf } from "./shape.ts";
import { portOf } from "./stage.ts";
import type { Loose } from "./subjects.ts";
import { writeHead } from "./wire.ts";

const serverOptions: Loose[] = [
  {},
  { serverNoContextTakeover: true },
  { serverNoContextTakeover: false },
  { clientNoContextTakeover: true },
  { clientNoContextTakeover: false },
  { serverMaxWindowBits: 10 },
  { serverMaxWindowBits: 15 },
  { clientMaxWindowBits: 10 },
  { clientMaxWindowBits: 15 },
  { clientMaxWindowBits: false },
  { clientMaxWindowBits: true },
];

const offers = [
  "permessage-deflate",
  "permessage-deflate; client_max_window_bits",
  "permessage-deflate; client_max_window_bits=9",
  "permessage-deflate; client_max_window_bits=12",
  "permessage-deflate; server_max_window_bits=9",
  "permessage-deflate; server_max_window_bits=12",
  "permessage-deflate; server_no_context_takeover",
  "permessage-deflate; client_no_context_takeover",
  "permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=11; client_max_window_bits=11",
  "permessage-deflate; server_max_window_bits=9; client_max_window_bits, permessage-deflate; client_max_window_bits",
  "permessage-deflate; server_no_context_takeover, permessage-deflate",
];

const wrongValues: Loose[] = [
  { serverMaxWindowBits: 7 },
  { serverMaxWindowBits: 16 },
  { serverMaxWindowBits: "10" },
  { clientMaxWindowBits: 7 },
  { clientMaxWindowBits: 16 },
  { clientMaxWindowBits: "x" },
  { threshold: "x" },
  { threshold: -1 },
  { concurrencyLimit: 0 },
  { zlibDeflateOptions: { level: 99 } },
  { zlibInflateOptions: { chunkSize: 1 } },
];

const clientOptions: (Loose | boolean)[] = [
  true,
  { clientNoContextTakeover: true },
  { serverNoContextTakeover: true },
  { clientMaxWindowBits: 10 },
  { serverMaxWindowBits: 10 },
  { clientMaxWindowBits: false },
];

differential("permessage-deflate, negotiation", [
  ...serverOptions.flatMap((perMessageDeflate) =>
    offers.map((offer) =>
      script(`server ${shapeOf(perMessageDeflate)}, offer ${offer}`, async ({ stage, log }) => {
        const server = await stage.server({ perMessageDeflate });
        server.on("connection", (ws) => log.note("extensions", ws.extensions));
        const peer = await stage.dial(server);
        peer.write(requestText({ "Sec-WebSocket-Extensions": offer }));
        const head = await peer.readHeadText();
        writeHead(log, head, "wire", sampleKey);
        if (/ 101 /.test(head)) await log.until("script", "extensions");
      }),
    ),
  ),
  ...[true, ...serverOptions].flatMap((perMessageDeflate) =>
    clientOptions.map((own) =>
      script(`client ${shapeOf(own)}, server ${shapeOf(perMessageDeflate)}`, async (play) => {
        const { stage, log } = play;
        const server = await stage.server({ perMessageDeflate });
        server.on("headers", (lines) => {
          log.note(
            "line",
            lines.filter((line) => line.includes("Extensions")),
          );
        });
        server.on("connection", (ws) => {
          ws.on("message", (data, isBinary) => ws.send(data, { binary: isBinary }));
        });
        const url = `ws://127.0.0.1:${portOf(server)}/`;
        const ws = stage.client(url, [], { perMessageDeflate: own });
        ws.on("open", () => ws.send("x".repeat(3_000)));
        ws.on("message", () => ws.close());
        await log.until("ws", "close");
        if (log.count("ws", "open") > 0) await log.until("accepted", "close");
        log.note("extensions", ws.extensions);
      }),
    ),
  ),
  ...wrongValues.map((perMessageDeflate) =>
    script(`wrong value in the server: ${shapeOf(perMessageDeflate)}`, async ({ stage, log }) => {
      stage.catchUncaught();
      const server = await stage.server({ perMessageDeflate });
      const peer = await stage.dial(server);
      const offer = "permessage-deflate; client_max_window_bits";
      peer.write(requestText({ "Sec-WebSocket-Extensions": offer }));
      writeHead(log, await peer.readHeadText().catch(() => "nothing"), "wire", sampleKey);
    }),
  ),
  ...wrongValues.map((perMessageDeflate) =>
    script(`wrong value in the client: ${shapeOf(perMessageDeflate)}`, async ({ stage, log }) => {
      const raw = await stage.rawServer((peer, request) => {
        log.note("offer", /Sec-WebSocket-Extensions: (.*)/.exec(request)?.[1]);
        peer.destroy();
      });
      log.attempt("new", () => stage.client(raw.url, [], { perMessageDeflate }).readyState);
      if (log.lines.some((line) => /returns/.test(line))) await log.until("ws", "close");
    }),
  ),
]);
