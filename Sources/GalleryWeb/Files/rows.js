// Rows that are settled one after the other, by mouse and by keyboard.

import { h, toast } from "./elements.js";
import { t } from "./words.js";

/** The elements `.row` of a list; `goOn` loads further ones, and `empty` gets the focus when none is left. */
export function workList(list, goOn, empty) {
  const rows = () => [...list.querySelectorAll(".row")];
  const current = () => document.activeElement?.closest?.(".row") ?? null;

  /** Gives the focus to the next row, or with -1 to the one before. */
  function go(step) {
    const all = rows();
    const place = all.indexOf(current());
    const next = all[Math.max(0, Math.min(all.length - 1, place < 0 ? 0 : place + step))];
    next?.focus();
    next?.scrollIntoView({ block: "nearest" });
    if (all.indexOf(next) > all.length - 4) goOn();
  }

  /** Takes rows away; the focus goes on to the next one. */
  function take(taken, before = () => {}) {
    const all = rows();
    const focus = all.find((row, place) => place > all.indexOf(taken.at(-1)) && !taken.includes(row)) ?? all.filter((row) => !taken.includes(row)).at(-1);
    const { activeElement } = document;
    const hadFocus = activeElement === document.body || taken.some((row) => row.contains(activeElement)) || activeElement?.closest(".bar");
    for (const row of taken) { before(row); row.remove(); }
    if (hadFocus) (focus ?? empty).focus();
    // A page that is nearly used up goes on.
    if (rows().length < 4) goOn();
  }

  return { rows, current, go, take };
}

/**
 * Has keys do work, where nothing is typed and no dialog is open: `work(key)` gives what a key does, or nothing. Returns what ends that.
 */
export function onKeys(work) {
  const listener = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]") || event.target.matches?.("input:not([type=checkbox]), textarea, select")) return;
    const action = work(event.key);
    if (!action) return;
    event.preventDefault();
    Promise.resolve(action()).catch((error) => toast(error.message));
  };
  document.addEventListener("keydown", listener);
  return () => document.removeEventListener("keydown", listener);
}

/** Says what the keys do: pairs of a key and the word for it. */
export const keyHelp = (...keys) => h("p", { className: "keys faint" }, keys.map(([key, word]) => h("span", {}, h("kbd", {}, key), ` ${t(word)}`)));
