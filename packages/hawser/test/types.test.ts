// The declarations of `hawser` and `hawser/protocol` as users compile against them, and that no export of
// the three faces is without a type test. The programs are in types/, and for the others in ws/ and web/.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { TypeProject } from "./support/type-check.ts";

const sources = join(import.meta.dirname, "../test");
const dist = join(import.meta.dirname, "../dist");

const source = (path: string): string => readFileSync(join(sources, path), "utf8");

describe("the types of hawser", () => {
  let project: TypeProject;

  before(() => (project = new TypeProject({ hawser: "hawser" })));
  after(() => project.remove());

  it("every export, with the types of Node", () => {
    project.compile({ "a.mts": source("types/hawser.mts") }, { types: ["node"] });
  });

  it("every export of hawser/protocol, without the types of any platform", () => {
    project.compile({ "a.mts": source("types/protocol.mts") }, { lib: ["es2023"] });
  });
});

/** The names that a declaration file exports, of values and of types, behind every `export *`. */
function exportsOf(file: string): string[] {
  const text = readFileSync(file, "utf8");
  const lists = [...text.matchAll(/export (?:type )?\{([^}]*)\}/g)].flatMap(([, list]) =>
    (list as string).split(",").map((name) => name.replace(/^\s*(type )?(.* as )?/, "").trim()),
  );
  const declared = [
    ...text.matchAll(
      /^export (?:declare )?(?:const|class|function|interface|type|namespace) (\w+)/gm,
    ),
  ].map(([, name]) => name as string);
  const others = [...text.matchAll(/export \* from "(.*)\.[jt]s"/g)].flatMap(([, path]) =>
    exportsOf(join(file, "..", `${path}.d.ts`)),
  );
  return [...new Set([...lists, ...declared, ...others])].filter((name) => name !== "");
}

describe("no export is without a type test", () => {
  for (const [face, file, least, programs] of [
    ["hawser", "index.d.ts", 45, ["types/hawser.mts", "web/types.test.ts"]],
    ["hawser/protocol", "protocol/index.d.ts", 80, ["types/protocol.mts"]],
    ["hawser/ws", "ws/index.d.ts", 25, ["ws/types/exports.mts"]],
  ] as const) {
    it(face, () => {
      const names = exportsOf(join(dist, file));
      assert.ok(names.length > least, `${names.length}`);
      const text = programs
        .map(source)
        .join("\n")
        .replaceAll(/^import [^;]*;|\/\/.*$/gm, "");
      const isUsed = (name: string): boolean => new RegExp(`\\b${name}\\b`).test(text);
      assert.deepEqual(
        names.filter((name) => !isUsed(name)),
        [],
      );
    });
  }
});
