// The faults that the server of these tests can have, each with the cases that must catch it. No other
// case that is run may notice: its verdicts have to be those of the healthy server.

/** What a fault does to the verdicts. */
export interface FaultRow {
  /** The groups, or patterns of cases, that are run besides the sample. */
  readonly run: string;
  /** Patterns of all cases that have other verdicts than with the healthy server. */
  readonly caughtBy: string;
  /** Whether each case has a server of its own, because it may not survive. */
  readonly isAlone?: boolean;
}

/** One or two cases of every group, run for each fault. */
export const sample: string =
  "1.1.1,1.1.4,1.2.2,2.2,2.9,3.1,4.1.2,4.2.1,5.3,5.6,5.9,6.1.3,6.2.3,6.5.1,6.6.2,6.20.1,7.1.1,7.1.3," +
  "7.3.1,7.7.5,7.9.4,10.1.1,20.1.1,20.1.9,20.2.3,20.2.11,21.1.1,21.2.2,21.4.1,22.1.2,22.3.5,22.4.3," +
  "23.1.1,23.1.7,23.2.1,23.3.2,24.2.9,29.1.2,29.2.2,29.5.3";

const table = {
  // The opening handshake.
  "accepts any parameter of permessage-deflate": {
    run: "20",
    caughtBy: "20.2.13,20.2.14,20.2.15,20.2.16,20.2.17,20.2.18,20.2.19",
  },
  "chooses another subprotocol": { run: "20", caughtBy: "20.2.10,20.2.11" },
  "chooses whatever extension is offered": {
    run: "20",
    caughtBy: "20.2.12,20.2.13,20.2.14,20.2.15,20.2.16,20.2.17,20.2.18,20.2.19",
  },
  "does not say which version it knows": {
    run: "20",
    caughtBy: "20.1.8,20.1.9,20.1.10,20.1.11,20.1.12",
  },
  "forgets the salt of the key": {
    run: "20",
    caughtBy: "1,2,3.1,4,5,6,7,10.1.1,20.2,21,22,23,24.2.9,29",
  },
  "ignores the version": { run: "20", caughtBy: "20.1.7,20.1.8,20.1.9,20.1.10,20.1.11,20.1.12" },
  "knows names of fields in one case only": { run: "20", caughtBy: "20.2.1" },
  "loses what comes with the request": { run: "20", caughtBy: "20.2.9" },
  "minds the case of websocket": { run: "20", caughtBy: "20.2.3" },
  "opens for HTTP/1.0": { run: "20", caughtBy: "20.1.14" },
  "opens for any Connection": { run: "20", caughtBy: "20.1.18,20.1.19" },
  "opens for any Upgrade": { run: "20", caughtBy: "20.1.16,20.1.17" },
  "opens for any key": { run: "20", caughtBy: "20.1.3,20.1.4,20.1.5,20.1.6" },
  "opens for any method": { run: "20", caughtBy: "20.1.13" },
  "opens without Host": { run: "20", caughtBy: "20.1.15" },
  "opens without a key": { run: "20", caughtBy: "20.1.1,20.1.2" },
  "wants Connection: Upgrade and nothing beside it": { run: "20", caughtBy: "20.2.4,20.2.5" },
  // Reserved bits and opcodes.
  "ignores RSV2 and RSV3": { run: "3,4", caughtBy: "3.1,3.2,3.3" },
  "ignores reserved bits": { run: "3,4", caughtBy: "3,23.2.1" },
  "ignores the opcode 11": { run: "3,4", caughtBy: "4.2.1" },
  "ignores the opcode 3": { run: "3,4", caughtBy: "4.1.1" },
  "ignores unknown opcodes": { run: "3,4", caughtBy: "4" },
  // Control frames, masks and lengths that come.
  "accepts fragmented control frames": { run: "2.5,5.1,5.2,7.3,21,25.2", caughtBy: "5.1" },
  "accepts frames that are not masked": { run: "2.5,5.1,5.2,7.3,21,25.2", caughtBy: "21.1" },
  "accepts long control frames": { run: "2.5,5.1,5.2,7.3,21,25.2", caughtBy: "2.5,7.3.6" },
  "accepts long forms of lengths": { run: "2.5,5.1,5.2,7.3,21,25.2", caughtBy: "21.3" },
  "accepts the long form of a length in control frames": {
    run: "2.5,5.1,5.2,7.3,21,25.2",
    caughtBy: "21.4",
  },
  "dies of a huge length": { run: "2.5,5.1,5.2,7.3,21,25.2", caughtBy: "25", isAlone: true },
  "fails what is too long with 1003": { run: "2.5,5.1,5.2,7.3,21,25.2", caughtBy: "25" },
  "ignores the highest bit of a length": { run: "2.5,5.1,5.2,7.3,21,25.2", caughtBy: "21.2" },
  // Messages and lengths that go.
  "changes one octet of a large message": {
    run: "1,2,24.1.4,24.1.5,24.2.4,24.2.5,24.2.6",
    caughtBy: "1.1.6,1.1.7,1.1.8,1.2.6,1.2.7,1.2.8,10.1.1,24.1,24.2.4,24.2.5,24.2.6",
  },
  "cuts messages at 65,535 octets": {
    run: "1,2,24.1.4,24.1.5,24.2.4,24.2.5,24.2.6",
    caughtBy: "1.1.7,1.1.8,1.2.7,1.2.8,10.1.1,24.1.5,24.2.5,24.2.6",
  },
  "does not echo empty messages": {
    run: "1,2,24.1.4,24.1.5,24.2.4,24.2.5,24.2.6",
    caughtBy: "1.1.1,1.2.1",
  },
  "echoes binary messages as texts": {
    run: "1,2,24.1.4,24.1.5,24.2.4,24.2.5,24.2.6",
    caughtBy: "1.2,24.2",
  },
  "echoes only the first message": { run: "1,23.1", caughtBy: "23.1.8,23.3.2" },
  "echoes texts as binary messages": {
    run: "1,2,24.1.4,24.1.5,24.2.4,24.2.5,24.2.6",
    caughtBy:
      "1.1,5.3,5.6,6.1.3,6.2.3,6.5.1,6.6.2,7.1.1,10.1.1,20.2,23.1,23.3.2,24.1,29.1.2,29.5.3",
  },
  "echoes twice": {
    run: "1,2,24.1.4,24.1.5,24.2.4,24.2.5,24.2.6",
    caughtBy: "1,5.3,5.6,6.1.3,6.2.3,6.5.1,6.6.2,7.1.1,10.1.1,20.2,23.1,23.3.2,24,29.1.2,29.5.3",
  },
  "loses messages of 65,536 octets": {
    run: "1,2,24.1.4,24.1.5,24.2.4,24.2.5,24.2.6",
    caughtBy: "1.1.7,1.1.8,1.2.7,1.2.8,10.1.1,24.1.5,24.2.5",
  },
  "masks its frames": {
    run: "1,2,24.1.4,24.1.5,24.2.4,24.2.5,24.2.6",
    caughtBy: "1,2,3.1,4,5,6,7,10.1.1,20.2,21,22,23,24,29",
  },
  "starts the masking key anew after 65,536 octets": {
    run: "1,2,24.1.4,24.1.5,24.2.4,24.2.5,24.2.6",
    caughtBy: "24.2.6",
  },
  "writes a length of 125 in 16 bits": {
    run: "1,2,24.1.4,24.1.5,24.2.4,24.2.5,24.2.6",
    caughtBy: "1.1.2,1.2.2,2.4,2.6,29.1.2",
  },
  "writes a length of 126 in seven bits": {
    run: "1,2,24.1.4,24.1.5,24.2.4,24.2.5,24.2.6",
    caughtBy: "1.1.3,1.2.3",
  },
  "writes a length of 65,535 in 64 bits": {
    run: "1,2,24.1.4,24.1.5,24.2.4,24.2.5,24.2.6",
    caughtBy: "1.1.6,1.2.6,24.1.4,24.2.4",
  },
  "writes lengths in the wrong order of octets": {
    run: "1,2,24.1.4,24.1.5,24.2.4,24.2.5,24.2.6",
    caughtBy: "1.1.3,1.1.4,1.1.5,1.2.3,1.2.4,1.2.5,23.3.2,24.2.9",
  },
  // Fragments.
  "echoes in two fragments, both with FIN": {
    run: "5,6.1,6.2",
    caughtBy:
      "1,5.3,5.4,5.5,5.6,5.7,5.8,5.15,5.19,5.20,6.1,6.2,6.5.1,6.6.2,7.1.1,10.1.1,20.2,22.4.3,23.1,23.3.2,24.2.9,29.1.2,29.5.3",
  },
  "forgets the first fragment": {
    run: "5,6.1,6.2",
    caughtBy: "5.3,5.4,5.5,5.6,5.7,5.8,5.15,5.19,5.20,6.2.2,6.2.3,6.2.4,10.1.1,24.2.9,29.5.3",
  },
  "forgets the last fragment": {
    run: "5,6.1,6.2",
    caughtBy: "5.3,5.4,5.5,5.6,5.7,5.8,5.15,5.19,5.20,6.2.2,6.2.3,6.2.4,10.1.1,24.2.9,29.5.3",
  },
  "ignores a continuation of nothing": {
    run: "5,6.1,6.2",
    caughtBy: "5.9,5.10,5.11,5.12,5.13,5.14,5.15,5.16,5.17",
  },
  "ignores empty fragments": { run: "5,6.1,6.2", caughtBy: "6.1.2,6.1.3" },
  "takes a continuation of nothing for a text": {
    run: "5,6.1,6.2",
    caughtBy: "5.9,5.10,5.11,5.17",
  },
  "takes a new message for a continuation": { run: "5,6.1,6.2", caughtBy: "5.18" },
  "takes what comes at once for whole frames": {
    run: "5,6.1,6.2",
    caughtBy: "5.5,5.8,5.11,5.14,10.1.1,29",
  },
  "turns the order of fragments": {
    run: "5,6.1,6.2",
    caughtBy: "5.3,5.4,5.5,5.6,5.7,5.8,5.15,5.19,5.20,6.2.2,6.2.3,6.2.4,24.2.9,29.5.3",
  },
  // UTF-8.
  "accepts a text that ends within a character": {
    run: "6",
    caughtBy: "6.6.1,6.6.3,6.6.4,6.6.6,6.6.8,6.6.10,6.14.6,6.14.7",
  },
  "accepts characters beyond U+10FFFF": { run: "6", caughtBy: "6.4,6.10.1,6.11.5" },
  "accepts overlong UTF-8": {
    run: "6",
    caughtBy: "6.17.1,6.17.2,6.17.3,6.18.1,6.18.2,6.18.3,6.19.1,6.19.2,6.19.3",
  },
  "accepts surrogates": { run: "6", caughtBy: "6.3,6.20,6.21" },
  "checks UTF-8 fragment by fragment": { run: "6", caughtBy: "6.2.3,6.2.4,6.4.2" },
  "checks UTF-8 only at the end of messages": { run: "6", caughtBy: "6.4" },
  "does not check UTF-8": {
    run: "6",
    caughtBy:
      "6.3,6.4,6.6.1,6.6.3,6.6.4,6.6.6,6.6.8,6.6.10,6.8,6.10,6.11.5,6.12,6.13,6.14,6.15.1,6.16,6.17,6.18,6.19,6.20,6.21",
  },
  "fails what is not UTF-8 with 1003": {
    run: "6",
    caughtBy:
      "6.3,6.4,6.6.1,6.6.3,6.6.4,6.6.6,6.6.8,6.6.10,6.8,6.10,6.11.5,6.12,6.13,6.14,6.15.1,6.16,6.17,6.18,6.19,6.20,6.21",
  },
  // Pings and pongs.
  "answers only the newest ping": { run: "2,5", caughtBy: "2.10" },
  "answers pings in the wrong order": { run: "2,5", caughtBy: "2.10" },
  "answers pings twice": {
    run: "2,5",
    caughtBy: "2.1,2.2,2.3,2.4,2.6,2.9,2.10,2.11,5.6,5.7,5.8,5.19,5.20,29.2.2",
  },
  "answers pings with another payload": {
    run: "2,5",
    caughtBy: "2.1,2.2,2.3,2.4,2.6,2.9,2.10,2.11,5.6,5.7,5.8,5.19,5.20,29.2.2",
  },
  "answers pings without their payload": {
    run: "2,5",
    caughtBy: "2.2,2.3,2.4,2.6,2.9,2.10,2.11,5.6,5.7,5.8,5.19,5.20,29.2.2",
  },
  "answers pongs": { run: "2,5", caughtBy: "2.7,2.8,2.9" },
  "cuts pongs at 124 octets": { run: "2,5", caughtBy: "2.4,2.6" },
  "does not answer pings": {
    run: "2,5",
    caughtBy: "2.1,2.2,2.3,2.4,2.6,2.9,2.10,2.11,5.6,5.7,5.8,5.19,5.20,29.2.2",
  },
  "joins pings into messages": { run: "2,5", caughtBy: "5.6,5.7,5.8,5.19,5.20" },
  "sends a pong behind every message": {
    run: "2,5",
    caughtBy:
      "1,5.3,5.4,5.5,5.6,5.7,5.8,5.15,5.19,5.20,6.1.3,6.2.3,6.5.1,6.6.2,7.1.1,10.1.1,20.2,23.1,24.2.9,29.1.2,29.5.3",
  },
  "takes a ping for the end of a message": { run: "2,5", caughtBy: "5.6,5.7,5.8,5.19,5.20" },
  "takes the payload of pings for a text": { run: "2,5", caughtBy: "2.3,2.4,2.6" },
  // The closing handshake.
  "accepts a Close frame of one octet": { run: "7,22", caughtBy: "7.3.2" },
  "accepts a reason that is not UTF-8": { run: "7,22", caughtBy: "7.5.1" },
  "accepts close codes up to 2999": { run: "7,22", caughtBy: "7.9.6,7.9.7,7.9.8,7.9.9" },
  "accepts every close code": { run: "7,22", caughtBy: "7.9,22.2.1" },
  "accepts the close code 1004": { run: "7,22", caughtBy: "7.9.3" },
  "accepts the close code 1015": { run: "7,22", caughtBy: "22.2.1" },
  "accepts the close code 999": { run: "7,22", caughtBy: "7.9.2" },
  "accepts the close codes 1005 and 1006": { run: "7,22", caughtBy: "7.9.4,7.9.5" },
  "answers Close frames with 1005": {
    run: "7,22",
    caughtBy:
      "1,2,5.3,5.6,6.1.3,6.2.3,6.5.1,6.6.2,7.1.1,7.1.2,7.1.3,7.1.4,7.1.5,7.3.1,7.3.3,7.3.4,7.3.5,7.7,10.1.1,20.2,22.1,22.3.1,22.3.2,22.3.3,22.3.4,22.3.5,22.3.6,22.3.7,22.4.6,23.1,23.3.2,24.2.9,29",
  },
  "answers Close frames with 1006": {
    run: "7,22",
    caughtBy:
      "1,2,5.3,5.6,6.1.3,6.2.3,6.5.1,6.6.2,7.1.1,7.1.2,7.1.3,7.1.4,7.1.5,7.3.1,7.3.3,7.3.4,7.3.5,7.7,10.1.1,20.2,22.1,22.3.1,22.3.2,22.3.3,22.3.4,22.3.5,22.3.6,22.3.7,23.1,23.3.2,24.2.9,29",
  },
  "answers Close frames with half a code": {
    run: "7,22",
    caughtBy:
      "1,2,5.3,5.6,6.1.3,6.2.3,6.5.1,6.6.2,7.1.1,7.1.2,7.1.3,7.1.4,7.1.5,7.3.1,7.3.3,7.3.4,7.3.5,7.7,10.1.1,20.2,22.1,22.3.1,22.3.2,22.3.3,22.3.4,22.3.5,22.3.6,22.3.7,22.4.6,23.1,23.3.2,24.2.9,29",
  },
  "answers a Close frame without a code with 1005": { run: "7,22", caughtBy: "7.3.1" },
  "answers every Close frame": { run: "7,22", caughtBy: "7.1.2,22.3.6" },
  "answers every Close frame with 1001": {
    run: "7,22",
    caughtBy:
      "1,2,5.3,5.6,6.1.3,6.2.3,6.5.1,6.6.2,7.1.1,7.1.2,7.1.3,7.1.4,7.1.5,7.3.1,7.3.3,7.3.4,7.3.5,7.7.1,7.7.3,7.7.4,7.7.5,7.7.6,7.7.7,7.7.8,7.7.9,7.7.10,7.7.11,7.7.12,7.7.13,10.1.1,20.2,22.1,22.3.1,22.3.2,22.3.3,22.3.4,22.3.5,22.3.6,22.3.7,22.4.6,23.1,23.3.2,24.2.9,29",
  },
  "answers pings behind a Close frame": { run: "7,22", caughtBy: "7.1.3" },
  "answers what comes behind a Close frame": {
    run: "7,22",
    caughtBy: "7.1.2,7.1.3,7.1.4,7.1.5,22.3.6",
  },
  "dies when TCP ends within a frame": { run: "7,22", caughtBy: "22.4.3,22.4.4", isAlone: true },
  "does not answer Close frames": {
    run: "7,22",
    caughtBy:
      "1,2,5.3,5.6,6.1.3,6.2.3,6.5.1,6.6.2,7.1.1,7.1.2,7.1.3,7.1.4,7.1.5,7.3.1,7.3.3,7.3.4,7.3.5,7.7,10.1.1,20.2,22.1,22.3.1,22.3.2,22.3.3,22.3.4,22.3.5,22.3.6,22.3.7,23.1,23.3.2,24.2.9,29",
  },
  "does not know close codes from 3000": { run: "7,22", caughtBy: "7.7.10,7.7.11,7.7.12,7.7.13" },
  "does not know the close codes 1012 to 1014": { run: "7,22", caughtBy: "22.1" },
  "does not notice that TCP ends": { run: "7,22", caughtBy: "22.4.1,22.4.2,22.4.3,22.4.4,22.4.5" },
  "keeps TCP after the closing handshake": {
    run: "7,22",
    caughtBy:
      "1,2,5.3,5.6,6.1.3,6.2.3,6.5.1,6.6.2,7.1.1,7.1.2,7.1.3,7.1.4,7.1.5,7.3.1,7.3.3,7.3.4,7.3.5,7.7,10.1.1,20.2,22.1,22.3.1,22.3.2,22.3.3,22.3.4,22.3.5,22.3.6,22.3.7,23.1,23.3.2,24.2.9,29",
  },
  "sends a text behind its Close frame": {
    run: "7,22",
    caughtBy:
      "1,2,5.3,5.6,6.1.3,6.2.3,6.5.1,6.6.2,7.1.1,7.1.2,7.1.3,7.1.4,7.1.5,7.3.1,7.3.3,7.3.4,7.3.5,7.7,10.1.1,20.2,22.1,22.3.1,22.3.2,22.3.3,22.3.4,22.3.5,22.3.6,22.3.7,22.4.6,23.1,23.3.2,24.2.9,29",
  },
  // How a connection is failed.
  "fails connections with 1000": {
    run: "2,3,7",
    caughtBy: "2.5,3,4,5.9,6.20.1,7.3.2,7.3.6,7.5.1,7.9,21,23.2.1",
  },
  "keeps TCP after it has failed": {
    run: "2,3,7",
    caughtBy: "2.5,3,4,5.9,6.20.1,7.3.2,7.3.6,7.5.1,7.9,21,23.2.1",
  },
  // permessage-deflate.
  "accepts RSV1 on continuations": { run: "23", caughtBy: "23.2.1,23.2.2" },
  "accepts RSV1 on control frames": { run: "23", caughtBy: "23.2.3,23.2.4,23.2.5" },
  "compresses without RSV1": { run: "23", caughtBy: "23.1,23.3.1,23.3.2,23.3.4,23.3.5" },
  "cuts five octets of DEFLATE data": { run: "23", caughtBy: "23.3.1,23.3.2,23.3.4,23.3.5" },
  "does not check compressed texts": { run: "23", caughtBy: "23.2.12" },
  "echoes data that can't be inflated as it is": { run: "23", caughtBy: "23.2.9,23.2.11" },
  "fails bad DEFLATE data with 1000": { run: "23", caughtBy: "23.2.8,23.2.9,23.2.10,23.2.11" },
  "forgets the history of the client": { run: "23", caughtBy: "23.3.1,23.3.2,23.3.4,23.3.5" },
  "ignores server_no_context_takeover": { run: "23", caughtBy: "23.3.2,23.3.5" },
  "ignores the limit of its window": { run: "23", caughtBy: "23.3.4,23.3.5" },
  "inflates each fragment by itself": { run: "23", caughtBy: "23.1.9" },
  "inflates every message": { run: "23", caughtBy: "23.1.7,23.1.8" },
  "refuses a block with BFINAL": { run: "23", caughtBy: "23.1.4" },
} as const;

export type Fault = keyof typeof table;

/** Whether the server has this fault. */
export type Has = (fault: Fault) => boolean;

export const faults: Readonly<Record<Fault, FaultRow>> = table;
