// What one measurement of one peer gives. Every figure is a cost: less is better.

import type { PeerName } from "./peer.ts";

/** The figures that scenarios give, with what stands above them in the table. */
export const figureTitles = {
  cpuPerMessageUs: "CPU µs per message",
  cpuPerHandshakeUs: "CPU µs per handshake",
  rssPerConnectionKiB: "RSS KiB per connection",
  rssAddedKiB: "RSS KiB added by it",
} as const;

export type FigureName = keyof typeof figureTitles;

export interface Measurement {
  readonly figures: Readonly<Partial<Record<FigureName, number>>>;
  /** For a process that is kept busy throughout. */
  readonly work?: Work;
}

export interface Work {
  /** Messages, or handshakes. */
  readonly perSecond: number;
  /** CPU time of the process over the length of the window: 1 is one core. */
  readonly coresUsed: number;
  /**
   * The same, with the time added in which it had work but other processes had its core. Well below
   * 1, it waited for the load, and what it costs when it is busy was not measured.
   */
  readonly coresWanted: number;
}

/** A measurement, or why there is none. */
export type Outcome = { readonly measurement: Measurement } | { readonly failure: string };

/** The server under measurement, and how long to look at it. */
export interface Target {
  readonly peer: PeerName;
  readonly port: number;
  readonly pid: number;
  readonly seconds: number;
}
