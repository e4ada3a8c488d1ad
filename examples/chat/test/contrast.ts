// The contrast of every visible piece of text with what is behind it, as WCAG 2 computes it. Only
// plain colours count as ground: the page has text on gradients nowhere but on the body, whose two
// ends both have to do.

import type { Page } from "playwright-core";

/** One piece of text. */
export interface Contrast {
  readonly text: string;
  readonly ratio: number;
}

export function contrasts(page: Page): Promise<Contrast[]> {
  return page.evaluate(() => {
    type Colour = readonly number[];

    const luminance = (colour: Colour): number => {
      const [r = 0, g = 0, b = 0] = colour.slice(0, 3).map((value) => {
        const part = value / 255;
        return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const ratio = (one: Colour, other: Colour): number => {
      const [light = 0, dark = 0] = [luminance(one), luminance(other)].toSorted((a, b) => b - a);
      return (light + 0.05) / (dark + 0.05);
    };
    const colours = (css: string): Colour[] =>
      [...css.matchAll(/rgba?\(([^)]*)\)/g)]
        .map(([, numbers = ""]) => numbers.split(",").map(Number))
        .filter(([, , , alpha = 1]) => alpha > 0);
    const grounds = (element: Element): Colour[] => {
      for (let at: Element | null = element; at !== null; at = at.parentElement) {
        const { backgroundColor, backgroundImage } = getComputedStyle(at);
        const found = colours(`${backgroundColor} ${backgroundImage}`);
        if (found.length > 0) return found;
      }
      return [[255, 255, 255]];
    };

    const found: Contrast[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode() !== null) {
      const text = walker.currentNode.textContent?.trim() ?? "";
      const element = walker.currentNode.parentElement;
      if (text === "" || element === null || !element.checkVisibility()) continue;
      const [colour = []] = colours(getComputedStyle(element).color);
      found.push({ text, ratio: Math.min(...grounds(element).map((one) => ratio(colour, one))) });
    }
    return found;
  });
}
