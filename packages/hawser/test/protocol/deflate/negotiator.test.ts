import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type AgreedExtension,
  chooseExtension,
  CompressionBudget,
  confirmExtension,
  DeflateNegotiator,
  type DeflateSettings,
  parseExtensions,
  serializeExtensions,
} from "../../../dist/protocol/index.js";
import type { DeflateAgreement } from "../../../dist/protocol/deflate/agreement.js";
import { ZlibEngine } from "./zlib-engine.js";

const shared: DeflateSettings = { mode: "shared", windowBits: 15, minBytes: 1024 };
const dedicated: DeflateSettings = { mode: "dedicated", windowBits: 15, minBytes: 1024 };
const small: DeflateSettings = { mode: "dedicated", windowBits: 10, minBytes: 1024 };
const engine = new ZlibEngine();

/** The headers below say "pmd" for the extension. */
function parse(header: string): ReturnType<typeof parseExtensions> & object {
  const parsed = parseExtensions(header.replaceAll("pmd", "permessage-deflate"));
  assert.ok(parsed !== undefined, header);
  return parsed;
}

function headerOf(agreed: AgreedExtension | undefined): string | undefined {
  return agreed && serializeExtensions([agreed.response]).replaceAll("permessage-deflate", "pmd");
}

/** An outcome in short: window and "+" for each direction whose window is kept. */
function outcome(agreed: AgreedExtension | undefined | "refused"): string {
  if (agreed === undefined || agreed === "refused") return String(agreed);
  const { sending, receiving } = agreed as DeflateAgreement;
  const short = ({ windowBits, takeover }: typeof sending): string =>
    `${windowBits}${takeover ? "+" : ""}`;
  return `${short(sending)} ${short(receiving)}`;
}

describe("permessage-deflate: a server's answer", () => {
  const snct = "server_no_context_takeover";
  const cnct = "client_no_context_takeover";
  const rows: [DeflateSettings, offers: string, response: string | undefined, outcome: string][] = [
    // §7.1.3, and what browsers offer
    [dedicated, "pmd", "pmd", "15+ 15+"],
    [dedicated, "pmd; client_max_window_bits", "pmd", "15+ 15+"],
    [
      dedicated,
      "pmd; client_max_window_bits; server_max_window_bits=10",
      "pmd; server_max_window_bits=10",
      "10+ 15+",
    ],
    // §7.1.1.1: what is asked for is promised
    [dedicated, `pmd; ${snct}`, `pmd; ${snct}`, "15 15+"],
    // §7.1.1.2: a hint that is taken
    [dedicated, `pmd; ${cnct}`, `pmd; ${cnct}`, "15+ 15"],
    [shared, "pmd", `pmd; ${snct}; ${cnct}`, "15 15"],
    [shared, `pmd; ${snct}; ${cnct}`, `pmd; ${snct}; ${cnct}`, "15 15"],
    // §7.1.2.1: the same or smaller; also unasked
    [dedicated, "pmd; server_max_window_bits=15", "pmd; server_max_window_bits=15", "15+ 15+"],
    [small, "pmd; server_max_window_bits=12", "pmd; server_max_window_bits=10", "10+ 15+"],
    [small, "pmd; server_max_window_bits=9", "pmd; server_max_window_bits=9", "9+ 15+"],
    [small, "pmd", "pmd; server_max_window_bits=10", "10+ 15+"],
    // §7.1.2.2: only where it was offered, the same or smaller
    [
      small,
      "pmd; client_max_window_bits",
      "pmd; server_max_window_bits=10; client_max_window_bits=10",
      "10+ 10+",
    ],
    [
      small,
      "pmd; client_max_window_bits=9",
      "pmd; server_max_window_bits=10; client_max_window_bits=9",
      "10+ 9+",
    ],
    [dedicated, "pmd; client_max_window_bits=12", "pmd; client_max_window_bits=12", "15+ 12+"],
    [dedicated, "pmd; client_max_window_bits=15", "pmd", "15+ 15+"],
    // 8: nothing is compressed, and what comes is inflated with zlib's 9
    [
      dedicated,
      "pmd; server_max_window_bits=8; client_max_window_bits=8",
      `pmd; ${snct}; server_max_window_bits=8; client_max_window_bits=8`,
      "8 9+",
    ],
    // §5.1: what is invalid is declined, and the next offer looked at
    [dedicated, "pmd; server_max_window_bits=7, pmd", "pmd", "15+ 15+"],
    [dedicated, `pmd; ${snct}; ${snct}, x-other, pmd; ${snct}`, `pmd; ${snct}`, "15 15+"],
    [dedicated, "pmd; server_max_window_bits=10, pmd", "pmd; server_max_window_bits=10", "10+ 15+"],
    [dedicated, "pmd; server_max_window_bits", undefined, "undefined"],
    [dedicated, "pmd; constructor, pmd; __proto__=1, pmd; toString", undefined, "undefined"],
    [dedicated, "x-webkit-deflate-frame", undefined, "undefined"],
  ];
  for (const [settings, offers, response, expected] of rows) {
    it(`§7.1 ${settings.mode} ${settings.windowBits}: ${offers}`, () => {
      const negotiator = new DeflateNegotiator(engine, settings);
      const agreed = chooseExtension([negotiator], parse(offers));
      assert.equal(headerOf(agreed), response);
      assert.equal(outcome(agreed), expected);
    });
  }

  it("is one object for all connections with the same outcome", () => {
    const negotiator = new DeflateNegotiator(engine, dedicated);
    const [first] = parse("pmd; client_max_window_bits=12");
    const [second] = parse('pmd; client_max_window_bits="12"');
    const [third] = parse("pmd");
    assert.ok(first && second && third);
    assert.equal(negotiator.accept(first), negotiator.accept(second));
    assert.notEqual(negotiator.accept(first), negotiator.accept(third));
  });

  it("past the budget keeps no window, until another connection has closed", () => {
    const each = 9 * 32_768;
    const budget = new CompressionBudget(2 * each + 1);
    const negotiator = new DeflateNegotiator(engine, dedicated, budget);
    const accept = (): AgreedExtension => {
      const agreed = chooseExtension([negotiator], parse("pmd"));
      assert.ok(agreed !== undefined);
      return agreed;
    };
    const [first, second] = [accept().open(), accept().open()];
    assert.equal(budget.usedBytes, 2 * each);
    const third = accept();
    assert.equal(headerOf(third), `pmd; ${snct}; ${cnct}`);
    assert.equal(outcome(third), "15 15");
    const open = third.open();
    assert.equal(budget.usedBytes, 2 * each);
    open.close();
    first.close();
    assert.equal(outcome(accept()), "15+ 15+");
    second.close();
    assert.equal(budget.usedBytes, 0);
  });
});

