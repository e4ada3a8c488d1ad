// `extension.parse`, `extension.format` and `subprotocol.parse`: grammars of two header fields, with what is
// well-formed, malformed, or long.

import { differential, script } from "./runner.ts";
import { shapeOf } from "./shape.ts";
import type { Loose } from "./subjects.ts";

const extensionHeaders = [
  "foo",
  "foo,bar",
  "foo, bar , baz",
  "foo;a",
  "foo; a; b",
  "foo; a=1",
  "foo; a=1; a=2",
  "foo;a;a=1",
  "foo; a=b, foo; a=c",
  'foo; a="1"',
  'foo; a="b c"',
  'foo; a="b\\"c"',
  'foo; a="b\\c"',
  'foo; a="bc", bar',
  'foo; a = "1"',
  'foo; a=""',
  "foo; a=",
  "foo ; bar = 1",
  "foo\t;\tbar",
  " foo",
  "foo ",
  "\tfoo\t",
  "permessage-deflate; client_max_window_bits; server_max_window_bits=10",
  "foo;bar=1;baz=2,qux;quux",
  "__proto__",
  "foo; __proto__=1",
  "constructor; hasOwnProperty; toString",
  "",
  " ",
  ",",
  ",foo",
  "foo,",
  "foo,,bar",
  ";",
  "foo;",
  "foo;;a",
  "foo; a==1",
  "foo; =1",
  "foo=1",
  "foo bar",
  "foo; a b",
  "foo; a=b c",
  'foo; a="b',
  'foo; a=b"',
  'foo; a="b"c',
  'foo; a="ä"',
  'foo; a="\u0000"',
  "föö",
  "foo; a=ä",
  "foo\r\nbar",
  "f(oo",
  "foo; a=(b)",
  "foo/bar",
  "!#$%&'*+-.^_`|~09azAZ",
  "\\",
  `foo; a="${"x".repeat(1000)}"`,
];

const toFormat: Loose[] = [
  {},
  { foo: {} },
  { foo: [{}] },
  { foo: [] },
  { foo: [{ a: true }] },
  { foo: [{ a: ["1", 2] }] },
  { foo: [{ a: "1", b: true, c: ["x", "y"] }] },
  { foo: [{ a: true }, { b: "2" }] },
  { foo: { a: true }, bar: [{ b: 1 }] },
  { foo: [{ a: false }] },
  { foo: [{ a: 10 }] },
  { foo: [{ a: "with space" }] },
];

const subprotocolHeaders = [
  "foo",
  "foo,bar",
  "foo, bar",
  "foo ,bar",
  "foo\t,\tbar",
  "  foo  ,  bar  ",
  "foo,bar,baz",
  "foo,foo",
  "foo,Foo",
  "",
  " ",
  ",",
  "foo,",
  ",foo",
  "foo,,bar",
  "foo bar",
  "foo;bar",
  "föö",
  "foo/bar",
  "(foo)",
  '"foo"',
  "__proto__,constructor,toString",
  "!#$%&'*+-.^_`|~09azAZ",
  "foo\r\n",
  "foo\u0000",
  `${"b".repeat(10)}${" ".repeat(30_000)}x`,
];

differential("the grammar of headers", [
  ...extensionHeaders.map((header, i) =>
    script(`extension.parse ${i}: ${shapeOf(header)}`, ({ subject, log }) => {
      log.attempt("parse", () => subject.extension.parse(header));
    }),
  ),
  ...extensionHeaders.slice(0, 25).map((header, i) =>
    script(`extension.format of what parse gave ${i}: ${shapeOf(header)}`, ({ subject, log }) => {
      log.attempt("format", () => subject.extension.format(subject.extension.parse(header)));
    }),
  ),
  ...toFormat.map((extensions) =>
    script(`extension.format ${shapeOf(extensions)}`, ({ subject, log }) => {
      log.attempt("format", () => subject.extension.format(extensions));
    }),
  ),
  script("extension.parse gives objects without a prototype", ({ subject, log }) => {
    const parsed = subject.extension.parse("foo; a=1");
    log.note("prototypes", Object.getPrototypeOf(parsed) as unknown);
    log.note("of parameters", Object.getPrototypeOf((parsed["foo"] as unknown[])[0]) as unknown);
  }),
  ...subprotocolHeaders.map((header, i) =>
    script(`subprotocol.parse ${i}: ${shapeOf(header)}`, ({ subject, log }) => {
      log.attempt("parse", () => subject.subprotocol.parse(header));
    }),
  ),
  ...[undefined, null].map((value) =>
    script(`parse of ${shapeOf(value)}`, ({ subject, log }) => {
      for (const { parse } of [subject.extension, subject.subprotocol]) {
        try {
          log.note("returns", parse(value as never));
        } catch (error) {
          log.note("throws", (error as Error).constructor.name);
        }
      }
    }),
  ),
]);
