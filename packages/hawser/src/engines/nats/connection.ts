// What is used of a connection of `@nats-io/transport-node`, so that the types of Hawser don't need it.

/** A message as NATS gives it. */
export interface NatsMessage {
  readonly data: Uint8Array;
}

export interface NatsSubscription {
  unsubscribe(): void;
}

/** What happened to the connection; the members of an error are those of a permission that is missing. */
export interface NatsStatus {
  readonly type: string;
  readonly error?: Error & { readonly operation?: string; readonly subject?: string };
}

/** A connection of `@nats-io/transport-node`, 3 or later. */
export interface NatsConnection {
  readonly info?: { readonly max_payload: number };
  publish(subject: string, content: Uint8Array): void;
  subscribe(
    subject: string,
    options: { callback(error: Error | null, message: NatsMessage): void },
  ): NatsSubscription;
  flush(): Promise<void>;
  isClosed(): boolean;
  status(): AsyncIterable<NatsStatus>;
}
