// The declarations of hawser/ws as users of `@types/ws` compile against them. The programs are in types/, and
// say `ws`: with that name they hold for `@types/ws`, with ours in its place they hold for Hawser.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { TypeProject } from "../support/type-check.ts";

const programs = join(import.meta.dirname, "../../test/ws/types");

/** A program, with another name in the place of `ws`. */
const program = (file: string, name = "ws"): string =>
  readFileSync(join(programs, file), "utf8")
    .replaceAll('from "ws"', `from "${name}"`)
    .replaceAll('require("ws")', `require("${name}")`)
    .replaceAll('module "ws"', `module "${name}"`);

describe("the types of hawser/ws", () => {
  let project: TypeProject;

  before(() => (project = new TypeProject({ hawser: "hawser", "@hawser/ws": "ws" })));
  after(() => project.remove());

  for (const name of ["ws", "hawser/ws", "@hawser/ws"]) {
    it(`a program for ws compiles with ${name}, imported and required`, () => {
      const files = {
        "a.mts": program("program.mts", name),
        "a.cts": program("program.cts", name),
      };
      project.compile(files);
      project.compile(files, { exactOptionalPropertyTypes: false, types: ["node"] });
    });

    it(`a program for ws compiles with ${name} for a bundler, and beside the types of the DOM`, () => {
      project.compile(
        { "a.ts": program("program.mts", name) },
        {
          module: "esnext",
          moduleResolution: "bundler",
          lib: ["es2023", "esnext.disposable", "dom", "dom.iterable"],
        },
      );
    });

    it(`a program adds members to the sockets of ${name}`, () => {
      project.compile({ "a.mts": program("augmentation.mts", name) });
    });
  }

  it("values are those of @types/ws where these are asked for", () => {
    project.compile({
      "a.mts": program("assignable.mts"),
      "a.cts": program("assignable.cts"),
    });
  });

  it("wrong programs are refused", () => project.compile({ "a.mts": program("refused.mts") }));

  it("every export has its type", () => project.compile({ "a.mts": program("exports.mts") }));
});
