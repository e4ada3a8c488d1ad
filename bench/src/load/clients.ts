// The load of a client scenario is a server: it answers as the floor does, with prebuilt frames by count
// of bytes. It starts the clients' process, which is what is measured.

import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Child } from "../child.ts";
import { repeated } from "../conversation/frame.ts";
import { upgradeResponse } from "../conversation/handshake.ts";
import { answerFrame, payloadOf, requestFrame } from "../conversation/plain.ts";
import type { Measurement } from "../measurement.ts";
import type { PeerName } from "../peer.ts";
import { runtimeOf } from "../runtime.ts";
import type { ClientScenario } from "../scenarios.ts";
import { observeMessages } from "./observe.ts";

/** Node reads at most this much at a time. */
const maxChunkBytes = 64 * 1024;
/** Until this much later all clients have to be heard of. */
const patienceMs = 10_000;

export async function measureClients(
  scenario: ClientScenario,
  peer: PeerName,
  seconds: number,
): Promise<Measurement> {
  const { connections } = scenario;
  const { server, state } = echoServer(scenario.messageBytes);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const clients = new Child(
    "client.js",
    [peer, String(port), JSON.stringify(scenario)],
    runtimeOf(peer),
  );
  try {
    for (let waited = 0; state.heardOf < connections; waited += 10) {
      if (waited > patienceMs) throw new Error(`${state.heardOf} clients of ${connections} came`);
      await sleep(10);
    }
    return await observeMessages(clients.pid, () => state.messages, seconds);
  } finally {
    await clients.end();
  }
}

/** How many connections have sent a message, and how many messages all have. */
interface State {
  heardOf: number;
  messages: number;
}

function echoServer(messageBytes: number): { server: Server; state: State } {
  const state: State = { heardOf: 0, messages: 0 };
  const requestBytes = requestFrame(messageBytes).length;
  const answer = answerFrame(messageBytes);
  const answers = repeated(answer, Math.ceil(maxChunkBytes / requestBytes) + 1);

  const serve = (socket: Socket): void => {
    let received = 0;
    let isChecked = false;
    socket.on("data", (chunk: Buffer) => {
      if (!isChecked) {
        checkMessage(chunk.subarray(0, requestBytes), payloadOf(messageBytes));
        isChecked = true;
        state.heardOf++;
      }
      received += chunk.length;
      const count = Math.floor(received / requestBytes);
      if (count === 0) return;
      received -= count * requestBytes;
      state.messages += count;
      socket.write(answers.subarray(0, count * answer.length));
    });
  };

  const server = createServer({ noDelay: true }, (socket) => {
    socket.once("data", (head: Buffer) => {
      socket.write(upgradeResponse(acceptFor(head)));
      serve(socket);
    });
    socket.on("error", () => socket.destroy());
  });
  return { server, state };
}

/** RFC 6455 §4.2.2. */
function acceptFor(head: Buffer): string {
  const key = /^sec-websocket-key: *(\S+)/im.exec(head.toString("latin1"))?.[1];
  if (key === undefined) throw new Error("a client sent no key");
  const guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  return createHash("sha1").update(`${key}${guid}`).digest("base64");
}

/** @throws Error when a client's first frame is not the message, masked with whatever key */
function checkMessage(frame: Buffer, payload: Uint8Array): void {
  const start = frame.length - payload.length;
  const key = frame.subarray(start - 4, start);
  const unmasked = frame.subarray(start).map((byte, i) => byte ^ (key[i % 4] as number));
  if (Buffer.compare(unmasked, payload) === 0) return;
  throw new Error("a client sent something else than the message");
}
