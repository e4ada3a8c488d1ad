// UTF-8 as the server of these tests checks it, octet by octet, with the mistakes that it may make.

/** Which sequences are let through that are none. */
export interface Utf8Mistakes {
  readonly surrogates: boolean;
  readonly overlong: boolean;
  readonly beyond: boolean;
}

/** Whether the octets are UTF-8, could become it, or can't. */
export function checkUtf8(octets: Buffer, mistakes: Utf8Mistakes): "whole" | "begun" | "wrong" {
  for (let index = 0; index < octets.length; ) {
    const lead = octets[index] as number;
    const size = lead < 0x80 ? 1 : lead < 0xc0 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (size === 0 || lead > 0xf7) return "wrong";
    const rest = octets.subarray(index + 1, index + size);
    if (rest.some((octet) => octet >> 6 !== 2)) return "wrong";
    const [low, high] = rangeOf(lead, mistakes);
    const [second] = rest;
    if (second !== undefined && (second < low || second > high)) return "wrong";
    if (!mistakes.overlong && (lead === 0xc0 || lead === 0xc1)) return "wrong";
    if (!mistakes.beyond && lead > 0xf4) return "wrong";
    if (rest.length < size - 1) return "begun";
    index += size;
  }
  return "whole";
}

/** What the second octet may be. */
function rangeOf(lead: number, { surrogates, overlong, beyond }: Utf8Mistakes): [number, number] {
  if (lead === 0xe0 && !overlong) return [0xa0, 0xbf];
  if (lead === 0xf0 && !overlong) return [0x90, 0xbf];
  if (lead === 0xed && !surrogates) return [0x80, 0x9f];
  if (lead === 0xf4 && !beyond) return [0x80, 0x8f];
  return [0x80, 0xbf];
}
