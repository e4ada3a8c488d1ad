// Text in XML and HTML: what a peer has said is in reports, and must never become markup.

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** The text for content or an attribute; characters that XML does not have are replaced. */
export function escapeMarkup(text: string): string {
  return text
    .replaceAll(/(?![\t\n])\p{Cc}|[\uFFFE\uFFFF]/gu, "\uFFFD")
    .replaceAll(/[&<>"']/g, (character) => entities[character] as string);
}
