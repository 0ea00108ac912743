// Small helpers to make elements; text is always set as text, never as HTML.

import { language, number, t } from "./words.js";

/** Makes an element; properties that begin with "on" are listeners, those with a dash are attributes. */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name.includes("-") || name === "role" || name === "for") element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false)
    .map((child) => typeof child === "string" ? printable(child) : child));
  return element;
}

/** Text with characters escaped that are not seen, or turn the order of what stands beside them. */
export function printable(text) {
  return text.replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`);
}

/** A button: quiet unless its class says otherwise; nothing happens twice while it works. */
export function button(text, action, properties = {}) {
  const element = h("button", { type: "button", className: "quiet", onclick: (event) => attempt(element, () => action(event)), ...properties }, text);
  return element;
}

/** Asks a question with yes and no. */
export function ask(question, yes) {
  const dialog = document.getElementById("question-dialog");
  document.getElementById("question-text").textContent = printable(question);
  document.getElementById("question-yes").textContent = yes;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

/** Runs what a button or a form starts, keeps it from being started twice, and tells what went wrong. */
export async function attempt(control, work) {
  const buttons = control instanceof HTMLFormElement ? [...control.querySelectorAll("button")] : [control];
  for (const button of buttons) button.disabled = true;
  try {
    return await work();
  } catch (error) {
    toast(error.message);
    return undefined;
  } finally {
    for (const button of buttons) button.disabled = false;
  }
}

// MARK: What has just happened, and how to undo it

const shown = { path: "", undo: null, timer: 0, saying: 0 };
/** For so long undo is offered. */
const undoSeconds = 10;

const pathOf = (hash) => (hash || "#/recognise").split("?")[0];

/**
 * Says something to everybody, screen readers included.
 *
 * It goes when another page is shown, unless `at` says that it belongs to that one. `undo` makes it as if nothing had happened; it is offered for ten
 * seconds, on other pages, too, which do not run on while the pointer or the focus is on it.
 */
export function toast(text, { undo = null, at = location.hash } = {}) {
  const place = document.getElementById("toast");
  const say = () => { document.getElementById("announcer").textContent = printable(text); };
  clearTimeout(shown.saying);
  // What comes into being with its text is not read aloud.
  if (place.hidden) shown.saying = setTimeout(say, 50); else say();
  place.hidden = false;
  document.getElementById("undo").hidden = !undo;
  Object.assign(shown, { path: pathOf(at), undo });
  wait();
}

function wait() {
  clearTimeout(shown.timer);
  shown.timer = setTimeout(clear, 1000 * (shown.undo ? undoSeconds : 8));
}

function clear() {
  clearTimeout(shown.timer);
  clearTimeout(shown.saying);
  document.getElementById("announcer").textContent = "";
  document.getElementById("undo").hidden = true;
  document.getElementById("toast").hidden = true;
  shown.undo = null;
}

/** Takes away what belongs to another page, unless it can be undone still. */
export function clearToast() {
  if (!shown.undo && pathOf(location.hash) !== shown.path) clear();
}

/** Takes away what is said, and undo with it: it was done with another key, perhaps in another gallery. */
export const forgetToast = clear;

/** Called when something was undone of another page than the one that is shown; set by main.js. */
export const undone = { handler: () => {} };

/** Undoes what the toast tells of, if it still offers that. */
export async function undoLast() {
  const { undo, path } = shown;
  if (!undo) return;
  clear();
  let text;
  try {
    text = (await undo()) || t("undo.done");
  } catch (error) {
    text = error.message;
  }
  toast(text);
  // What is shown may be out of date; its own page has seen to that itself.
  if (path !== pathOf(location.hash)) await undone.handler();
}

export function startToasts() {
  const place = document.getElementById("toast");
  document.getElementById("undo").addEventListener("click", undoLast);
  for (const name of ["pointerenter", "focusin"]) place.addEventListener(name, () => clearTimeout(shown.timer));
  for (const name of ["pointerleave", "focusout"]) place.addEventListener(name, () => { if (!place.hidden) wait(); });
}

// MARK: Numbers as people read them

export function percent(share) {
  if (share < 0.001 && share > 0) return `<\u202f${number(0.1)}\u00a0%`;
  if (share > 0.999 && share < 1) return `>\u202f${number(99.9)}\u00a0%`;
  const digits = share > 0.99 || share < 0.01 ? 1 : 0;
  // Rounded down, so that less than half, however little, is not shown as half.
  const rounded = Math.min(Math.floor(100 * share * 10 ** digits + 1e-9) / 10 ** digits, share < 0.5 ? 49 : 100);
  return `${rounded.toLocaleString(language.code, { maximumFractionDigits: digits })}\u00a0%`;
}

export const similarity = (value) =>
  value.toLocaleString(language.code, { minimumFractionDigits: 3, maximumFractionDigits: 3 }).replace("-", "−");

export function bytes(count) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  while (count >= 1024 && unit < units.length - 1) { count /= 1024; unit += 1; }
  return `${count.toLocaleString(language.code, { maximumFractionDigits: unit > 0 && count < 10 ? 1 : 0 })}\u00a0${units[unit]}`;
}

/** Does something once nothing has been typed for a moment. */
export function settled(action, milliseconds = 200) {
  let timer;
  return () => { clearTimeout(timer); timer = setTimeout(action, milliseconds); };
}

/** Does work on each of many things, some at a time, in their order. */
export async function each(things, work, parallel = 4) {
  let next = 0;
  await Promise.all(Array.from({ length: Math.min(parallel, things.length) }, async () => {
    while (next < things.length) await work(things[next++]);
  }));
}
