// A server that does what a test wants, right or wrong: it opens connections as it should unless it is
// told otherwise, and gives each frame to the test.

import { createHash } from "node:crypto";
import type { Socket } from "node:net";
import { type Frame, FrameReader } from "../../dist/conform/wire/frame-reader.js";
import { type FrameSpec, opcodes, serializeFrame } from "../../dist/conform/wire/frame.js";
import { type TcpServer, tcpServer } from "./tcp-server.js";

/** What the test does with a frame. */
export type Behavior = (frame: Frame, peer: RawPeer) => void;

export class RawPeer {
  readonly socket: Socket;

  constructor(socket: Socket) {
    this.socket = socket;
  }

  send(spec: FrameSpec): void {
    const octets = serializeFrame(spec, { masks: false, nextKey: () => 0x01020304 });
    if (this.socket.writable) this.socket.write(octets);
  }

  /** As a good server: messages come back, pings and Close frames are answered. */
  answer({ opcode, payload, fin }: Frame): void {
    if (opcode === opcodes.ping) this.send({ opcode: opcodes.pong, payload });
    else if (opcode === opcodes.close) {
      this.send({ opcode: opcodes.close, payload });
      this.socket.end();
    } else if (opcode !== opcodes.pong) this.send({ opcode, payload, fin });
  }
}

/** @param opening the response, when it is not to be a good one */
export function rawServer(behavior: Behavior, opening?: string): Promise<TcpServer> {
  return tcpServer((socket) => {
    socket.once("data", (request: Buffer) => {
      const key = /Sec-WebSocket-Key: (\S+)/.exec(request.toString())?.[1] ?? "";
      socket.write(opening ?? acceptance(key));
      const frames = new FrameReader({ masked: true, deflate: true });
      const peer = new RawPeer(socket);
      socket.on("data", (chunk: Buffer) => {
        frames.push(chunk);
        try {
          for (let next = frames.next(); next !== undefined; next = frames.next()) {
            behavior(next, peer);
          }
        } catch {
          // What the tester sends wrong is not this server's business.
          socket.destroy();
        }
      });
    });
  });
}

function acceptance(key: string): string {
  const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`);
  return [
    "HTTP/1.1 101 Switching Protocols",
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Accept: ${accept.digest("base64")}`,
    "\r\n",
  ].join("\r\n");
}
