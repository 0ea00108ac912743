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

/** What this tab's key may do. */
const access = { mayWrite: false, mayAdminister: false };

async function loadAccess() {
  access.mayWrite = access.mayAdminister = false;
  const gallery = await service.gallery();
  access.mayWrite = gallery.role !== "read";
  access.mayAdminister = gallery.role === "admin";
  document.getElementById("gallery-name").textContent = gallery.name;
}

async function show() {
  recognise.leave();
  const path = (location.hash || "#/recognise").slice(2).split("/");
  document.querySelectorAll("nav a").forEach((link) => {
    if (link.hash === `#/${path[0]}`) link.setAttribute("aria-current", "page"); else link.removeAttribute("aria-current");
  });
  try {
    if (path[0] === "people" && path[1]) await people.showOne(main, Number(path[1]), access);
    else if (path[0] === "people") await people.showAll(main);
    else if (path[0] === "statistics") await statistics.show(main, access);
    else recognise.show(main, access);
  } catch (error) {
    main.replaceChildren(h("p", { className: "error", role: "alert" }, error.message));
  }
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
  start().then(() => { if (key.get()) announce("The key is in use."); });
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
    // The dialog that opens then says it better.
    if (error.status !== 401 || key.get()) announce(error.message);
  }
  await show();
}

window.addEventListener("hashchange", () => { if (location.hash.startsWith("#/") || !location.hash) show(); });
// A photo that misses the field for photos must not replace the page.
for (const name of ["dragover", "drop"]) window.addEventListener(name, (event) => event.preventDefault());
start();
