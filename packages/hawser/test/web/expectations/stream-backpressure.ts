// WebSocketStream: whoever does not read stops whoever writes, both ways, on the wire.

import {
  type Api,
  ask,
  check,
  equal,
  type Expectation,
  newId,
  turn,
  within,
} from "./expectation.ts";

/** What the server notes once it does not change any more. */
async function settledNote(api: Api, id: string): Promise<string> {
  for (let last = ""; ; ) {
    const now = await ask(api, `/noted?id=${id}`);
    if (now === last) return now;
    last = now;
    for (let i = 0; i < 40; i++) await turn();
  }
}

export const streamBackpressure: readonly Expectation[] = [
  {
    title: "a reader that does not read stops the peer; reading goes on where it stopped",
    run: async (api) => {
      const id = newId();
      const wss = new api.WebSocketStream(`${api.server}/flood?id=${id}`);
      const { readable } = await within(wss.opened, "opened");
      const note = await settledNote(api, id);
      check(/^waits after \d+$/.test(note), `the peer ${note}`);
      const reader = readable.getReader();
      let bytes = 0;
      for (;;) {
        const { value, done } = await within(reader.read(), "a chunk");
        if (done) break;
        bytes += (value as ArrayBuffer).byteLength;
      }
      equal(bytes, 512 * 64 * 1024);
      equal((await within(wss.closed, "closed")).closeCode, 1000);
    },
  },
  {
    title: "a peer that does not read leaves writes pending; they go on when it does",
    run: async (api) => {
      const id = newId();
      const wss = new api.WebSocketStream(`${api.server}/deaf?id=${id}`);
      const { writable } = await within(wss.opened, "opened");
      const writer = writable.getWriter();
      equal(writer.desiredSize, 1);
      const chunk = new Uint8Array(1024 * 1024);
      let written = 0;
      const writing = (async () => {
        for (let i = 0; i < 48; i++) {
          await writer.ready;
          await writer.write(chunk);
          written++;
        }
      })();
      let last = -1;
      while (written !== last) {
        last = written;
        for (let i = 0; i < 40; i++) await turn();
      }
      check(written < 48, `${written} of 48 were written`);
      equal(writer.desiredSize, 0);
      await ask(api, `/end?id=${id}`);
      await within(writing, "all writes", 15_000);
      await within(writer.close(), "closed");
      equal(await ask(api, `/noted?id=${id}`), `${48 * 1024 * 1024} bytes`);
    },
  },
];
