// The log of the room. Names and texts of people become text nodes and nothing else. It follows the
// newest entry unless the reader has scrolled up; then a button leads back. Old entries are dropped,
// so that a tab may stay open for weeks.

const maxEntries = 500;
const groupMs = 5 * 60_000;
/** Closer to the end than this, the reader is taken to be at the end. */
const nearEndPx = 48;

const clock = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const calendar = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });

/** What somebody said. */
export interface Said {
  readonly name: string;
  readonly text: string;
  readonly at: number;
  readonly isOwn: boolean;
}

export class Conversation {
  readonly #log: HTMLElement;
  readonly #newest: HTMLButtonElement;
  #last: Said | undefined;

  constructor(log: HTMLElement, newest: HTMLButtonElement) {
    this.#log = log;
    this.#newest = newest;
    log.addEventListener("scroll", () => {
      if (this.#isAtEnd) newest.hidden = true;
    });
    newest.addEventListener("click", () => {
      this.scrollToEnd();
      log.focus();
    });
    // A keyboard that opens, or a window that shrinks, must not hide the newest entry.
    let wasAtEnd = true;
    log.addEventListener("scroll", () => (wasAtEnd = this.#isAtEnd));
    new ResizeObserver(() => {
      if (wasAtEnd) this.scrollToEnd();
    }).observe(log);
  }

  addMessage(said: Said): void {
    const { name, text, at, isOwn } = said;
    const isContinued =
      this.#last?.name === name && this.#last.isOwn === isOwn && at - this.#last.at < groupMs;
    this.#last = said;
    const entry = element("div", isOwn ? "message own" : "message");
    entry.classList.toggle("continued", isContinued);
    const author = element("bdi", "author", isOwn ? "You" : name);
    const time = element("time", "time", clock.format(at));
    time.dateTime = new Date(at).toISOString();
    time.title = calendar.format(at);
    const head = element("p", "head");
    head.append(flag(name), author, " ", time);
    const body = element("p", "text", text);
    body.dir = "auto";
    entry.append(head, body);
    this.#add(entry, isOwn);
  }

  /** An event of the room, with the name of whom it is about set apart. */
  addNote(name: string, text: string): void {
    this.#last = undefined;
    const note = element("p", "note");
    if (name !== "") note.append(element("bdi", "", name), " ");
    note.append(text);
    this.#add(note, false);
  }

  clear(): void {
    this.#last = undefined;
    this.#log.replaceChildren();
    this.#newest.hidden = true;
  }

  scrollToEnd(): void {
    this.#log.scrollTop = this.#log.scrollHeight;
  }

  get #isAtEnd(): boolean {
    const { scrollTop, clientHeight, scrollHeight } = this.#log;
    return scrollTop + clientHeight >= scrollHeight - nearEndPx;
  }

  #add(entry: HTMLElement, isOwn: boolean): void {
    const follows = isOwn || this.#isAtEnd;
    this.#log.append(entry);
    while (this.#log.childElementCount > maxEntries) this.#log.firstElementChild?.remove();
    if (follows) this.scrollToEnd();
    else this.#newest.hidden = false;
  }
}

/** The signal flag of the name's first letter; flags.css draws it. */
export function flag(name: string): HTMLElement {
  const sign = element("span", "flag");
  const plain = name.normalize("NFKD").toLowerCase();
  sign.dataset["letter"] = /[a-z]/.exec(plain)?.[0] ?? "";
  sign.ariaHidden = "true";
  return sign;
}

/** An element with plain text in it. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  className: string,
  text = "",
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  if (className !== "") made.className = className;
  made.textContent = text;
  return made;
}
