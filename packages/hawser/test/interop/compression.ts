// One way in which a connection with a peer is compressed, and what follows from it for either end: who
// compresses, within which window, and whether it goes on with what it has sent before. That shows in
// the bytes on the wire, which compressed-scenarios.ts foretells from it.

import type { CompressionOptions } from "../../dist/index.js";
import type { Peer, PeerDeflate } from "./contract.ts";

export interface Compression {
  /** Our option. */
  readonly ours: true | CompressionOptions;
  /** What the peer is told; undefined leaves it to itself. */
  readonly theirs?: PeerDeflate;
  /** The Sec-WebSocket-Extensions that the server answers with. */
  readonly agreed: string;
}

/** How one end sends. */
export interface Sender {
  /** What it compresses has at least so many bytes; Infinity for one that only inflates. */
  readonly minBytes: number;
  readonly takeover: boolean;
  readonly windowBits: number;
  /** Whether it surely sends plain what has fewer bytes than that. */
  readonly isExact: boolean;
}

export interface Senders {
  readonly ours: Sender;
  readonly theirs: Sender;
}

/** What zlib can deflate with; who is held to 8 sends plain, or takes 9 all the same. */
const minDeflateWindowBits = 9;

/** How both ends send, by what they agreed on and what we are set to. */
export function sendersOf({ ours, agreed }: Compression, peer: Peer): Senders {
  const settings: CompressionOptions = ours === true ? {} : ours;
  const { mode = "shared", thresholdBytes = 1024 } = settings;
  const ourBits = settings.windowBits ?? (mode === "shared" ? 15 : 12);
  const [us, them] =
    peer.role === "client" ? (["server", "client"] as const) : (["client", "server"] as const);
  const windowBits = Math.min(ourBits, windowBitsOf(agreed, us));
  const canDeflate = agreed !== "" && windowBits >= minDeflateWindowBits;
  return {
    ours: {
      minBytes: canDeflate ? thresholdBytes : Infinity,
      takeover: mode === "dedicated" && keepsContext(agreed, us),
      windowBits,
      isExact: true,
    },
    theirs: {
      minBytes: agreed !== "" && peer.deflates ? 1024 : Infinity,
      takeover: keepsContext(agreed, them),
      windowBits: Math.max(windowBitsOf(agreed, them), minDeflateWindowBits),
      isExact: false,
    },
  };
}

function windowBitsOf(agreed: string, end: "server" | "client"): number {
  return Number(new RegExp(`${end}_max_window_bits=(\\d+)`).exec(agreed)?.[1] ?? 15);
}

function keepsContext(agreed: string, end: "server" | "client"): boolean {
  return !agreed.includes(`${end}_no_context_takeover`);
}
