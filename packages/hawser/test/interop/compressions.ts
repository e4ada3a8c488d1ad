// By peer, the ways to compress that it is run with. What is agreed on in each is written down here as
// it has to stand in the server's response, RFC 7692 §7.1.

import type { CompressionOptions } from "../../dist/index.js";
import type { Compression } from "./compression.ts";

const dedicated = (windowBits?: number): CompressionOptions =>
  windowBits === undefined ? { mode: "dedicated" } : { mode: "dedicated", windowBits };
/** Small messages too, where the window of before is all that makes them smaller. */
const everything: CompressionOptions = { mode: "dedicated", windowBits: 15, thresholdBytes: 0 };

const noTakeover = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
const limited = (server: number, client: number): string =>
  `permessage-deflate; server_max_window_bits=${server}; client_max_window_bits=${client}`;

/** For clients that offer `permessage-deflate; client_max_window_bits`, and can't be told otherwise. */
const pages: readonly Compression[] = [
  { ours: true, agreed: noTakeover },
  {
    ours: { mode: "shared", windowBits: 9 },
    agreed: `${noTakeover}; server_max_window_bits=9; client_max_window_bits=9`,
  },
  { ours: dedicated(), agreed: limited(12, 12) },
  { ours: dedicated(9), agreed: limited(9, 9) },
  { ours: dedicated(15), agreed: "permessage-deflate" },
  { ours: everything, agreed: "permessage-deflate" },
];

/** For clients that take our settings and can ask for further limits. */
const tellingClients: readonly Compression[] = [
  { ours: true, theirs: {}, agreed: noTakeover },
  {
    ours: true,
    theirs: { serverNoContextTakeover: true, clientNoContextTakeover: true },
    agreed: noTakeover,
  },
  {
    ours: { mode: "shared", windowBits: 12 },
    theirs: { serverMaxWindowBits: 10 },
    agreed: `${noTakeover}; server_max_window_bits=10; client_max_window_bits=12`,
  },
  { ours: dedicated(), theirs: {}, agreed: limited(12, 12) },
  { ours: dedicated(9), theirs: {}, agreed: limited(9, 9) },
  { ours: dedicated(15), theirs: {}, agreed: "permessage-deflate" },
  { ours: everything, theirs: {}, agreed: "permessage-deflate" },
  {
    ours: everything,
    theirs: { serverNoContextTakeover: true },
    agreed: "permessage-deflate; server_no_context_takeover",
  },
  {
    ours: everything,
    theirs: { clientNoContextTakeover: true },
    agreed: "permessage-deflate; client_no_context_takeover",
  },
  {
    ours: everything,
    theirs: { serverMaxWindowBits: 9, clientMaxWindowBits: 12 },
    agreed: limited(9, 12),
  },
  {
    ours: everything,
    theirs: { serverMaxWindowBits: 8 },
    // We can't compress within it, and so keep no window.
    agreed: "permessage-deflate; server_no_context_takeover; server_max_window_bits=8",
  },
];

/** Servers that take our offers and can set further limits. */
const tellingServers: readonly Compression[] = [
  { ours: true, theirs: {}, agreed: noTakeover },
  {
    ours: { mode: "shared", windowBits: 12 },
    theirs: {},
    agreed: `${noTakeover}; server_max_window_bits=12; client_max_window_bits=12`,
  },
  { ours: dedicated(), theirs: {}, agreed: limited(12, 12) },
  { ours: dedicated(9), theirs: {}, agreed: limited(9, 9) },
  { ours: dedicated(15), theirs: {}, agreed: "permessage-deflate" },
  { ours: everything, theirs: {}, agreed: "permessage-deflate" },
  {
    ours: everything,
    theirs: { serverNoContextTakeover: true },
    agreed: "permessage-deflate; server_no_context_takeover",
  },
  {
    ours: everything,
    theirs: { clientNoContextTakeover: true },
    agreed: "permessage-deflate; client_no_context_takeover",
  },
  {
    ours: everything,
    theirs: { clientMaxWindowBits: 8 },
    agreed: "permessage-deflate; client_max_window_bits=8",
  },
];

/** By the peer's name. */
export const compressions: ReadonlyMap<string, readonly Compression[]> = new Map([
  ["Node's global WebSocket", pages],
  ["undici", pages],
  [
    "ws, client",
    [
      ...tellingClients,
      // zlib takes 9 for 8, and ws lets it.
      {
        ours: everything,
        theirs: { clientMaxWindowBits: 8 },
        agreed: "permessage-deflate; client_max_window_bits=8",
      },
      { ours: dedicated(15), theirs: { threshold: 0 }, agreed: "permessage-deflate" },
      { ours: true, theirs: { threshold: 0 }, agreed: noTakeover },
    ],
  ],
  [
    "Python websockets, client",
    [...tellingClients, { ours: everything, agreed: "permessage-deflate" }],
  ],
  ["Python websocket-client", [{ ours: true, agreed: "" }]],
  ["Chromium", pages],
  [
    "ws, server",
    [
      ...tellingServers,
      // It lists what it adds behind what we offered.
      {
        ours: true,
        theirs: { serverMaxWindowBits: 9, clientMaxWindowBits: 12 },
        agreed: `${noTakeover}; client_max_window_bits=12; server_max_window_bits=9`,
      },
      {
        ours: everything,
        theirs: { serverMaxWindowBits: 12, clientMaxWindowBits: 9 },
        agreed: "permessage-deflate; client_max_window_bits=9; server_max_window_bits=12",
      },
      {
        ours: everything,
        theirs: { serverMaxWindowBits: 8 },
        agreed: "permessage-deflate; server_max_window_bits=8",
      },
      // It takes the second of our offers, the one without limits.
      { ours: dedicated(), theirs: { serverMaxWindowBits: false }, agreed: "permessage-deflate" },
      { ours: true, theirs: { threshold: 0 }, agreed: noTakeover },
    ],
  ],
  [
    "Python websockets, server",
    [
      ...tellingServers,
      {
        ours: true,
        theirs: { serverMaxWindowBits: 9, clientMaxWindowBits: 12 },
        agreed: `${noTakeover}; server_max_window_bits=9; client_max_window_bits=12`,
      },
      {
        ours: everything,
        theirs: { serverMaxWindowBits: 12, clientMaxWindowBits: 9 },
        agreed: limited(12, 9),
      },
      // By itself it limits both ends to 12 bits.
      { ours: everything, agreed: limited(12, 12) },
    ],
  ],
]);
