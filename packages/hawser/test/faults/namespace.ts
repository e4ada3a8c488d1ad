// A network namespace, which is a machine of its own as far as the network is concerned, with one link
// to this one. It is removed by `remove` and at the latest when this process ends.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { atExit } from "./at-exit.ts";

const command = "/sbin/ip";

const existing = new Set<Namespace>();
atExit(() => {
  for (const namespace of existing) namespace.remove();
});

/** Which end of the link: ours, or the one inside. */
export type LinkEnd = "outside" | "inside";

export class Namespace {
  readonly #name = `hawser-${process.pid}`;
  readonly #links: Readonly<Record<LinkEnd, string>> = {
    outside: `hwo${process.pid}`,
    inside: `hwi${process.pid}`,
  };
  /** The address of each end; the block is for tests of networks (RFC 2544). */
  readonly address: Readonly<Record<LinkEnd, string>>;

  constructor() {
    const subnet = process.pid % 0x4000;
    const prefix = `198.18.${subnet >> 6}`;
    const first = (subnet & 63) * 4;
    this.address = { outside: `${prefix}.${first + 1}`, inside: `${prefix}.${first + 2}` };
    const { outside, inside } = this.#links;
    existing.add(this);
    try {
      ip("netns", "add", this.#name);
      ip("link", "add", outside, "type", "veth", "peer", "name", inside, "netns", this.#name);
      ip("addr", "add", `${this.address.outside}/30`, "dev", outside);
      this.#inside("addr", "add", `${this.address.inside}/30`, "dev", inside);
      this.setLink("outside", "up");
      this.setLink("inside", "up");
    } catch (error) {
      this.remove();
      throw error;
    }
  }

  /** What has to stand before a command to run it inside. */
  get wrapper(): readonly string[] {
    return [command, "netns", "exec", this.#name];
  }

  setLink(end: LinkEnd, state: "up" | "down"): void {
    const order = ["link", "set", this.#links[end], state];
    if (end === "inside") this.#inside(...order);
    else ip(...order);
  }

  /** Harmless when there is nothing to remove. */
  remove(): void {
    spawnSync(command, ["link", "delete", this.#links.outside]);
    spawnSync(command, ["netns", "delete", this.#name]);
    existing.delete(this);
  }

  #inside(...args: string[]): void {
    ip("-netns", this.#name, ...args);
  }
}

function ip(...args: string[]): void {
  assert.equal(
    process.getuid?.(),
    0,
    "this test makes a network namespace, which only root may do on Linux: run the tests as root",
  );
  assert.ok(existsSync(command), `this test needs ${command}: apt-get install -y iproute2`);
  const { error, status, stderr } = spawnSync(command, args, { encoding: "utf8" });
  assert.equal(status, 0, `ip ${args.join(" ")}: ${error?.message ?? stderr}`);
}
