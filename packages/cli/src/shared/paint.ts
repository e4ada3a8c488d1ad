// Colours: `node:util` has them, and the stream says whether it shows them. A pipe has none, nor has a terminal where
// NO_COLOR is set (https://no-color.org) or TERM is "dumb".

import { styleText } from "node:util";

export type Style = Parameters<typeof styleText>[0];

/** Gives the text a style, or leaves it as it is. */
export type Paint = (style: Style, text: string) => string;

/** Paints for that stream. */
export function paintFor(stream: object): Paint {
  return hasColors(stream)
    ? (style, text) => styleText(style, text, { validateStream: false })
    : (_style, text) => text;
}

/** Whether the stream is a terminal that shows colours, and nobody has said no to them. */
export function hasColors(stream: object): boolean {
  const { hasColors: asked } = stream as { hasColors?: () => boolean };
  return (process.env["NO_COLOR"] ?? "") === "" && asked?.call(stream) === true;
}
