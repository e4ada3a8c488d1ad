// Group 6: texts have to be UTF-8, and what is not fails the connection with 1007: soon, if it is good.

import {
  type CloseExpectation,
  cleanClose,
  event,
  failure,
  fragments,
  type Group,
  mark,
  pause,
  send,
  type Step,
  text,
} from "../engine/case.ts";
import { opcodes } from "../wire/frame.ts";
import { kosme, utf8Subgroups } from "./06-utf8-probes.ts";
import { type SimpleCase, simpleCase } from "./simple-case.ts";

const section = "RFC 6455 §5.6, §8.1";
const echoed = "It is UTF-8, and comes back.";
const refused = "It is not UTF-8: the connection is failed with 1007.";
const failing = failure(1007);

const mixed = Buffer.from("Hello-µ@ßöäüàá-UTF-8!!");
/** An octet of this lies between two characters. */
const cut = Buffer.byteLength("Hello-µ@ßöä");

type Row = Pick<SimpleCase, "title" | "steps" | "events"> & {
  readonly close: CloseExpectation;
};

function good(title: string, payloads: readonly (string | Buffer)[]): Row {
  const whole = Buffer.concat(payloads.map((payload) => Buffer.from(payload as Buffer)));
  const frames = fragments(opcodes.text, payloads);
  return {
    title,
    steps: [send(frames)],
    events: { OK: [event("text", whole)] },
    close: cleanClose,
  };
}

function bad(title: string, payloads: readonly Buffer[]): Row {
  const steps = [send(fragments(opcodes.text, payloads))];
  return { title, steps, events: { OK: [] }, close: failing };
}

function singleOctets(octets: Buffer): Buffer[] {
  return Array.from(octets, (octet) => Buffer.of(octet));
}

const surrogate = Buffer.concat([kosme, Buffer.from("eda080", "hex"), Buffer.from("edited")]);
/** Beyond the last code point from its second octet on. */
const beyond = Buffer.concat([kosme, Buffer.from("f4908080", "hex"), Buffer.from("edited")]);

const openAfter = ["still open after the first part", "still open after the second"] as const;
const between: readonly (readonly Step[])[] = openAfter.map((name) => [pause(1_000), mark(name)]);
const failFast: SimpleCase["events"] = {
  OK: [event("mark", openAfter[0])],
  "NON-STRICT": openAfter.map((name) => event("mark", name)),
};

function inFrames(first: number, second: number): Row {
  const parts = [
    beyond.subarray(0, first),
    beyond.subarray(first, second),
    beyond.subarray(second),
  ];
  const frames = fragments(opcodes.text, parts);
  const steps = frames.flatMap((frame, index) => [...(between[index - 1] ?? []), send([frame])]);
  return {
    title: `A text in three frames, a second apart, cut at ${first} and ${second}`,
    steps,
    events: failFast,
    close: failing,
  };
}

function inOneFrame(first: number, second: number): Row {
  return {
    title: `A frame in three parts, a second apart, cut at ${first} and ${second}`,
    steps: [{ do: "send in parts", frame: text(beyond), cuts: [first, second], between }],
    events: failFast,
    close: failing,
  };
}

const tables: readonly (readonly Row[])[] = [
  [
    good("An empty text", [""]),
    good("A text in three empty fragments", ["", "", ""]),
    good("A text in three fragments, the first and the last empty", ["", mixed, ""]),
  ],
  [
    good("A text with characters of several octets", [mixed]),
    good("The same, cut between two characters", [mixed.subarray(0, cut), mixed.subarray(cut)]),
    good("The same in fragments of one octet", singleOctets(mixed)),
    good("κόσμε in fragments of one octet", singleOctets(kosme)),
  ],
  [
    bad("A text with a surrogate (ED A0 80)", [surrogate]),
    bad("The same in fragments of one octet", singleOctets(surrogate)),
  ],
  [inFrames(11, 15), inFrames(12, 13), inOneFrame(11, 15), inOneFrame(12, 13)],
];

const failFastChecks =
  "The second part is not UTF-8: the connection is failed with 1007 when it comes, and not only " +
  "after the third, which is permitted, too.";

const rows: SimpleCase[] = tables.flatMap((table, subgroup) =>
  table.map((row, index) => ({
    ...row,
    id: `6.${subgroup + 1}.${index + 1}`,
    checks: row.events === failFast ? failFastChecks : row.close === failing ? refused : echoed,
    section,
  })),
);

const probes: SimpleCase[] = utf8Subgroups.flatMap((subgroup) =>
  subgroup.probes.map(({ octets, title, isValid }, index) => ({
    id: `6.${subgroup.number}.${index + 1}`,
    title: `A text: ${subgroup.title}: ${title}`,
    checks: isValid ? echoed : refused,
    section,
    steps: [send([text(octets)])],
    events: { OK: isValid ? [event("text", octets)] : [] },
    close: isValid ? cleanClose : failing,
    limitMs: 500,
  })),
);

export const utf8: Group = {
  number: 6,
  title: "UTF-8",
  isPerformance: false,
  cases: [...rows, ...probes].map(simpleCase),
};
