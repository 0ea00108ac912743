// Everybody in the gallery, and one of them with all faces.

import { announce, ask, attempt, count, h, thumbnail } from "./elements.js";
import { service } from "./service.js";

const pageSize = 24;

export async function showAll(main) {
  const input = h("input", { type: "search", "aria-label": "Part of the name", placeholder: "Part of a name" });
  const summary = h("p", { className: "faint", role: "status" });
  const list = h("ul", { className: "grid" });
  const more = h("button", { type: "button", className: "quiet", onclick: () => attempt(more, load) }, "Show more");
  let shown = 0;
  let last = "";
  let latest = 0;

  async function load() {
    latest += 1;
    const mine = latest;
    const { total, people } = await service.people(input.value, last, pageSize);
    // An answer to what was typed before is too late.
    if (mine !== latest) return;
    if (shown === 0) list.replaceChildren();
    const items = people.map((person) => h("li", {}, h("a", { href: `#/people/${person.id}` },
      thumbnail(person.name, () => service.personPicture(person.id)),
      h("strong", {}, person.name), h("br"), h("span", { className: "faint" }, count(person.faces, "face", "faces")))));
    const isFurther = shown > 0;
    list.append(...items);
    shown += people.length;
    last = people.at(-1)?.name ?? last;
    more.hidden = people.length === 0 || shown >= total;
    summary.textContent = total === 0
      ? (input.value ? "Nobody has this in the name." : "Nobody is enrolled yet: choose a photo on the page Recognise.")
      : `${count(total, "person", "people")}${shown < total ? `, ${shown.toLocaleString("en")} shown` : ""}.`;
    if (isFurther) items[0]?.querySelector("a").focus();
  }

  let timer;
  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => { shown = 0; last = ""; load().catch((error) => announce(error.message)); }, 200);
  });
  main.replaceChildren(h("h1", {}, "People"), h("p", { className: "line" }, input), summary, list, more);
  await load();
}

export async function showOne(main, id, access) {
  const [person, { faces }] = await Promise.all([service.person(id), service.faces(id)]);
  main.replaceChildren(
    h("p", {}, h("a", { href: "#/people" }, "All people")),
    h("h1", {}, person.name),
    h("p", { className: "faint" }, `${count(person.faces, "face", "faces")}; enrolled ${new Date(person.created).toLocaleDateString("en", { dateStyle: "long" })}.`),
    access.mayWrite ? changes(person) : null,
    h("ul", { className: "grid", "aria-label": "Faces" }, faces.map((face, index) => faceItem(person, face, index, access, () => showOne(main, id, access)))));
}

function changes(person) {
  const input = h("input", { type: "text", required: true, maxLength: 250, value: person.name, autocomplete: "off", "aria-label": "Name" });
  const form = h("form", { className: "line" }, input, h("button", { className: "quiet" }, "Rename"));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(form, async () => {
      let renamed;
      try {
        renamed = await service.rename(person.id, input.value, false);
      } catch (error) {
        if (error.kind !== "name-taken") throw error;
        if (!await ask(`There is a ${input.value} already. Give that person all faces of ${person.name}?`, "Merge")) return;
        renamed = await service.rename(person.id, input.value, true);
      }
      announce(renamed.id === person.id ? `Renamed to ${renamed.name}.` : `${renamed.name} has ${count(renamed.faces, "face", "faces")} now.`);
      if (renamed.id === person.id) window.dispatchEvent(new HashChangeEvent("hashchange"));
      else location.hash = `#/people/${renamed.id}`;
    });
  });
  const button = h("button", { type: "button", className: "danger", onclick: () => attempt(button, async () => {
    if (!await ask(`Delete ${person.name} with ${count(person.faces, "face", "faces")}? For a day the removal can be undone (galleryctl undo).`, "Delete")) return;
    await service.removePerson(person.id);
    announce(`${person.name} was deleted.`);
    location.hash = "#/people";
  }) }, "Delete the person");
  return h("div", { className: "line" }, form, button);
}

function faceItem(person, face, index, access, refresh) {
  const title = `Face ${index + 1}`;
  const button = h("button", { type: "button", className: "danger", "aria-label": `Delete face ${index + 1}`, onclick: () => attempt(button, async () => {
    if (!await ask(`Delete face ${index + 1} of ${person.name}? For a day the removal can be undone (galleryctl undo).`, "Delete")) return;
    await service.removeFace(face.id);
    announce("The face was deleted.");
    await refresh();
  }) }, "Delete");
  return h("li", {}, thumbnail(person.name, () => service.facePicture(face.id)), h("span", {}, title), h("br"),
    h("span", { className: "faint" }, `added ${new Date(face.added).toLocaleDateString("en", { dateStyle: "medium" })}`),
    access.mayWrite ? h("p", { className: "line" }, button) : null);
}
