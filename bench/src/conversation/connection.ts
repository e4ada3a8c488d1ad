// A connection of the load: bytes on a plain socket, on TLS, or on a stream of HTTP/2. A connection that ends by
// itself ends the load: it can't be measured.

import type { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
import { type PeerName, transportOf } from "../peer.ts";
import type { Conversation } from "./conversation.ts";
import { openSocket } from "./socket.ts";
import { openStream } from "./stream.ts";

/** The server that a load talks with. */
export interface Listener {
  readonly peer: PeerName;
  readonly port: number;
  /** How many connections share a session of HTTP/2; by default as many as with Hawser's client. */
  readonly streamsPerSession?: number | undefined;
}

/** Handshakes under way at a time. */
const handshakesAtOnce = 64;

/** Opens a connection; `onAnswers` is told how many answers each further read has completed. */
export async function openConversation(
  { peer, port, streamsPerSession = 100 }: Listener,
  conversation: Conversation,
  onAnswers: (count: number) => void,
): Promise<Duplex> {
  const counter = conversation.newCounter();
  const onBytes = (bytes: Buffer, count: number): void => onAnswers(counter.count(bytes, count));
  const transport = transportOf(peer);
  const opened = await (transport === "tcp" || transport === "tls"
    ? openSocket(port, transport, conversation, onBytes)
    : openStream(port, transport, streamsPerSession, onBytes));
  return opened.on("close", () => {
    throw new Error("the server ended a connection");
  });
}

/** Opens `count` connections in their order, some at a time, each with `open`. */
export async function openMany(
  count: number,
  open: (i: number) => Promise<unknown>,
): Promise<void> {
  let started = 0;
  const openInTurn = async (): Promise<void> => {
    while (started < count) await open(started++);
  };
  await Promise.all(Array.from({ length: handshakesAtOnce }, openInTurn));
}
