// The page of the chat. One name is all its state: while there is one, the page wants to be in the
// room, joins on every new connection, and shows the room; without one it shows the form that asks
// for it. Text that was typed is never lost: it stays, or comes back, until the room has heard it.

import type { ClientMessage, ServerMessage } from "../dist/messages.js";
import { Conversation, element, flag } from "./conversation.ts";
import { Mooring, type MooringState } from "./mooring.ts";

const joinForm = find("join", HTMLFormElement);
const nameField = find("name", HTMLInputElement);
const nameProblem = find("name-problem", HTMLElement);
const roomView = find("room", HTMLElement);
const peopleList = find("people", HTMLElement);
const peopleCount = find("people-count", HTMLElement);
const sayForm = find("say", HTMLFormElement);
const textField = find("text", HTMLTextAreaElement);
const textProblem = find("text-problem", HTMLElement);
const status = find("status", HTMLElement);
const countdown = find("countdown", HTMLElement);
const retryButton = find("retry", HTMLButtonElement);
const leaveButton = find("leave", HTMLButtonElement);
const conversation = new Conversation(find("log", HTMLElement), find("newest", HTMLButtonElement));

const storageKey = "hawser-chat-name";

/** The name that was asked for; "" outside. The server may have put a number behind it. */
let wish = sessionStorage.getItem(storageKey) ?? "";
/** The name in the room; "" while not in it. */
let ownName = "";
let people = new Set<string>();
let hasBeenInside = false;
/** Texts that were sent and not yet heard in the room, oldest first. */
const unheard: string[] = [];
let unread = 0;

const url = new URL("chat", document.baseURI);
url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
const mooring = new Mooring(url, { message: onMessage, state: onState });

// ---- From the server

function onMessage(text: string): void {
  const message = JSON.parse(text) as ServerMessage;
  switch (message.type) {
    case "welcome":
      return onWelcome(message.name, message.people);
    case "joined":
      people.add(message.name);
      conversation.addNote(message.name, "came aboard");
      return showPeople();
    case "left":
      people.delete(message.name);
      conversation.addNote(message.name, "went ashore");
      return showPeople();
    case "said":
      return onSaid(message.name, message.text, message.at);
    case "problem":
      if (message.about === "join") return askAgain(message.text);
      // Answers come in order: it is about the oldest that has none.
      giveBack(unheard.splice(0, 1));
      showTextProblem(message.text);
  }
}

function onWelcome(name: string, present: readonly string[]): void {
  ownName = name;
  people = new Set(present);
  conversation.addNote(
    "",
    hasBeenInside
      ? `You are back as ${name}. What was said meanwhile is not shown.`
      : `You came aboard as ${name}.`,
  );
  hasBeenInside = true;
  showTextProblem("");
  showPeople();
  showState(mooring.state);
}

function onSaid(name: string, text: string, at: number): void {
  const isOwn = name === ownName;
  if (isOwn) {
    unheard.shift();
    showTextProblem("");
  } else if (document.hidden) {
    unread++;
    showTitle();
  }
  conversation.addMessage({ name, text, at, isOwn });
}

// ---- The connection

function onState(state: MooringState): void {
  if (state.kind === "open") send({ type: "join", name: wish });
  if (state.kind === "waiting") {
    ownName = "";
    giveBack(unheard.splice(0));
  }
  showState(state);
}

function showState(state: MooringState): void {
  const isInside = ownName !== "";
  document.body.dataset["connection"] = look(state, isInside);
  const hadFocus = document.activeElement === retryButton;
  retryButton.hidden = state.kind !== "waiting";
  // Focus must not fall to the top of the page when its button goes.
  if (hadFocus && retryButton.hidden) textField.focus();
  status.textContent = statusText(state, isInside);
  showCountdown();
}

/** What the style sheets know the connection by. */
function look({ kind }: MooringState, isInside: boolean): string {
  if (kind === "waiting") return "lost";
  return kind === "idle" ? "idle" : isInside ? "fast" : "connecting";
}

