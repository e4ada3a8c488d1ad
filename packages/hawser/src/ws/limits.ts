// The limits and habits that both ends of `ws` have as options, with its defaults.

/** What a server and a client may be told alike. */
export interface SharedOptions {
  /** False gives each event a turn of its own. Default true: events come as they arrive. */
  allowSynchronousEvents?: boolean | undefined;
  /** Whether pings are answered. Default true. */
  autoPong?: boolean | undefined;
  /** Milliseconds for the closing handshake. Default 30,000. */
  closeTimeout?: number | undefined;
  /** The most chunks that the payload of a frame may come in; 0 for no limit. Default 262,144. */
  maxBufferedChunks?: number | undefined;
  /** The most fragments of a message; 0 for no limit. Default 16,384. */
  maxFragments?: number | undefined;
  /** The largest message in bytes; 0 for no limit. Default 100 MiB. */
  maxPayload?: number | undefined;
  /** The most answers to pings that may wait to be written; past it the socket is ended. Default 60. */
  maxPendingAutoPongs?: number | undefined;
  /** Whether to take texts without looking whether they are UTF-8. Default false. */
  skipUTF8Validation?: boolean | undefined;
}

export const sharedDefaults: {
  readonly [Name in keyof SharedOptions]-?: Exclude<SharedOptions[Name], undefined>;
} = {
  allowSynchronousEvents: true,
  autoPong: true,
  closeTimeout: 30_000,
  maxBufferedChunks: 256 * 1024,
  maxFragments: 16 * 1024,
  maxPayload: 100 * 1024 * 1024,
  maxPendingAutoPongs: 60,
  skipUTF8Validation: false,
};

/** What the engine takes for a limit: in `ws`, 0 is for none. */
export function limitOf(given = 0): number {
  return given > 0 ? given : Number.MAX_SAFE_INTEGER;
}
