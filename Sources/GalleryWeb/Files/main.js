// Which page is shown, and the key.

import * as add from "./add.js";
import * as doubts from "./doubts.js";
import { clearToast, forgetToast, h, startToasts, toast, undone } from "./elements.js";
import * as keys from "./keys.js";
import * as live from "./live.js";
import { showAll } from "./people.js";
import { showOne } from "./person.js";
import { forgetPictures, pictures } from "./pictures.js";
import * as recognise from "./recognise.js";
import * as review from "./review.js";
import { changes, key, keyWanted, service } from "./service.js";
import * as statistics from "./statistics.js";
import { fill, language, t } from "./words.js";

const main = document.getElementById("main");
const dialog = document.getElementById("key-dialog");
const input = document.getElementById("key-input");
let isFirst = true;
/** How often a page was asked for: one that arrives after a later one was asked for is not shown. */
let latest = 0;
/** The list of people as it was left, for Back: its address, its elements, how far it was scrolled, and what had been changed by then. */
let left = null;
let shownAt = "";

/** What this tab's key may do; locked when the gallery asks for a key that this tab does not have. */
const access = { isLocked: false, mayWrite: false, mayAdminister: false };

async function loadAccess() {
  access.mayWrite = access.mayAdminister = false;
  const gallery = await service.gallery();
  access.isLocked = false;
  access.mayWrite = gallery.role !== "read";
  access.mayAdminister = gallery.role === "admin";
  pictures.areKept = gallery.keeps_thumbnails || gallery.thumbnails > 0;
  document.getElementById("gallery-name").textContent = gallery.name;
  document.getElementById("add-link").hidden = !access.mayWrite;
  document.getElementById("keys-link").hidden = !access.mayAdminister;
}

const isPeople = (hash) => /^#\/people(\?|$)/.test(hash);

function leave() {
  for (const page of [recognise, review, doubts, add, live]) page.leave();
  if (isPeople(shownAt) && main.firstChild) left = { hash: shownAt, page: main.firstChild, scrolled: scrollY, changes: changes.count };
  latest += 1;
  return latest;
}

/** Every page is made anew from here on. */
function forget() {
  left = null;
  shownAt = "";
}

async function show() {
  const hash = location.hash || "#/recognise";
  // The address of the list may have changed with what was searched for.
  if (isPeople(shownAt) && main.firstChild?.dataset.hash) shownAt = main.firstChild.dataset.hash;
  const from = shownAt;
  const mine = leave();
  clearToast();
  const [path, query] = hash.slice(2).split("?");
  const [name, id] = path.split("/");
  document.querySelectorAll("nav a").forEach((link) => {
    if (link.hash === `#/${name}`) {
      link.setAttribute("aria-current", "page");
      link.scrollIntoView({ block: "nearest", inline: "nearest" });
    } else link.removeAttribute("aria-current");
  });
  // The page that is shown already is asked for again when it is out of date.
  if (isPeople(hash) && hash !== from && left?.hash === hash && left.changes === changes.count) {
    const { page, scrolled } = left;
    place(page, hash);
    scrollTo(0, scrolled);
    return;
  }
  if (isPeople(from) && name === "people" && id) history.replaceState({ fromPeople: true }, "");
  const page = h("div");
  const state = new URLSearchParams(query ?? "");
  let work;
  try {
    if (name === "people" && id) work = showOne(page, Number(id), access);
    else if (name === "people") work = showAll(page, state, access);
    else if (name === "review") work = review.show(page, state, access);
    else if (name === "doubts") work = doubts.show(page, state, access);
    else if (name === "add") add.show(page);
    else if (name === "live") live.show(page);
    else if (name === "statistics") work = statistics.show(page, access);
    else if (name === "keys") work = keys.show(page);
    else recognise.show(page, access);
    await work;
  } catch (error) {
    page.replaceChildren(h("p", { className: "error", role: "alert" }, error.message));
  }
  if (mine === latest) place(page, hash);
}

/** What is shown instead of every page until a key is given. */
function showLock(message) {
  leave();
  place(h("div", {}, h("h1", {}, t("lock.title")), h("p", { role: "alert" }, message),
    h("button", { type: "button", onclick: openKeyDialog }, t("lock.enter"))), "");
}

function place(page, hash) {
  shownAt = hash;
  main.replaceChildren(page);
  document.title = `${main.querySelector("h1")?.textContent ?? t("trouble")} – FaceGallery`;
  if (!isFirst) {
    main.focus({ preventScroll: true });
    scrollTo(0, 0);
  }
  isFirst = false;
}

function openKeyDialog() {
  if (dialog.open) return;
  input.value = "";
  dialog.returnValue = "cancel";
  dialog.showModal();
}

keyWanted.handler = openKeyDialog;
// Pages that show what the gallery has are made anew; the others have a photo, a camera, or uploads, and stay.
undone.handler = async () => {
  if (!/^#\/(people|review|doubts|statistics)\b/.test(location.hash)) return;
  const scrolled = scrollY;
  await show();
  scrollTo(0, scrolled);
};
document.getElementById("key-button").addEventListener("click", openKeyDialog);
dialog.addEventListener("close", () => {
  if (dialog.returnValue !== "save") return;
  key.set(input.value.trim());
  input.value = "";
  forget();
  forgetToast();
  forgetPictures();
  start().then(() => { if (key.get() && !access.isLocked) toast(t("key.in-use")); });
});
// Enter in the field means "use this key", not the first button.
input.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault();
  dialog.close("save");
});

const languages = document.getElementById("language");
languages.append(...language.all.map(({ code, name }) => h("option", { value: code, lang: code }, name)));
languages.value = language.code;
languages.addEventListener("change", () => {
  language.set(languages.value);
  fill();
  forget();
  start();
});

async function start() {
  try {
    await loadAccess();
  } catch (error) {
    access.isLocked = error.status === 401;
    if (access.isLocked) return showLock(error.message);
    toast(error.message);
  }
  await show();
}

window.addEventListener("hashchange", () => { if (location.hash.startsWith("#/") || !location.hash) (access.isLocked ? start : show)(); });
// A photo that misses the field for photos must not replace the page.
for (const name of ["dragover", "drop"]) window.addEventListener(name, (event) => event.preventDefault());
// Where one was on a page is known here.
history.scrollRestoration = "manual";
startToasts();
fill();
start();
