import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type {
  Extension,
  ExtensionNegotiator,
  ExtensionOffer,
} from "../../../dist/protocol/index.js";
import { chooseExtension, confirmExtension } from "../../../dist/protocol/handshake/negotiation.js";

const offer = (name: string, ...keys: string[]): ExtensionOffer => ({
  name,
  parameters: keys.map((key) => [key, undefined] as const),
});

/** Knows its name and the parameter "fast"; declines every other parameter. */
function negotiator(name: string): ExtensionNegotiator {
  const agree = (one: ExtensionOffer): ReturnType<ExtensionNegotiator["accept"]> =>
    one.parameters.every(([key]) => key === "fast")
      ? { response: one, open: () => ({ name }) as Extension }
      : undefined;
  return { name, offers: [offer(name, "fast"), offer(name)], accept: agree, confirm: agree };
}

const known = [negotiator("x-a"), negotiator("x-b")];

describe("negotiation", () => {
  it("§9.1 a server takes the first offer that it accepts, in the client's order", () => {
    const offers = [offer("unknown"), offer("x-b", "odd"), offer("x-b", "fast"), offer("x-a")];
    assert.deepEqual(chooseExtension(known, offers)?.response, offer("x-b", "fast"));
    assert.equal(chooseExtension(known, [offer("unknown")]), undefined);
    assert.equal(chooseExtension([], offers), undefined);
  });

  it("§9.1 a client takes one answer to what it offered", () => {
    const agreed = confirmExtension(known, [offer("x-a", "fast")]);
    assert.ok(agreed !== undefined && agreed !== "refused");
    assert.equal(agreed.open().name, "x-a");
    assert.equal(confirmExtension(known, []), undefined);
  });

  it("§4.1 (5) a client refuses what it did not offer, and more than one", () => {
    assert.equal(confirmExtension(known, [offer("unknown")]), "refused");
    assert.equal(confirmExtension(known, [offer("x-a", "odd")]), "refused");
    assert.equal(confirmExtension(known, [offer("x-a"), offer("x-b")]), "refused");
  });
});
