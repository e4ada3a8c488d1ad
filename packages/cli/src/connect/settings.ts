// What `hawser connect` is to do, checked: which options go together is decided here, before anything is dialled.

import type { ConnectOptions, ListenOptions, ServerOptions } from "hawser";
import {
  compressionOf,
  connectOptionsOf,
  readText,
  type RoadValues,
} from "../shared/road-options.ts";

/** Whom to talk to. */
export type Target =
  | { readonly kind: "dial"; readonly url: string; readonly options: ConnectOptions }
  | { readonly kind: "listen"; readonly options: ServerOptions & ListenOptions };

/** How messages are read and shown. */
export interface MessageSettings {
  /** Input is one binary message; what comes in is written as it is. */
  readonly binary: boolean;
  /** A JSON object a line, both ways. */
  readonly jsonl: boolean;
  /** Binary messages are shown as base64. */
  readonly base64: boolean;
  /** Undefined: on a terminal. */
  readonly jsonPretty: boolean | undefined;
  readonly timestamps: boolean;
}

export interface ConnectSettings extends MessageSettings {
  readonly target: Target;
  readonly frames: boolean;
  readonly quiet: boolean;
  /** How many messages to wait for; undefined for no end. */
  readonly count: number | undefined;
  /** Milliseconds without a message, behind the end of the input, after which we close. */
  readonly waitMs: number;
  readonly reconnect: boolean;
  /** How many attempts in a row may fail. */
  readonly retries: number;
  /** Lines to send whenever a connection opens. */
  readonly hello: readonly string[];
  readonly slash: boolean;
  readonly history: boolean;
}

/** What commander makes of the options. */
export interface ConnectValues extends RoadValues {
  readonly listen?: ListenAt;
  readonly binary?: boolean;
  readonly jsonl?: boolean;
  readonly base64?: boolean;
  readonly jsonPretty?: boolean;
  readonly timestamps?: boolean;
  readonly frames?: boolean;
  readonly quiet?: boolean;
  readonly once?: boolean;
  readonly count?: number;
  readonly wait?: number;
  readonly reconnect?: boolean;
  readonly retries?: number;
  readonly hello?: string;
  readonly slash?: boolean;
  readonly history: boolean;
  readonly pingInterval?: number;
}

export interface ListenAt {
  readonly hostname: string;
  readonly port: number;
}

/** @throws Error for options that don't go together */
export function settingsOf(
  url: string | undefined,
  values: ConnectValues,
  isAtTerminal: boolean,
): ConnectSettings {
  const { binary = false, jsonl = false, slash = false, reconnect = false, hello, wait } = values;
  if (binary && (jsonl || slash || reconnect || hello !== undefined)) {
    throw new Error(
      "--binary sends bytes, once: --jsonl, --slash, --reconnect and --hello don't go with it",
    );
  }
  if (jsonl && slash)
    throw new Error("--jsonl has pings and closes of its own: --slash doesn't go with it");
  const count = values.once === true ? 1 : values.count;
  return {
    target: targetOf(url, values),
    binary,
    jsonl,
    base64: values.base64 === true,
    jsonPretty: values.jsonPretty,
    timestamps: values.timestamps === true,
    frames: values.frames === true,
    quiet: values.quiet === true,
    count,
    waitMs: wait ?? (count === undefined ? 1000 : Infinity),
    reconnect: reconnect || (values.listen !== undefined && isAtTerminal),
    retries: values.retries ?? Infinity,
    hello: hello === undefined ? [] : linesOf(readText("--hello", hello)),
    slash,
    history: values.history,
  };
}

/** What only somebody who connects can use. */
const clientOptions = [
  "header",
  "auth",
  "http2",
  "proxy",
  "unix",
  "ca",
  "insecure",
  "redirects",
  "connectTimeout",
] as const;

function targetOf(url: string | undefined, values: ConnectValues): Target {
  const { listen, pingInterval, subprotocol = [], origin } = values;
  const common = {
    // Whoever sends waits for room: nothing is to be closed or dropped for its size.
    maxQueuedBytes: Number.MAX_SAFE_INTEGER,
    ...(pingInterval !== undefined && { pingIntervalMs: pingInterval }),
  };
  const road = connectOptionsOf(values);
  if ((url === undefined) === (listen === undefined)) {
    throw new Error("say whom to talk to: either a URL, or --listen");
  }
  if (url !== undefined) return { kind: "dial", url, options: { ...road, ...common } };
  const ofClients = clientOptions.filter((name) => [values[name] ?? []].flat().length > 0);
  if (ofClients.length > 0) {
    const named = ofClients.map(
      (name) => `--${name.replace(/[A-Z]/g, (one) => `-${one.toLowerCase()}`)}`,
    );
    throw new Error(`a server has no use for ${named.join(", ")}: they don't go with --listen`);
  }
  const { cert, key } = road.tls ?? {};
  return {
    kind: "listen",
    options: {
      ...(listen as ListenAt),
      ...common,
      // As a client takes.
      maxMessageBytes: 64 * 1024 * 1024,
      protocols: subprotocol,
      compression: compressionOf(values),
      ...(origin !== undefined && { origins: [origin] }),
      ...(cert !== undefined && key !== undefined && { tls: { cert, key } }),
    },
  };
}

function linesOf(text: string): string[] {
  return text.replace(/\r?\n$/, "").split(/\r?\n/);
}