describe("permessage-deflate: a client's offers", () => {
  const simple = "server_no_context_takeover; client_no_context_takeover";
  const rows: [DeflateSettings, offers: string][] = [
    [shared, `pmd; ${simple}; client_max_window_bits, pmd; ${simple}`],
    [dedicated, "pmd; client_max_window_bits, pmd"],
    [small, "pmd; server_max_window_bits=10; client_max_window_bits=10, pmd"],
  ];
  for (const [settings, offers] of rows) {
    it(`§7.1 ${settings.mode} ${settings.windowBits}: the best first, then the simplest`, () => {
      const negotiator = new DeflateNegotiator(engine, settings);
      assert.deepEqual(negotiator.offers, parse(offers));
    });
  }

  it("a server of ours accepts the first", () => {
    for (const server of [shared, dedicated, small]) {
      for (const client of [shared, dedicated, small]) {
        const asking = new DeflateNegotiator(engine, client);
        const agreed = new DeflateNegotiator(engine, server).accept(asking.offers[0]!);
        assert.ok(agreed !== undefined);
        const confirmed = asking.confirm(agreed.response);
        const theirs = outcome(agreed).split(" ").toReversed().join(" ");
        assert.equal(outcome(confirmed), theirs);
      }
    }
  });
});

describe("permessage-deflate: a client's reading of the answer", () => {
  const snct = "server_no_context_takeover";
  const cnct = "client_no_context_takeover";
  const rows: [DeflateSettings, response: string, outcome: string][] = [
    [dedicated, "pmd", "15+ 15+"],
    [dedicated, `pmd; ${snct}`, "15+ 15"],
    // §7.1.1.2, §7.1.2.1: a server may limit itself, and forbid the client, unasked
    [dedicated, `pmd; ${cnct}`, "15 15+"],
    [dedicated, "pmd; server_max_window_bits=9", "15+ 9+"],
    [dedicated, "pmd; server_max_window_bits=8", "15+ 9+"],
    [dedicated, "pmd; client_max_window_bits=10", "10+ 15+"],
    [dedicated, "pmd; client_max_window_bits=8", "8 15+"],
    [small, "pmd", "10+ 15+"],
    [small, "pmd; server_max_window_bits=10; client_max_window_bits=10", "10+ 10+"],
    [small, "pmd; server_max_window_bits=9; client_max_window_bits=9", "9+ 9+"],
    [shared, `pmd; ${snct}`, "15 15"],
    [shared, `pmd; ${snct}; ${cnct}`, "15 15"],
    // §7.1.1.1, §7.1.2: not what was asked for
    [shared, "pmd", "refused"],
    [shared, `pmd; ${cnct}`, "refused"],
    [small, "pmd; server_max_window_bits=11", "refused"],
    [small, "pmd; client_max_window_bits=11", "refused"],
    // §5.1: invalid
    [dedicated, "pmd; client_max_window_bits", "refused"],
    [dedicated, "pmd; server_max_window_bits=7", "refused"],
    [dedicated, "pmd; server_max_window_bits=16", "refused"],
    [dedicated, `pmd; ${snct}; ${snct}`, "refused"],
    [dedicated, `pmd; ${snct}=1`, "refused"],
    [dedicated, "pmd; unknown", "refused"],
    [dedicated, "pmd, pmd", "refused"],
    [dedicated, "x-other", "refused"],
  ];
  for (const [settings, response, expected] of rows) {
    it(`§7.1 ${settings.mode} ${settings.windowBits}: ${response} is ${expected}`, () => {
      const negotiator = new DeflateNegotiator(engine, settings);
      const agreed = confirmExtension([negotiator], parse(response));
      assert.equal(outcome(agreed), expected);
      if (agreed !== undefined && agreed !== "refused") assert.equal(headerOf(agreed), response);
    });
  }

  it("past a budget keeps no window of its own; the server's it has to keep", () => {
    const negotiator = new DeflateNegotiator(engine, dedicated, new CompressionBudget(1000));
    const [response] = parse("pmd");
    assert.ok(response);
    assert.equal(outcome(negotiator.confirm(response)), "15 15+");
  });
});
