// The octets of groups 6.5 to 6.23, after the stress test for UTF-8 decoders by Markus Kuhn: rows of
// a description and what it consists of, as hex.

/** A probe: its octets, and what they are. */
export interface Utf8Probe {
  readonly octets: Buffer;
  readonly title: string;
}

export interface Utf8Subgroup {
  readonly number: number;
  readonly title: string;
  readonly probes: readonly (Utf8Probe & { readonly isValid: boolean })[];
}

/** κόσμε with the ό (U+1F79) that has three octets; the other letters have two. */
export const kosme: Buffer = Buffer.from("cebae1bdb9cf83cebcceb5", "hex");

function subgroup(
  number: number,
  title: string,
  valid: readonly string[],
  invalid: readonly string[],
): Utf8Subgroup {
  const probe = (hex: string, isValid: boolean) => ({
    octets: Buffer.from(hex.replaceAll(" ", ""), "hex"),
    title: hex.length <= 60 ? hex.toUpperCase() : `${hex.slice(0, 45).toUpperCase()} …`,
    isValid,
  });
  return {
    number,
    title,
    probes: [...valid.map((hex) => probe(hex, true)), ...invalid.map((hex) => probe(hex, false))],
  };
}

function hexOf(text: string): string {
  return (Buffer.from(text).toString("hex").match(/../g) ?? []).join(" ");
}

/** Octets from `first` to `last`, each followed by a space. */
function leads(first: number, last: number): string {
  const numbers = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  return numbers.map((lead) => `${lead.toString(16)} 20`).join(" ");
}

const lastMissing = [
  "c0",
  "e0 80",
  "f0 80 80",
  "f8 80 80 80",
  "fc 80 80 80 80",
  "df",
  "ef bf",
  "f7 bf bf",
  "fb bf bf bf",
  "fd bf bf bf bf",
];

const allContinuations = Array.from({ length: 64 }, (_, index) => (0x80 + index).toString(16));

/** The last two code points of each of the 17 planes. */
const nonCharacters = Array.from({ length: 17 }, (_, plane) => [
  hexOf(String.fromCodePoint(plane * 0x10000 + 0xfffe)),
  hexOf(String.fromCodePoint(plane * 0x10000 + 0xffff)),
]).flat();

const prefixes: Utf8Subgroup = {
  number: 6,
  title: "a prefix of κόσμε",
  probes: Array.from(kosme, (_, index) => ({
    octets: kosme.subarray(0, index + 1),
    title: `the first ${index + 1} of ${kosme.length} octets`,
    isValid: [2, 5, 7, 9, 11].includes(index + 1),
  })),
};

export const utf8Subgroups: readonly Utf8Subgroup[] = [
  subgroup(
    5,
    "characters of one to four octets",
    ["$", "¢", "€", "𤭢", "Hello $¢€𤭢"].map(hexOf),
    [],
  ),
  prefixes,
  subgroup(7, "the lowest code point of a length", ["00", "c2 80", "e0 a0 80", "f0 90 80 80"], []),
  subgroup(8, "the lowest of five and six octets", [], ["f8 88 80 80 80", "fc 84 80 80 80 80"]),
  subgroup(9, "the highest code point of a length", ["7f", "df bf", "ef bf bf", "f4 8f bf bf"], []),
  subgroup(
    10,
    "the highest of four, five and six octets",
    [],
    ["f7 bf bf bf", "fb bf bf bf bf", "fd bf bf bf bf bf"],
  ),
  subgroup(
    11,
    "at the borders of what there is",
    ["ed 9f bf", "ee 80 80", "ef bf bd", "f4 8f bf bf"],
    ["f4 90 80 80"],
  ),
  subgroup(
    12,
    "continuation octets without a lead",
    [],
    [
      "80",
      "bf",
      "80 bf",
      "80 bf 80",
      "80 bf 80 bf",
      "80 bf 80 bf 80",
      "80 bf 80 bf 80 bf",
      allContinuations.join(" "),
    ],
  ),
  subgroup(
    13,
    "leads without continuation octets",
    [],
    [leads(0xc0, 0xdf), leads(0xe0, 0xef), leads(0xf0, 0xf7), leads(0xf8, 0xfb), leads(0xfc, 0xfd)],
  ),
  subgroup(14, "the last octet is missing", [], lastMissing),
  subgroup(15, "the last octet is missing, ten times", [], [lastMissing.join(" ")]),
  subgroup(16, "octets that UTF-8 does not have", [], ["fe", "ff", "fe fe ff ff"]),
  subgroup(
    17,
    "an overlong /",
    [],
    ["c0 af", "e0 80 af", "f0 80 80 af", "f8 80 80 80 af", "fc 80 80 80 80 af"],
  ),
  subgroup(
    18,
    "the highest of the overlong",
    [],
    ["c1 bf", "e0 9f bf", "f0 8f bf bf", "f8 87 bf bf bf", "fc 83 bf bf bf bf"],
  ),
  subgroup(
    19,
    "an overlong NUL",
    [],
    ["c0 80", "e0 80 80", "f0 80 80 80", "f8 80 80 80 80", "fc 80 80 80 80 80"],
  ),
  subgroup(
    20,
    "a surrogate",
    [],
    ["ed a0 80", "ed ad bf", "ed ae 80", "ed af bf", "ed b0 80", "ed be 80", "ed bf bf"],
  ),
  subgroup(
    21,
    "a pair of surrogates",
    [],
    [
      "ed a0 80 ed b0 80",
      "ed a0 80 ed bf bf",
      "ed ad bf ed b0 80",
      "ed ad bf ed bf bf",
      "ed ae 80 ed b0 80",
      "ed ae 80 ed bf bf",
      "ed af bf ed b0 80",
      "ed af bf ed bf bf",
    ],
  ),
  subgroup(22, "non-characters, which are valid", nonCharacters, []),
  subgroup(
    23,
    "specials, which are valid",
    Array.from({ length: 7 }, (_, index) => hexOf(String.fromCharCode(0xfff9 + index))),
    [],
  ),
];
