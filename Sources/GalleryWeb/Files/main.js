// Which page is shown, and the key.

import { announce, h } from "./elements.js";
import * as people from "./people.js";
import * as recognise from "./recognise.js";
import { key, keyWanted, service } from "./service.js";
import * as statistics from "./statistics.js";

const main = document.getElementById("main");
const dialog = document.getElementById("key-dialog");
const input = document.getElementById("key-input");
let isFirst = true;
/** How often a page was asked for: one that arrives after a later one was asked for is not shown. */
let latest = 0;

/** What this tab's key may do; locked when the gallery asks for a key that this tab does not have. */
const access = { isLocked: false, mayWrite: false, mayAdminister: false };

async function loadAccess() {
  access.mayWrite = access.mayAdminister = false;
  const gallery = await service.gallery();
  access.isLocked = false;
  access.mayWrite = gallery.role !== "read";
  access.mayAdminister = gallery.role === "admin";
  document.getElementById("gallery-name").textContent = gallery.name;
}

async function show() {
  recognise.leave();
  latest += 1;
  const mine = latest;
  const page = h("div");
  const path = (location.hash || "#/recognise").slice(2).split("/");
  document.querySelectorAll("nav a").forEach((link) => {
    if (link.hash === `#/${path[0]}`) link.setAttribute("aria-current", "page"); else link.removeAttribute("aria-current");
  });
  try {
    if (path[0] === "people" && path[1]) await people.showOne(page, Number(path[1]), access);
    else if (path[0] === "people") await people.showAll(page);
    else if (path[0] === "statistics") await statistics.show(page, access);
    else recognise.show(page, access);
  } catch (error) {
    page.replaceChildren(h("p", { className: "error", role: "alert" }, error.message));
  }
  if (mine === latest) place(page);
}

/** What is shown instead of every page until a key is given. */
function showLock(message) {
  recognise.leave();
  latest += 1;
  place(h("div", {}, h("h1", {}, "This gallery asks for a key"), h("p", { role: "alert" }, message),
    h("button", { type: "button", onclick: openKeyDialog }, "Enter the key")));
}

function place(page) {
  main.replaceChildren(page);
  document.title = `${main.querySelector("h1")?.textContent ?? "Trouble"} – FaceGallery`;
  if (!isFirst) main.focus();
  isFirst = false;
}

function openKeyDialog() {
  if (dialog.open) return;
  input.value = "";
  dialog.returnValue = "cancel";
  dialog.showModal();
}

keyWanted.handler = openKeyDialog;
document.getElementById("key-button").addEventListener("click", openKeyDialog);
dialog.addEventListener("close", () => {
  if (dialog.returnValue !== "save") return;
  key.set(input.value.trim());
  input.value = "";
  start().then(() => { if (key.get() && !access.isLocked) announce("The key is in use."); });
});
// Enter in the field means "use this key", not the first button.
input.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault();
  dialog.close("save");
});

async function start() {
  try {
    await loadAccess();
  } catch (error) {
    access.isLocked = error.status === 401;
    if (access.isLocked) return showLock(error.message);
    announce(error.message);
  }
  await show();
}

window.addEventListener("hashchange", () => { if (location.hash.startsWith("#/") || !location.hash) (access.isLocked ? start : show)(); });
// A photo that misses the field for photos must not replace the page.
for (const name of ["dragover", "drop"]) window.addEventListener(name, (event) => event.preventDefault());
start();
