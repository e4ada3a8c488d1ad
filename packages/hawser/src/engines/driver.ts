// What a client of an engine has to be brought to: names and bytes, and whether it is connected. Everything else
// (what is wanted, what is waited for, whether it really works) is in `EngineBroker`, once for all engines.

/** What a driver tells. */
export interface DriverEvents {
  message(channel: string, content: Buffer): void;
  /** The connection is there (again): what was joined before is to be joined again. */
  connected(): void;
  disconnected(cause: unknown): void;
}

/**
 * A client of an engine. Commands of one connection take effect in their order. Whatever happens on the way,
 * a promise settles when the connection ends, or `EngineBroker` gives up on it.
 */
export interface EngineDriver {
  /** The most bytes that the engine takes; undefined when it is not known. */
  readonly maxContentBytes: number | undefined;
  /** What stands between the parts of a name. */
  readonly separator: string;
  readonly isConnected: boolean;
  start(events: DriverEvents): void;
  /** Resolves when the engine has confirmed. */
  publish(channel: string, content: Buffer): Promise<unknown>;
  /** Harmless for a channel that is joined. Resolves when the engine has confirmed. */
  join(channels: readonly string[]): Promise<unknown>;
  leave(channels: readonly string[]): Promise<unknown>;
  /** Leaves all channels, and ends what it opened itself. */
  end(): Promise<void>;
}
