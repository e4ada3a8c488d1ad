// Servers that break each promise in turn: each fault is found, and named as what it is.

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Connection, ServerOptions } from "hawser";
import { bench, faultsOf, listen } from "./bench.js";

type Message = string | Buffer;
type Send = (message: Message) => void;

/** A server whose connections answer message n as `answer` does. */
function answering(
  answer: (message: Message, n: number, send: Send, ws: Connection<{ n: number }>) => void,
): ServerOptions<{ n: number }> {
  return {
    upgrade: () => ({ data: { n: 0 } }),
    message(ws, message) {
      answer(message, ws.data.n++, (one) => void ws.send(one), ws);
    },
  };
}

/** With one byte changed. */
function changed(message: Message, at: number): Message {
  if (typeof message === "string") return `${message.slice(0, at)}?${message.slice(at + 1)}`;
  const copy = Buffer.from(message);
  copy[at] = (copy[at] as number) ^ 1;
  return copy;
}

const every = 7;
/** Long enough to see that nothing comes. */
const impatient = ["--duration", "500ms", "--timeout", "200ms"];
const faulty: [title: string, options: ServerOptions<{ n: number }>, found: string[]][] = [
  [
    "loses some",
    answering((message, n, send) => {
      if (n % every !== 0) send(message);
    }),
    ["lost"],
  ],
  [
    "sends some twice",
    answering((message, n, send) => {
      send(message);
      if (n % every === 0) send(message);
    }),
    ["duplicated"],
  ],
  [
    "swaps neighbours",
    (() => {
      const held = new WeakMap<object, Message>();
      return answering((message, n, send, ws) => {
        const release = (): void => {
          const other = held.get(ws);
          held.delete(ws);
          if (other !== undefined) send(other);
        };
        if (n % every === 0) {
          held.set(ws, message);
          // The last one has no neighbour.
          setTimeout(release, 50);
          return;
        }
        send(message);
        release();
      });
    })(),
    ["reordered"],
  ],
  [
    "changes what they say",
    answering((message, n, send) => send(n % every === 0 ? changed(message, 60) : message)),
    ["altered"],
  ],
  [
    "changes their numbers",
    answering((message, n, send) => send(n % every === 0 ? changed(message, 5) : message)),
    ["altered"],
  ],
  [
    "cuts them short",
    answering((message, n, send) => send(n % every === 0 ? message.slice(0, 40) : message)),
    ["altered"],
  ],
  [
    "closes early",
    answering((message, n, send, ws) => {
      if (n === 3) ws.close(4001, "enough");
      else send(message);
    }),
    ["dropped", "lost"],
  ],
];

describe("hawser bench finds a server that", { concurrency: 6 }, () => {
  for (const [title, options, found] of faulty) {
    for (const kind of ["binary", "text"]) {
      it(`${title} (${kind})`, async () => {
        const server = await listen(options);
        const flags = kind === "text" ? ["--text"] : [];
        const { exitCode, result } = await bench(server.url, "--in-flight", "4", ...flags);
        assert.deepEqual(faultsOf(result).toSorted(), found);
        assert.equal(exitCode, 1);
        assert.equal(result.isFaultless, false);
        await server.close();
      });
    }
  }

  it("answers too late", async () => {
    const server = await listen(
      answering((message, n, send) => {
        if (n === 5) setTimeout(() => send(message), 600);
        else send(message);
      }),
    );
    const { exitCode, result } = await bench(
      server.url,
      "--duration",
      "700ms",
      "--timeout",
      "300ms",
    );
    assert.deepEqual(faultsOf(result), ["late", "stalls"]);
    assert.equal(exitCode, 1);
    await server.close();
  });

  it("does not answer any more", async () => {
    const server = await listen(
      answering((message, n, send) => {
        if (n < 5) send(message);
      }),
    );
    const { exitCode, result } = await bench(server.url, ...impatient);
    assert.deepEqual(faultsOf(result), ["lost", "stalls"]);
    assert.equal(exitCode, 1);
    await server.close();
  });

  it("takes less than the rate", async () => {
    const server = await listen({ open: (ws) => ws.pause() });
    const argv = ["--rate", "5000", "--size", "64k", ...impatient];
    const { exitCode, result } = await bench(server.url, ...argv);
    assert.deepEqual(faultsOf(result), ["lost", "stalls", "unsent"]);
    assert.equal(exitCode, 1);
    await server.close({ timeoutMs: 1 });
  });

  it("sends answers to the wrong client", async () => {
    let last: Connection<{ n: number }> | undefined;
    const server = await listen(
      answering((message, _n, _send, ws) => {
        (last ?? ws).send(message);
        last = ws;
      }),
    );
    const { exitCode, result } = await bench(server.url);
    assert.ok(faultsOf(result).includes("misdelivered"));
    assert.equal(exitCode, 1);
    await server.close();
  });

  it("refuses", async () => {
    const server = await listen({ upgrade: () => new Response("sign in", { status: 401 }) });
    const { exitCode, result } = await bench(server.url);
    assert.deepEqual(faultsOf(result), ["failed"]);
    assert.match(Object.keys(result.problems).join("\n"), /401/);
    assert.equal(exitCode, 1);
    await server.close();
  });

  it("is not there", async () => {
    const server = await listen({});
    const { url } = server;
    await server.close();
    const { exitCode, result } = await bench(url);
    assert.deepEqual(faultsOf(result), ["failed"]);
    assert.equal(exitCode, 1);
  });

  it("greets: that is counted, and no fault", async () => {
    const server = await listen({
      open: (ws) => void ws.send("welcome"),
      message: (ws, message) => void ws.send(message),
    });
    const { exitCode, result } = await bench(server.url);
    assert.equal(result.counts.unknown, 2);
    assert.deepEqual(faultsOf(result), []);
    assert.equal(exitCode, 0);
    await server.close();
  });
});

