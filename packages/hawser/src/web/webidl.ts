// What the interfaces here need of Web IDL: how arguments become values, and how an interface looks from
// outside: attributes that can be listed, constants that can't be changed, calls on the wrong object.

import { toUSVString } from "node:util";

/** The `TypeError` of an operation or attribute that is used on something else. */
export function illegalInvocation(): TypeError {
  return new TypeError("Illegal invocation");
}

/** @throws TypeError when fewer arguments were passed than the operation needs */
export function requireArguments(where: string, passed: number, required: number): void {
  if (passed >= required) return;
  throw new TypeError(`${where}: ${required} argument required, but only ${passed} present.`);
}

/** A value as DOMString. @throws TypeError for a symbol */
export function toDomString(value: unknown): string {
  // Not String(): that takes a symbol.
  return "".concat(value as string);
}

/** A value as USVString: surrogates without their other half become U+FFFD. @throws TypeError for a symbol */
export function toUsvString(value: unknown): string {
  return toUSVString(toDomString(value));
}

/**
 * A value as `[Clamp] unsigned short`: the nearest one, of two the even one.
 *
 * @throws TypeError for a symbol or a BigInt
 */
export function clampToUnsignedShort(value: unknown): number {
  // Not Number(): that takes a BigInt.
  const number = (value as number) - 0;
  if (Number.isNaN(number)) return 0;
  const clamped = Math.min(Math.max(number, 0), 0xffff);
  const floor = Math.floor(clamped);
  const rest = clamped - floor;
  const isUp = rest > 0.5 || (rest === 0.5 && floor % 2 === 1);
  return isUp ? floor + 1 : floor;
}

/** A value as `unsigned short`, without further attributes: modulo 2^16. @throws TypeError as above */
export function toUnsignedShort(value: unknown): number {
  const number = Math.trunc((value as number) - 0);
  return Number.isFinite(number) ? ((number % 0x10000) + 0x10000) % 0x10000 : 0;
}

/** A value as a dictionary; null and undefined are the empty one. @throws TypeError */
export function toDictionary(value: unknown, name: string): Readonly<Record<string, unknown>> {
  if (value === undefined || value === null) return {};
  if (typeof value === "object" || typeof value === "function") {
    return value as Readonly<Record<string, unknown>>;
  }
  throw new TypeError(`The provided value is not of type '${name}'.`);
}

/** The method that makes an object a sequence, if it has one. @throws TypeError when it is no function */
function iteratorOf(value: unknown): (() => Iterator<unknown>) | undefined {
  if (value === null || (typeof value !== "object" && typeof value !== "function"))
    return undefined;
  const method: unknown = (value as Partial<Iterable<unknown>>)[Symbol.iterator];
  if (method === undefined || method === null) return undefined;
  if (typeof method === "function") return method as () => Iterator<unknown>;
  throw new TypeError("The provided value is not iterable.");
}

/** A value as `(DOMString or sequence<DOMString>)`, a single string as a sequence of one. @throws TypeError */
export function toStringOrSequence(value: unknown): string[] {
  return iteratorOf(value) === undefined ? [toDomString(value)] : toSequence(value);
}

/** A value as `sequence<DOMString>`. @throws TypeError */
export function toSequence(value: unknown): string[] {
  if (iteratorOf(value) === undefined) {
    throw new TypeError("The provided value cannot be converted to a sequence.");
  }
  return Array.from(value as Iterable<unknown>, toDomString);
}

/** How an interface looks from outside, beyond what a class gives. */
export interface InterfaceShape {
  /** Attributes and operations, which can be listed. */
  readonly members: readonly string[];
  /** How many arguments are required, of the operations and the "constructor". */
  readonly required: Readonly<Record<string, number>>;
  /** Constants, on the interface and on its prototype. */
  readonly constants?: Readonly<Record<string, number>>;
}

/** Makes a class an interface object of Web IDL. */
export function defineInterface(
  type: { readonly name: string; readonly prototype: object },
  { members, required, constants = {} }: InterfaceShape,
): void {
  const { prototype } = type;
  for (const name of members) Object.defineProperty(prototype, name, { enumerable: true });
  for (const [name, length] of Object.entries(required)) {
    const operation: unknown = (prototype as Record<string, unknown>)[name];
    Object.defineProperty(operation, "length", { value: length });
  }
  for (const [name, value] of Object.entries(constants)) {
    const constant = { value, enumerable: true, writable: false, configurable: false };
    Object.defineProperty(type, name, constant);
    Object.defineProperty(prototype, name, constant);
  }
  Object.defineProperty(prototype, Symbol.toStringTag, { value: type.name, configurable: true });
}
