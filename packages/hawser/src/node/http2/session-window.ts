// How much the other end may send on a whole session before it hears that it has come. The streams of a session have
// windows of their own, which hold back whoever sends to a slow reader. What all of them share is 64 KiB to begin with,
// in which 100 WebSockets would have to make do with 64 KiB a round trip. Node gives it back as bytes come, read or not,
// so that more of it costs no memory.

import type { Http2Session } from "node:http2";

/** Enough for 20 MB a second at a round trip of 50 ms. */
const sessionWindowBytes = 1024 * 1024;

/**
 * Widens it. An echo of 16 KiB on 64 streams of one session costs 0.7 of what it does with 64 KiB, where a
 * WINDOW_UPDATE follows on every second message.
 */
export function widenWindow(session: Http2Session): void {
  if (!session.destroyed) session.setLocalWindowSize(sessionWindowBytes);
}