function statusText({ kind }: MooringState, isInside: boolean): string {
  if (kind === "idle") return "Not aboard yet";
  if (isInside) return `Moored as ${ownName}`;
  if (kind === "waiting") return "Connection lost. Reconnecting.";
  return hasBeenInside ? "Reconnecting…" : "Connecting…";
}

/** Beside the live region, not in it: nobody wants to hear every second announced. */
function showCountdown(): void {
  const { state } = mooring;
  const left = state.kind === "waiting" ? state.until - performance.now() : 0;
  const text =
    state.kind === "waiting" ? `Next try in ${Math.max(1, Math.ceil(left / 1000))} s` : "";
  if (countdown.textContent !== text) countdown.textContent = text;
}

function send(message: ClientMessage): boolean {
  return mooring.send(JSON.stringify(message));
}

// ---- What the person does

function enter(name: string): void {
  wish = name;
  sessionStorage.setItem(storageKey, name);
  nameField.value = name;
  showNameProblem("");
  showView();
  textField.focus();
  mooring.start();
}

function leave(): void {
  wish = "";
  ownName = "";
  hasBeenInside = false;
  sessionStorage.removeItem(storageKey);
  mooring.stop();
  giveBack(unheard.splice(0));
  conversation.clear();
  people.clear();
  showPeople();
  showView();
  nameField.focus();
}

/** The server refused the name. */
function askAgain(problem: string): void {
  leave();
  showNameProblem(problem);
}

function say(): void {
  const text = textField.value.trim();
  if (text === "") return;
  if (ownName === "" || !send({ type: "say", text })) {
    showTextProblem("Not connected: your text stays here until it can be sent.");
    return;
  }
  unheard.push(text);
  textField.value = "";
}

/** What has not reached the room goes back to where it was typed, behind what is being typed now. */
function giveBack(texts: readonly string[]): void {
  if (texts.length === 0) return;
  const { selectionStart, selectionEnd, value } = textField;
  textField.value = [value, ...texts].filter((text) => text !== "").join("\n");
  if (value !== "") textField.setSelectionRange(selectionStart, selectionEnd);
}

// ---- What is shown

function showView(): void {
  const isInside = wish !== "";
  joinForm.hidden = isInside;
  roomView.hidden = !isInside;
  leaveButton.hidden = !isInside;
}

function showPeople(): void {
  peopleCount.textContent = String(people.size);
  const order = [...people].toSorted((a, b) => a.localeCompare(b));
  peopleList.replaceChildren(
    ...order.map((name) => {
      const item = element("li", name === ownName ? "person own" : "person");
      item.append(flag(name), element("bdi", "", name));
      if (name === ownName) item.append(" ", element("span", "you", "(you)"));
      return item;
    }),
  );
}

function showNameProblem(problem: string): void {
  nameProblem.textContent = problem;
  nameField.ariaInvalid = problem === "" ? null : "true";
}

function showTextProblem(problem: string): void {
  textProblem.textContent = problem;
  textField.ariaInvalid = problem === "" ? null : "true";
}

function showTitle(): void {
  document.title = unread === 0 ? "Hawser chat" : `(${unread}) Hawser chat`;
}

function find<Type extends HTMLElement>(id: string, type: { new (): Type; prototype: Type }): Type {
  const found = document.getElementById(id);
  if (found instanceof type) return found;
  throw new Error(`the page has no ${type.name} with the id ${id}`);
}

// ---- Listeners

joinForm.addEventListener("submit", (event) => {
  event.preventDefault();
  const name = nameField.value.trim();
  if (name === "") showNameProblem("Please enter a name.");
  else enter(name);
});
sayForm.addEventListener("submit", (event) => {
  event.preventDefault();
  say();
  textField.focus();
});
textField.addEventListener("keydown", (event) => {
  // While an input method composes, Enter picks a candidate.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  say();
});
retryButton.addEventListener("click", () => mooring.retryNow());
leaveButton.addEventListener("click", leave);
document.addEventListener("visibilitychange", () => {
  unread = 0;
  showTitle();
});
setInterval(showCountdown, 250);

if (wish === "") {
  showView();
  showState(mooring.state);
  nameField.focus();
} else {
  enter(wish);
}
