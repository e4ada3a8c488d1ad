// What brokers allow, with every default: no queue, wait or count is without a bound.

import { UsageError } from "../protocol/index.ts";
import type { BrokerLimits } from "./broker.ts";

/** Options of every broker. */
export interface BrokerOptions {
  /** What the names of all channels and subjects begin with. Default "hawser". */
  readonly prefix?: string;
  /** Bytes of a topic's name in UTF-8. Default 512. */
  readonly maxTopicBytes?: number;
  /** The most topics that a node is subscribed to. Default 65,536. */
  readonly maxTopics?: number;
  /** Bytes of one publication and its header. Default 1 MiB, which is what NATS takes. */
  readonly maxContentBytes?: number;
  /** Bytes of publications that wait for the engine's confirmation. Default 8 MiB. */
  readonly maxPendingBytes?: number;
  /** Milliseconds between two probes. Default 1,000. */
  readonly probeIntervalMs?: number;
  /** Milliseconds that a probe may take to come back, before the engine counts as away. Default 2,000. */
  readonly probeTimeoutMs?: number;
}

/** The options with every default filled in. */
export interface ResolvedBrokerOptions extends BrokerLimits {
  readonly prefix: string;
  readonly maxPendingBytes: number;
  readonly probeIntervalMs: number;
  readonly probeTimeoutMs: number;
}

const MiB = 1024 * 1024;
const maxDelayMs = 2 ** 31 - 1;
/** Its escaped form is up to three times as long, and NATS takes 4 KiB of a command. */
const mostTopicBytes = 1024;

/** @throws UsageError HAWSER_OPTION_INVALID */
export function resolveLimits(options: BrokerOptions): BrokerLimits {
  const size = Number.MAX_SAFE_INTEGER;
  return {
    maxTopicBytes: integer("maxTopicBytes", options.maxTopicBytes ?? 512, 1, mostTopicBytes),
    maxTopics: integer("maxTopics", options.maxTopics ?? 65_536, 1, size),
    maxContentBytes: integer("maxContentBytes", options.maxContentBytes ?? MiB, 2048, size),
  };
}

/** @throws UsageError HAWSER_OPTION_INVALID */
export function resolveBrokerOptions(options: BrokerOptions): ResolvedBrokerOptions {
  const { prefix = "hawser" } = options;
  if (typeof prefix !== "string" || !/^[\w-]{1,64}$/.test(prefix)) {
    throw invalid("prefix", prefix, "1 to 64 letters, digits, hyphens and underscores");
  }
  const limits = resolveLimits(options);
  const delay = (name: "probeIntervalMs" | "probeTimeoutMs", fallback: number): number =>
    integer(name, options[name] ?? fallback, 1, maxDelayMs);
  return {
    ...limits,
    prefix,
    maxPendingBytes: integer(
      "maxPendingBytes",
      options.maxPendingBytes ?? Math.max(8 * MiB, limits.maxContentBytes),
      limits.maxContentBytes,
      Number.MAX_SAFE_INTEGER,
    ),
    probeIntervalMs: delay("probeIntervalMs", 1_000),
    probeTimeoutMs: delay("probeTimeoutMs", 2_000),
  };
}

function integer(name: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw invalid(name, value, `a whole number from ${least} to ${most}`);
}

function invalid(name: string, value: unknown, expected: string): UsageError {
  return new UsageError(
    "HAWSER_OPTION_INVALID",
    `the option ${name} must be ${expected}, not ${JSON.stringify(value) ?? String(value)}`,
  );
}