describe("hawser bench --scenario fan-out finds a server that", { concurrency: 4 }, () => {
  const fanOut = ["--scenario", "fan-out", "--connections", "4", "--in-flight", "2"];

  /** Publishes to all, one by one, as `send` does. */
  function broadcasting(
    send: (ws: Connection, message: Message, n: number, index: number) => void,
  ): ServerOptions {
    const all = new Set<Connection>();
    let n = 0;
    return {
      open: (ws) => void all.add(ws),
      close: (ws) => void all.delete(ws),
      message(_ws, message) {
        n++;
        for (const [index, ws] of [...all].entries()) send(ws, message, n, index);
      },
    };
  }

  const faultyFanOut: [title: string, options: ServerOptions, found: string[], more?: string[]][] =
    [
      [
        "forgets a listener now and then",
        broadcasting((ws, message, n, index) => {
          if (n % every !== 0 || index !== 1) ws.send(message);
        }),
        ["lost"],
      ],
      [
        "sends a copy twice",
        broadcasting((ws, message, n, index) => {
          ws.send(message);
          if (n % every === 0 && index === 1) ws.send(message);
        }),
        ["duplicated"],
      ],
      [
        "changes a copy",
        broadcasting((ws, message, n, index) => {
          ws.send(n % every === 0 && index === 1 ? changed(message, 60) : message);
        }),
        ["altered"],
      ],
      ["sends to nobody", { message() {} }, ["lost", "stalls"], impatient],
    ];
  for (const [title, options, found, more = []] of faultyFanOut) {
    it(title, async () => {
      const server = await listen(options);
      const { exitCode, result } = await bench(server.url, ...fanOut, ...more);
      assert.deepEqual(faultsOf(result), found);
      assert.equal(exitCode, 1);
      await server.close();
    });
  }
});

describe("hawser bench --scenario idle finds a server that", () => {
  it("lets a connection go", async () => {
    let opened = 0;
    const server = await listen({
      open(ws) {
        if (++opened === 2) setImmediate(() => ws.terminate());
      },
    });
    const { exitCode, result } = await bench(server.url, "--scenario", "idle");
    assert.deepEqual(faultsOf(result), ["dropped"]);
    assert.equal(result.counts.dropped, 1);
    assert.equal(exitCode, 1);
    await server.close();
  });

  it("does not answer a Ping", async () => {
    const server = await listen({ open: (ws) => ws.pause() });
    const { exitCode, result } = await bench(server.url, "--scenario", "idle");
    assert.deepEqual(faultsOf(result), ["lost", "stalls"]);
    assert.equal(exitCode, 1);
    await server.close({ timeoutMs: 1 });
  });
});
