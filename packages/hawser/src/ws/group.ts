// What the connections of one kind share, made from the options of `ws`: one group for all that are
// alike, however many servers and clients there are.

import { Buffer } from "node:buffer";
import type { EndpointOptions, Platform, Role } from "../protocol/index.ts";
import { newCounters } from "../node/counters.ts";
import type { Link, LinkGroup } from "../node/link.ts";
import { linkEvents } from "../node/link-events.ts";
import { connectionDefaults } from "../node/options.ts";
import { nodeBlocks, nodePlatform } from "../node/platform.ts";
import { limitOf } from "./limits.ts";

/** Fills its four bytes with a masking key. */
export type GenerateMask = (mask: Buffer) => void;

/** The options of a connection that the engine has to know. */
export interface EngineOptions {
  /** 0 for no limit, which is the default of who makes a socket without a server. */
  readonly maxPayload?: number | undefined;
  readonly maxFragments?: number | undefined;
  readonly maxBufferedChunks?: number | undefined;
  readonly skipUTF8Validation?: boolean | undefined;
  readonly generateMask?: GenerateMask | undefined;
}

/** What links of `ws` of one kind share. */
export interface WsGroup extends LinkGroup {
  /** The most pieces that a frame may come in; 0 or less for no limit. */
  readonly maxChunks: number;
}

/** What connections of one group have alike. */
interface Kind extends Required<Omit<EngineOptions, "generateMask">> {
  readonly role: Role;
  readonly closeTimeout: number;
}

const groups: { readonly kind: Kind; readonly group: WsGroup }[] = [];

/** Programs have a few kinds of connections; one that has more gets groups that are not shared. */
const maxGroups = 64;

/** The group of connections with these options. */
export function groupFor(role: Role, options: EngineOptions, closeTimeout: number): WsGroup {
  if (options.generateMask !== undefined) return newGroup(role, options, closeTimeout);
  const { maxPayload = 0, maxFragments = 0, maxBufferedChunks = 0 } = options;
  const { skipUTF8Validation = false } = options;
  const limits = { maxPayload, maxFragments, maxBufferedChunks };
  const kind: Kind = { role, closeTimeout, skipUTF8Validation, ...limits };
  for (const one of groups) if (isSame(one.kind, kind)) return one.group;
  const group = newGroup(role, options, closeTimeout);
  if (groups.length < maxGroups) groups.push({ kind, group });
  return group;
}

function isSame(one: Kind, other: Kind): boolean {
  return (
    one.role === other.role &&
    one.closeTimeout === other.closeTimeout &&
    one.maxPayload === other.maxPayload &&
    one.maxFragments === other.maxFragments &&
    one.maxBufferedChunks === other.maxBufferedChunks &&
    one.skipUTF8Validation === other.skipUTF8Validation
  );
}

function newGroup(role: Role, options: EngineOptions, closeTimeout: number): WsGroup {
  // As `ws` reads them: numbers of 32 bits.
  const maxMessageBytes = limitOf((options.maxPayload ?? 0) | 0);
  const maxFragments = limitOf((options.maxFragments ?? 0) | 0);
  const endpointOptions: EndpointOptions<Link> = {
    role,
    platform: platformWith(options.generateMask),
    blocks: nodeBlocks,
    events: linkEvents,
    maxMessageBytes,
    maxFragments,
    binaryViews: false,
    textsAsBytes: true,
    notesFragments: true,
    checksLengths: false,
    checksUtf8: options.skipUTF8Validation !== true,
    // Whether to answer can be set on each socket.
    answersPings: false,
    givesReasons: false,
    echoesReasons: true,
  };
  return {
    options: {
      ...connectionDefaults,
      maxMessageBytes,
      maxFragments,
      // `ws` has no limit: whoever sends looks at `bufferedAmount`.
      maxQueuedBytes: Infinity,
      pingIntervalMs: 0,
      closeTimeoutMs: closeTimeout,
    },
    endpointOptions,
    heartbeat: undefined,
    links: new Set(),
    counters: newCounters(),
    watchesWire: false,
    onClosed: () => undefined,
    maxChunks: (options.maxBufferedChunks ?? 0) | 0,
  };
}

function platformWith(generateMask: GenerateMask | undefined): Platform {
  if (generateMask === undefined) return nodePlatform;
  const mask = Buffer.alloc(4);
  return {
    ...nodePlatform,
    maskingKey() {
      generateMask(mask);
      return mask.readInt32BE(0);
    },
  };
}
