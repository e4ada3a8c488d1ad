// What the messages of groups 12 and 13 are cut from: five files of different kinds, made anew from a
// fixed seed when they are first needed, so that every run says the same.

import { deflateSync } from "node:zlib";
import { Random } from "../wire/random.ts";

/** Octets of each file: more than the largest message, so that a window can slide through it. */
const fileOctets = 384 * 1024;

type Maker = (random: Random) => Buffer;

function repeat(random: Random, part: (random: Random, index: number) => string): Buffer {
  const parts: string[] = [];
  for (let length = 0, index = 0; length < fileOctets; index++) {
    const next = part(random, index);
    length += next.length;
    parts.push(next);
  }
  return Buffer.from(parts.join("")).subarray(0, fileOctets);
}

function pick<Item>(random: Random, items: readonly Item[]): Item {
  return items[random.below(items.length)] as Item;
}

const english = "time year people way day man thing woman life child world school state".split(" ");
const german = (
  "der Weg die Brücke das Schiff ein Tau über dem Fluß unter grauem Himmel zieht langsam gegen " +
  "Süden wo früh am Morgen Möwen schreien und Männer mit müden Händen schöne Knoten lösen"
).split(" ");

function jsonRecord(random: Random, index: number): string {
  const tags = [pick(random, english), pick(random, english)];
  return `${JSON.stringify({
    id: index,
    name: `${pick(random, english)} ${pick(random, english)}`,
    price: random.below(100_000) / 100,
    inStock: random.below(2) === 1,
    tags,
    position: { lat: random.below(180_000) / 1000 - 90, lon: random.below(360_000) / 1000 - 180 },
  })},\n`;
}

function germanSentence(random: Random): string {
  const words = Array.from({ length: 6 + random.below(14) }, () => pick(random, german));
  const [first = ""] = words;
  return `${[first.charAt(0).toUpperCase() + first.slice(1), ...words.slice(1)].join(" ")}. `;
}

function htmlParagraph(random: Random, index: number): string {
  const words = Array.from({ length: 8 + random.below(20) }, () => pick(random, english)).join(" ");
  return index % 5 === 0
    ? `<section class="part" id="part-${index}">\n<h2>${words.slice(0, 30)}</h2>\n`
    : `<p class="text"><a href="/${pick(random, english)}/${index}">${words}</a> &amp; more.</p>\n`;
}

/** An uncompressed picture: a gradient with a little noise, under the header of a bitmap. */
function bitmap(random: Random): Buffer {
  const octets = Buffer.alloc(fileOctets);
  octets.write("BM", 0, "latin1");
  octets.writeUInt32LE(fileOctets, 2);
  const width = 512;
  for (let index = 54; index < fileOctets; index++) {
    const pixel = (index - 54) / 3;
    octets[index] = ((pixel % width) >> 1) + ((pixel / width) >> 1) + random.below(2);
  }
  return octets;
}

/** Objects of a PDF: a little text, and streams that are compressed already. */
function pdf(random: Random): Buffer {
  const parts: Buffer[] = [Buffer.from("%PDF-1.4\n")];
  for (let length = 0, index = 1; length < fileOctets; index++) {
    const stream = deflateSync(random.octets(2_000 + random.below(6_000)));
    const head = `${index} 0 obj\n<< /Length ${stream.length} /Filter /FlateDecode >>\nstream\n`;
    const part = Buffer.concat([Buffer.from(head), stream, Buffer.from("\nendstream\nendobj\n")]);
    length += part.length;
    parts.push(part);
  }
  return Buffer.concat(parts).subarray(0, fileOctets);
}

/** The kinds of files. */
export type CorpusKind = "JSON" | "bitmap" | "German prose" | "HTML" | "PDF";

const makers: Readonly<Record<CorpusKind, Maker>> = {
  JSON: (random) => repeat(random, jsonRecord),
  bitmap,
  "German prose": (random) => repeat(random, germanSentence),
  HTML: (random) => repeat(random, htmlParagraph),
  PDF: pdf,
};

const made = new Map<CorpusKind, Buffer>();

/** The window of the file that a round sends: so many octets, a little further on each time. */
export function windowOf(kind: CorpusKind, octets: number, round: number): Buffer {
  let file = made.get(kind);
  if (file === undefined) {
    file = makers[kind](new Random(kind));
    made.set(kind, file);
  }
  const room = file.length - octets;
  const from = (round * Math.max(1, Math.min(octets, 1_021))) % room;
  return file.subarray(from, from + octets);
}
