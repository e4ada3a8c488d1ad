// @ts-check
// Faults to plant into the library, one at a time, each with the tests that have to find it: scripts/mutants.mjs. `from`
// stands once in the built module, `to` takes its place.

/**
 * @typedef {object} Mutant
 * @property {string} fault what goes wrong
 * @property {string} module below dist, without ".js"
 * @property {string} from
 * @property {string} to
 * @property {readonly string[]} tests below dist-test, without ".test.js"
 */

/** @type {readonly Mutant[]} */
export const mutants = [
  {
    fault: "control frames may have a byte more",
    module: "protocol/receiver",
    from: "if (length > maxControlPayloadBytes)",
    to: "if (length > maxControlPayloadBytes + 1)",
    tests: ["protocol/receiver"],
  },
  {
    fault: "control frames may be fragmented",
    module: "protocol/receiver",
    from: "if (first < finBit)",
    to: "if (false)",
    tests: ["protocol/receiver"],
  },
  {
    fault: "a Close frame may have one byte",
    module: "protocol/receiver",
    from: "opcode === Opcode.close && length === 1",
    to: "opcode === Opcode.close && length === -1",
    tests: ["protocol/receiver"],
  },
  {
    fault: "reserved opcodes are let through",
    module: "protocol/receiver",
    from: "if (isReservedOpcode(opcode))",
    to: "if (false)",
    tests: ["protocol/receiver"],
  },
  {
    fault: "RSV1 is allowed on every frame of a connection that compresses",
    module: "protocol/receiver",
    from: "this.rsv1Allowed && isMessageStart",
    to: "this.rsv1Allowed",
    tests: ["protocol/receiver"],
  },
  {
    fault: "a message may begin inside another",
    module: "protocol/receiver",
    from: `if (this.#messageOpcode !== 0) {
                throw violation("HAWSER_EXPECTED_CONTINUATION"`,
    to: `if (false) {
                throw violation("HAWSER_EXPECTED_CONTINUATION"`,
    tests: ["protocol/receiver"],
  },
  {
    fault: "a server takes frames that are not masked",
    module: "protocol/receiver",
    from: "if (isServer && second < maskBit)",
    to: "if (false)",
    tests: ["protocol/receiver"],
  },
  {
    fault: "a client takes frames that are masked",
    module: "protocol/receiver",
    from: "if (!isServer && second >= maskBit)",
    to: "if (false)",
    tests: ["protocol/receiver"],
  },
  {
    fault: "the limit of a message is one byte lower",
    module: "protocol/receiver",
    from: "if (total <= allowed)",
    to: "if (total < allowed)",
    tests: ["protocol/receiver"],
  },
  {
    fault: "the limit of fragments is one higher",
    module: "protocol/receiver",
    from: "this.#fragments > allowed &&",
    to: "this.#fragments > allowed + 1 &&",
    tests: ["protocol/receiver"],
  },
  {
    fault: "fragments are counted on over messages",
    module: "protocol/receiver",
    from: "        this.#fragments = 0;\n",
    to: "",
    tests: ["protocol/receiver"],
  },
  {
    fault: "a text may end inside a character, in fragments",
    module: "protocol/receiver",
    from: "if (utf8 !== utf8Boundary)",
    to: "if (false)",
    tests: ["protocol/receiver"],
  },
  {
    fault: "any close code is taken",
    module: "protocol/receiver",
    from: "if (!isWireCloseCode(this.closeCode))",
    to: "if (false)",
    tests: ["protocol/receiver"],
  },
  {
    fault: "the first fragment counts as the message when it comes whole",
    module: "protocol/receiver",
    from: "this.fin && this.#fragments === 1 && end - start === this.payloadBytes",
    to: "this.#fragments === 1 && end - start === this.payloadBytes",
    tests: ["protocol/receiver"],
  },
  {
    fault: "close codes end at 1015",
    module: "protocol/close-code",
    from: "code <= 1014",
    to: "code <= 1015",
    tests: ["protocol/close-code"],
  },
  {
    fault: "close code 3000 is not taken",
    module: "protocol/close-code",
    from: "if (code >= 3000)",
    to: "if (code > 3000)",
    tests: ["protocol/close-code"],
  },
  {
    fault: "the Close frame is answered though ours was first",
    module: "protocol/endpoint",
    from: `if (this.#state === "open") {
            this.#writeClose(code`,
    to: `if (true) {
            this.#writeClose(code`,
    tests: ["protocol/endpoint"],
  },
  {
    fault: "the state stays where it was when a Close frame comes",
    module: "protocol/endpoint",
    from: `        this.#move("receiveClose");\n`,
    to: "",
    tests: ["protocol/endpoint"],
  },
  {
    fault: "bytes behind the end are read",
    module: "protocol/endpoint",
    from: `        if (!isReading(this.#state))
            return;
        this.#receiver ??=`,
    to: "        this.#receiver ??=",
    tests: ["protocol/endpoint"],
  },
  {
    fault: "Pongs pile up for a peer that does not read",
    module: "protocol/endpoint",
    from: "if (this.is(Flag.backedUp)) {",
    to: "if (false) {",
    tests: ["protocol/endpoint"],
  },
  {
    fault: "the Pong that waited is sent again and again",
    module: "protocol/endpoint",
    from: "        this.#pongDue = undefined;\n",
    to: "",
    tests: ["protocol/endpoint"],
  },
  {
    fault: "the peer is told our internal errors",
    module: "protocol/endpoint",
    from: "error instanceof InternalError ||",
    to: "",
    tests: ["protocol/endpoint"],
  },
  {
    fault: "nobody is told that the Close frame of a failure is to be written",
    module: "protocol/endpoint",
    from: `        this.options.events.output(this.#owner);
        this.options.events.failed(this.#owner, error);
        if (wasDecoding)`,
    to: `        this.options.events.failed(this.#owner, error);
        if (wasDecoding)`,
    tests: ["protocol/endpoint"],
  },
  {
    fault: "what was inflated may be one byte too large",
    module: "protocol/endpoint",
    from: "if (content.length > maxMessageBytes) {",
    to: "if (content.length > maxMessageBytes + 1) {",
    tests: ["protocol/endpoint", "protocol/extension"],
  },
  {
    fault: "the mask of the last bytes is turned wrongly",
    module: "protocol/masking",
    from: "maskBytes(bytes, tail, end, key, phase + tail - start)",
    to: "maskBytes(bytes, tail, end, key, phase)",
    tests: ["protocol/masking"],
  },
  {
    fault: "the mask of the words is turned wrongly",
    module: "protocol/masking",
    from: "wordKey(key, phase + head - start)",
    to: "wordKey(key, phase)",
    tests: ["protocol/masking"],
  },
  {
    fault: "the mask of the last bytes of a short text is a wrong byte",
    module: "protocol/masking",
    from: "(24 - (at - tail) * 8)",
    to: "(16 - (at - tail) * 8)",
    tests: ["protocol/masking"],
  },
  {
    fault: "UTF-8 goes on to lead byte F5",
    module: "protocol/utf8",
    from: "byte > 0xf4",
    to: "byte > 0xf5",
    tests: ["protocol/utf8"],
  },
  {
    fault: "surrogates are UTF-8",
    module: "protocol/utf8",
    from: "byte === 0xed ? 0x9f",
    to: "byte === 0xed ? 0xbf",
    tests: ["protocol/utf8"],
  },
  {
    fault: "overlong forms of three bytes are UTF-8",
    module: "protocol/utf8",
    from: "byte === 0xe0 ? 0xa0",
    to: "byte === 0xe0 ? 0x80",
    tests: ["protocol/utf8"],
  },
  {
    fault: "a character of four bytes that is cut before its last is not seen",
    module: "protocol/utf8",
    from: "i >= end - 3",
    to: "i >= end - 2",
    tests: ["protocol/utf8"],
  },
  {
    fault: "memory is taken on the promise of a length",
    module: "protocol/message-assembler",
    from: "total <= 2 * needed + advanceBytes",
    to: "total <= 64 * needed + advanceBytes * 16",
    tests: ["protocol/message-assembler"],
  },
  {
    fault: "messages behind one in fragments are never sent",
    module: "protocol/sending-side",
    from: `        if (!this.isInFragments)
            outbox.endFragments();`,
    to: "",
    tests: ["protocol/endpoint", "protocol/extension", "protocol/outbox"],
  },
  {
    fault: "RSV1 is on every fragment",
    module: "protocol/outbox",
    from: "return isContinuation(firstByte) ? firstByte : firstByte | rsv1Bit;",
    to: "return firstByte | rsv1Bit;",
    tests: ["protocol/outbox", "protocol/extension", "node/connection-compression"],
  },
  {
    fault: "a text that is longer than its characters is not moved behind its header",
    module: "protocol/output",
    from: "if (payload !== expected)",
    to: "if (false)",
    tests: ["protocol/output", "protocol/endpoint"],
  },
  {
    fault: "an origin may have the host as its beginning",
    module: "protocol/handshake/origin",
    from: "return page === host ||",
    to: "return page.startsWith(host) ||",
    tests: ["protocol/handshake/origin"],
  },
  {
    fault: "any Sec-WebSocket-Accept is taken",
    module: "protocol/handshake/client-handshake",
    from: "if (accept !== acceptFor(this.#platform, this.#key)) {",
    to: "if (accept === undefined) {",
    tests: ["protocol/handshake/client-handshake"],
  },
  {
    fault: "any version is taken",
    module: "protocol/handshake/server-handshake",
    from: `if (fields.version !== "13")`,
    to: "if (false)",
    tests: ["protocol/handshake/server-handshake"],
  },
  {
    fault: "who waits for room is never told",
    module: "node/writer",
    from: `        if (!hasRoom)
            this.#isOverHighWater = true;
        return hasRoom;`,
    to: "        return hasRoom;",
    tests: ["node/writer"],
  },
  {
    fault: "the queue may grow by one byte too many",
    module: "node/writer",
    from: "queued + bytes <= maxQueuedBytes)",
    to: "queued + bytes <= maxQueuedBytes + 1)",
    tests: ["node/writer-overflow", "node/writer"],
  },
  {
    fault: "the socket is never ended once all is written",
    module: "node/writer",
    from: "if (this.#endsWhenFlushed && isAllOut && !socket.writableEnded)",
    to: "if (false)",
    tests: ["node/end-socket", "node/connection", "hardening/closing"],
  },
  {
    fault: "the flush at the end of a turn is lost",
    module: "node/writer",
    from: "        flushSoon(this);\n",
    to: "",
    tests: ["node/connection"],
  },
  {
    fault: "the timer of the heartbeat is not cleared",
    module: "node/heartbeat",
    from: "        clearInterval(this.#timer);\n",
    to: "",
    tests: ["node/heartbeat"],
  },
  {
    fault: "a peer that is not listened to is taken for gone",
    module: "node/heartbeat",
    from: "if (connection.isDeaf)",
    to: "if (false)",
    tests: ["node/heartbeat", "node/link-heartbeat"],
  },
  {
    fault: "bytes that come do not count as life",
    module: "node/link",
    from: `        this.silentTicks = 0;
        this.bytesReceived += end;`,
    to: "        this.bytesReceived += end;",
    tests: ["node/link-heartbeat"],
  },
  {
    fault: "reading goes on behind a busy handler",
    module: "node/link",
    from: `            this.socket.pause();
        this.writer.flush();`,
    to: `            void 0;
        this.writer.flush();`,
    tests: ["node/link", "hardening/frames-memory"],
  },
  {
    fault: "a connection that has ended stays in its group",
    module: "node/link",
    from: "        group.links.delete(this);\n",
    to: "",
    tests: ["node/link", "node/server"],
  },
  {
    fault: "a peer that keeps TCP open after both Close frames stays",
    module: "node/link",
    from: `            this.writer.end();
        this.#armCloseTimer();
    }
    /** The peer broke`,
    to: `            this.writer.end();
    }
    /** The peer broke`,
    tests: ["hardening/closing"],
  },
  {
    fault: "a timer that waits for the peer is not cleared",
    module: "node/ending",
    from: "        clearTimeout(this.#timer);\n",
    to: "",
    tests: ["node/ending"],
  },
  {
    fault: "the publisher gets its own publication",
    module: "node/topics",
    from: "if (subscriber === except)",
    to: "if (false)",
    tests: ["node/topics"],
  },
];
