// `hawser/protocol` on what every JavaScript runtime has: no Node, no socket. Runs in Node, Bun, Deno and Chromium.

import { type Check, same } from "./check.ts";
import { webPlatform } from "./web-platform.ts";
import type * as Protocol from "../../dist/protocol/index.js";

/** The module, as a page and a program each import it in their own way. */
export type ProtocolModule = typeof Protocol;

/** The checks, on this copy of the module. */
export function protocolChecks(protocol: ProtocolModule): readonly Check[] {
  return [
    {
      name: "RFC 6455 §1.3 the key of the example is answered as there",
      run() {
        const key = "dGhlIHNhbXBsZSBub25jZQ==";
        const bytes = protocol.serializeAcceptance(webPlatform, acceptance(key));
        const accept = /Accept: (.*)\r/.exec(new TextDecoder().decode(bytes))?.[1];
        same(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
      },
    },
    {
      name: "both ends shake hands, exchange messages and close, one byte at a time",
      run: () => converse(protocol),
    },
    {
      name: "a client's faulty frame fails the connection",
      run: () => {
        const { endpoint, events } = end(protocol, "server");
        endpoint.receive(new Uint8Array([0x81, 0x01, 0x61]));
        same(events, ["failed HAWSER_MASK_MISSING"]);
      },
    },
  ];
}

function acceptance(key: string): Protocol.Acceptance {
  return { key, protocol: "", extension: undefined, headers: [] };
}

/** An endpoint, and what it tells. */
function end(protocol: ProtocolModule, role: "client" | "server") {
  const events: string[] = [];
  const platform = webPlatform;
  const endpoint = new protocol.Endpoint<undefined>(
    {
      role,
      platform,
      blocks: new protocol.BlockPool(platform),
      events: {
        message(_owner, message) {
          const isText = typeof message === "string";
          events.push(isText ? `text ${message}` : `binary ${Array.from(message).join()}`);
        },
        ping: () => void events.push("ping"),
        pong: () => void events.push("pong"),
        output: () => undefined,
        close: (_owner, code, reason) => void events.push(`close ${code} ${reason}`),
        failed: (_owner, error) => void events.push(`failed ${error.code}`),
        ready: () => undefined,
        end: () => undefined,
      },
      maxMessageBytes: 1024,
      maxFragments: 16,
      binaryViews: false,
    },
    undefined,
  );
  return { endpoint, events };
}

function converse(protocol: ProtocolModule): void {
  const shaking = new protocol.ClientHandshake(webPlatform, {
    host: "localhost",
    target: "/",
    protocols: [],
    extensions: [],
    headers: [],
  });
  const rules = { origins: [], maxHeaderBytes: 4096, maxHeaders: 32, maxUrlBytes: 1024 };
  const accepting = new protocol.ServerHandshake(rules);
  const offer = eachByte(shaking.request, (byte) => accepting.receive(byte));
  if (offer === undefined) throw new Error("the request was not understood");
  const answer = protocol.serializeAcceptance(webPlatform, acceptance(offer.key));
  const accepted = eachByte(answer, (byte) => shaking.receive(byte));
  if (accepted === undefined) throw new Error("the response was not understood");

  const client = end(protocol, "client");
  const server = end(protocol, "server");
  client.endpoint.send("grüße 👋");
  client.endpoint.send(new Uint8Array([0, 127, 255]));
  pump(client.endpoint, server.endpoint);
  server.endpoint.send("x".repeat(300));
  pump(server.endpoint, client.endpoint);
  client.endpoint.close(1000, "done");
  pump(client.endpoint, server.endpoint);
  pump(server.endpoint, client.endpoint);
  same(server.events, ["text grüße 👋", "binary 0,127,255", "close 1000 done"]);
  same(client.events, [`text ${"x".repeat(300)}`, "close 1000 "]);
}

type Endpoint = InstanceType<ProtocolModule["Endpoint"]>;

function pump(from: Pick<Endpoint, "output">, to: Pick<Endpoint, "receive">): void {
  for (let chunk = from.output.take(); chunk !== undefined; chunk = from.output.take()) {
    for (const byte of chunk) to.receive(new Uint8Array([byte]));
    from.output.written();
  }
}

/** What the last byte brings. */
function eachByte<Result>(
  bytes: Uint8Array,
  take: (byte: Uint8Array) => Result | undefined,
): Result | undefined {
  let result: Result | undefined;
  for (const byte of bytes) result = take(new Uint8Array([byte]));
  return result;
}
