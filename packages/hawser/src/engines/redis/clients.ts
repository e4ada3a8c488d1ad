// What is used of the two clients of Redis, so that the types of Hawser need neither. Methods are declared as
// methods, and loosely: the clients' own types are many overloads.

/** A client of `ioredis`, 5 or later. */
export interface IoredisClient {
  readonly status: string;
  duplicate(override?: object): IoredisClient;
  connect(): Promise<unknown>;
  publish(channel: string, content: Buffer): Promise<unknown>;
  spublish(channel: string, content: Buffer): Promise<unknown>;
  subscribe(...channels: string[]): Promise<unknown>;
  ssubscribe(...channels: string[]): Promise<unknown>;
  unsubscribe(...channels: string[]): Promise<unknown>;
  sunsubscribe(...channels: string[]): Promise<unknown>;
  on(event: string, listener: (...values: unknown[]) => void): unknown;
  off(event: string, listener: (...values: unknown[]) => void): unknown;
  disconnect(): void;
}

/** What node-redis calls for each message. */
export type NodeRedisListener = (content: Buffer, channel: Buffer) => void;

/** A client of `redis` (node-redis), 5 or later. */
export interface NodeRedisClient {
  readonly isReady: boolean;
  duplicate(): NodeRedisClient;
  connect(): Promise<unknown>;
  ping(): Promise<unknown>;
  publish(channel: string, content: Buffer): Promise<unknown>;
  sPublish(channel: string, content: Buffer): Promise<unknown>;
  subscribe(channels: string[], listener: NodeRedisListener, asBuffers: true): Promise<void>;
  sSubscribe(channels: string[], listener: NodeRedisListener, asBuffers: true): Promise<void>;
  unsubscribe(channels: string[], listener: NodeRedisListener, asBuffers: true): Promise<void>;
  sUnsubscribe(channels: string[], listener: NodeRedisListener, asBuffers: true): Promise<void>;
  on(event: string, listener: (...values: unknown[]) => void): unknown;
  off(event: string, listener: (...values: unknown[]) => void): unknown;
  destroy(): void;
}
