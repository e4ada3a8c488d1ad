// No two people in the room have the same name, nor names that differ only in case or in look-alike
// forms of one character (full width, ligatures). Who comes second gets a number behind it.

/** What two names have in common when they would be taken for the same. */
export function nameKey(name: string): string {
  return name.normalize("NFKC").toLowerCase();
}

/** The name, or the first of "name 2", "name 3", … whose key is not taken. */
export function freeName(wish: string, taken: ReadonlyMap<string, unknown>): string {
  let name = wish;
  for (let number = 2; taken.has(nameKey(name)); number++) name = `${wish} ${number}`;
  return name;
}
