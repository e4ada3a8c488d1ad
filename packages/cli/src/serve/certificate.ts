// A certificate that signs itself (RFC 5280), made when a server starts: node:crypto has keys and signatures, and what
// it has not is a hundred bytes of DER. It is good for the names of this machine, for servers only, and for a month.

import { generateKeyPairSync, randomBytes, sign, X509Certificate } from "node:crypto";
import { isIPv4, isIPv6 } from "node:net";
import { networkInterfaces } from "node:os";
import { bitString, der, objectIdentifier, sequence, utcTime } from "./der.ts";

export interface OwnCertificate {
  /** PEM. */
  readonly cert: string;
  readonly key: string;
  /** SHA-256, as browsers and openssl show it. */
  readonly fingerprint: string;
  /** What it is good for: names and addresses. */
  readonly names: readonly string[];
}

const hourMs = 3_600_000;
const validMs = 30 * 24 * hourMs;

const ecdsaWithSha256 = sequence(objectIdentifier("1.2.840.10045.4.3.2"));
const commonName = "2.5.4.3";
const True = der(0x01, Buffer.from([0xff]));

/** Makes one for a server that listens on that host. */
export function makeCertificate(host: string, now: Date = new Date()): OwnCertificate {
  const names = namesFor(host);
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  // Clocks are not all the same.
  const from = new Date(now.getTime() - hourMs);
  const to = new Date(now.getTime() + validMs);
  const name = sequence(
    der(0x31, sequence(objectIdentifier(commonName), der(0x0c, Buffer.from("localhost")))),
  );
  const serial = randomBytes(16);
  // A positive number, of as many bytes as it needs.
  serial[0] = ((serial[0] as number) & 0x7f) | 0x40;
  const toBeSigned = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, serial),
    ecdsaWithSha256,
    name,
    sequence(utcTime(from), utcTime(to)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, sequence(...extensions(names))),
  );
  const signature = bitString(sign("sha256", toBeSigned, privateKey));
  const certificate = new X509Certificate(sequence(toBeSigned, ecdsaWithSha256, signature));
  return {
    cert: certificate.toString(),
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    fingerprint: certificate.fingerprint256,
    names,
  };
}

function extensions(names: readonly string[]): Buffer[] {
  return [
    // basicConstraints: no authority, so it vouches for nobody else.
    extension("2.5.29.19", sequence(), true),
    // keyUsage: digitalSignature.
    extension("2.5.29.15", der(0x03, Buffer.from([7, 0x80])), true),
    // extKeyUsage: serverAuth.
    extension("2.5.29.37", sequence(objectIdentifier("1.3.6.1.5.5.7.3.1")), false),
    // subjectAltName.
    extension("2.5.29.17", sequence(...names.map(generalName)), false),
  ];
}

function extension(identifier: string, value: Buffer, isCritical: boolean): Buffer {
  const critical = isCritical ? [True] : [];
  return sequence(objectIdentifier(identifier), ...critical, der(0x04, value));
}

/** RFC 5280 §4.2.1.6: an address is its bytes, a name its letters. */
function generalName(name: string): Buffer {
  if (isIPv4(name)) return der(0x87, Buffer.from(name.split(".").map(Number)));
  if (isIPv6(name)) return der(0x87, ipv6Bytes(name));
  return der(0x82, Buffer.from(name, "latin1"));
}

function ipv6Bytes(address: string): Buffer {
  // The URL parser writes an IPv4 tail as two groups; then there are at most one gap and eight groups.
  const [head = "", tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split("::");
  const groups = (text: string): number[] =>
    text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16));
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const bytes = Buffer.alloc(16);
  for (const [index, group] of before.entries()) bytes.writeUInt16BE(group, 2 * index);
  for (const [index, group] of after.entries()) {
    bytes.writeUInt16BE(group, 16 - 2 * (after.length - index));
  }
  return bytes;
}

/** This machine as it calls itself, and the host; of a host that is all addresses, all of them. */
function namesFor(host: string): string[] {
  const isEverywhere = host === "0.0.0.0" || host === "::";
  const found = Object.values(networkInterfaces()).flatMap((addresses = []) =>
    // An address that is good on one link only has that link's name in it.
    addresses.map(({ address }) => address).filter((address) => !address.startsWith("fe80")),
  );
  return [...new Set(["localhost", "127.0.0.1", "::1", ...(isEverywhere ? found : [host])])];
}
