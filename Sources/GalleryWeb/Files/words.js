// Every text of the page, in the language of whoever looks at it.

import * as languages from "./languages.js";

const storageName = "facegallery-language";

function pick() {
  const wanted = [localStorage.getItem(storageName), ...navigator.languages].filter(Boolean);
  for (const tag of wanted) {
    const code = tag.toLowerCase().split("-")[0];
    if (Object.hasOwn(languages, code)) return code;
  }
  return "en";
}

let code = pick();
let plurals = new Intl.PluralRules(code);

export const language = {
  get code() { return code; },
  /** The languages that there are: their codes, and what they call themselves. */
  all: Object.entries(languages).map(([code, words]) => ({ code, name: words["language.name"] })),
  set(next) {
    localStorage.setItem(storageName, next);
    code = next;
    plurals = new Intl.PluralRules(code);
  },
};

/** A text by its key. `{n}` and the like are replaced; where a text has forms for numbers, `n` chooses. */
export function t(key, values = {}) {
  const words = languages[code][key] ?? languages.en[key] ?? key;
  const text = typeof words === "string" ? words : words[plurals.select(values.n)] ?? words.other;
  return text.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === "number" ? number(value) : value;
  });
}

/** Whether there is a text of this key. */
export const has = (key) => Object.hasOwn(languages.en, key);

export const number = (value) => value.toLocaleString(code);
export const date = (text, style = "long") => new Date(text).toLocaleDateString(code, { dateStyle: style });
export const time = (text) => new Date(text).toLocaleString(code, { dateStyle: "long", timeStyle: "short" });

/** Puts the texts into what index.html has. */
export function fill(root = document) {
  document.documentElement.lang = code;
  for (const element of root.querySelectorAll("[data-word]")) element.textContent = t(element.dataset.word);
  for (const element of root.querySelectorAll("[data-label]")) element.setAttribute("aria-label", t(element.dataset.label));
}
