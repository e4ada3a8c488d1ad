// What one measurement of one server gives. Every figure is a cost: less is better.

/** The figures that scenarios give, with what stands above them in the table. */
export const figureTitles = {
  cpuPerMessageUs: "CPU µs per message",
  cpuPerHandshakeUs: "CPU µs per handshake",
  rssPerConnectionKiB: "RSS KiB per connection",
} as const;

export type FigureName = keyof typeof figureTitles;

export interface Measurement {
  readonly figures: Readonly<Partial<Record<FigureName, number>>>;
  /** For a server that is kept busy throughout. */
  readonly work?: Work;
}

export interface Work {
  readonly messagesPerSecond: number;
  /** CPU time of the server over the length of the window: 1 is one core. */
  readonly coresUsed: number;
  /**
   * The same, with the time added in which it had work but other processes had its core. Well below
   * 1, the server waited for the load, and what it costs when it is busy was not measured.
   */
  readonly coresWanted: number;
}

/** The server under measurement, and how long to look at it. */
export interface Target {
  readonly port: number;
  readonly pid: number;
  readonly seconds: number;
}
