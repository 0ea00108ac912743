// One person, with all faces.

import { ask, attempt, button, each, h, toast } from "./elements.js";
import { endless } from "./endless.js";
import { deletePeople, mergePeople } from "./people.js";
import { pickPerson } from "./picker.js";
import { facePicture, forgetPerson, personPicture, thumbnail } from "./pictures.js";
import { moveBack, service } from "./service.js";
import { date, t } from "./words.js";

const pageSize = 100;

export async function showOne(main, id, access) {
  let [person, tags] = await Promise.all([service.person(id), service.tags(id)]);
  const head = h("div", { className: "person" });
  const list = h("ul", { className: "grid faces", "aria-label": t("faces.title") });
  const chosen = new Set();
  const bar = h("div", { className: "bar", role: "region", "aria-label": t("chosen.label"), hidden: true });
  let last = null;

  const { more, restart } = endless(list, async (after) => {
    const { faces, next } = await service.faces(id, after, pageSize);
    if (after === undefined) { chosen.clear(); last = null; showBar(); }
    const before = after === undefined ? 0 : list.children.length;
    return { items: faces.map((face, index) => faceItem(face, before + index + 1)), next };
  });

  async function refresh() {
    forgetPerson(id);
    if (!list.isConnected) return;
    person = await service.person(id);
    showHead();
    await restart();
  }

  function faceItem(face, place) {
    const title = t("face.added", { place, date: date(face.added, "medium") });
    const picture = thumbnail(person.name, face.thumbnail && facePicture(face.id));
    if (!access.mayWrite) return h("li", { title }, picture);
    const element = h("button", { type: "button", className: "face", "aria-pressed": "false", "aria-label": title, title, onclick: (event) => {
      const isChosen = element.getAttribute("aria-pressed") !== "true";
      const items = [...list.querySelectorAll("button.face")];
      const from = event.shiftKey && last ? items.indexOf(last) : -1;
      const to = items.indexOf(element);
      // With the shift key everything from the last one to this one.
      for (const item of from < 0 ? [element] : items.slice(Math.min(from, to), Math.max(from, to) + 1)) {
        item.setAttribute("aria-pressed", String(isChosen));
        if (isChosen) chosen.add(Number(item.dataset.face)); else chosen.delete(Number(item.dataset.face));
      }
      last = element;
      showBar();
    } }, picture);
    element.dataset.face = face.id;
    element.dataset.hasPicture = String(face.thumbnail !== undefined);
    return h("li", {}, element);
  }

  function showBar() {
    bar.hidden = chosen.size === 0;
    const only = chosen.size === 1 ? list.querySelector("[aria-pressed=true]") : null;
    bar.replaceChildren(h("span", {}, t("faces.chosen", { n: chosen.size })),
      button(t("faces.move"), async () => {
        const choice = await pickPerson(t("faces.move-title", { n: chosen.size }), { without: id });
        if (!choice) return;
        await move(choice.person ? { person: choice.person } : { name: choice.name }, choice.name);
      }, { className: "" }),
      only?.dataset.hasPicture === "true" ? button(t("faces.picture"), () => choosePicture(Number(only.dataset.face))) : "",
      button(t("faces.unname"), () => move({ unnamed: true })),
      button(t("delete"), removeFaces, { className: "danger" }),
      button(t("cancel"), clearChoice));
  }

  function clearChoice() {
    const first = list.querySelector("[aria-pressed=true]") ?? list.querySelector("button");
    chosen.clear();
    for (const item of list.querySelectorAll("[aria-pressed=true]")) item.setAttribute("aria-pressed", "false");
    showBar();
    first?.focus();
  }

  async function move(receiver, name) {
    const { moved, person: other } = await service.move([...chosen], receiver);
    if (other) forgetPerson(other.id);
    toast(name ? t("faces.moved", { n: moved.length, name }) : t("faces.unnamed", { n: moved.length }), { undo: async () => {
      await moveBack(moved);
      if (receiver.name) await dropEmpty(other);
      if (other) forgetPerson(other.id);
      await refresh();
      return t("faces.back", { n: moved.length });
    } });
    await refresh();
  }

  async function choosePicture(face) {
    const before = person.picture ?? null;
    person = await service.choosePicture(id, face);
    clearChoice();
    showHead();
    toast(t("faces.picture-chosen", { name: person.name }), { undo: async () => {
      person = await service.choosePicture(id, before);
      forgetPerson(id);
      if (list.isConnected) showHead();
    } });
  }

  async function removeFaces() {
    const faces = [...chosen];
    if (!await ask(t("faces.ask-delete", { n: faces.length, name: person.name }), t("delete"))) return;
    const removals = [];
    try {
      await each(faces, async (face) => removals.push((await service.removeFace(face)).removal), 2);
    } finally {
      if (removals.length) {
        toast(t("faces.deleted", { n: removals.length }), { undo: async () => {
          await each(removals.sort((a, b) => b - a), (removal) => service.undo(removal), 1);
          await refresh();
          return t("faces.back", { n: removals.length });
        } });
      }
    }
    await refresh();
  }

  // MARK: The person

  function showHead() {
    head.replaceChildren(thumbnail(person.name, personPicture(person)), h("div", {},
      h("h1", {}, person.name),
      h("p", { className: "faint" }, `${t("faces", { n: person.faces })} · ${t("person.since", { date: date(person.created) })}`)), h("div", { className: "rest" }, tagLine(), access.mayWrite && changes()));
    document.title = `${person.name} – FaceGallery`;
  }

  function tagLine() {
    const chips = Object.entries(tags).sort().map(([key, value]) => {
      const text = value ? `${key}=${value}` : key;
      return h("li", { className: "chip" }, h("a", { href: `#/people?${new URLSearchParams({ tag: text })}` }, text),
        access.mayWrite && button("×", () => setTags({ [key]: null }), { className: "plain", "aria-label": t("tags.remove", { tag: text }) }));
    });
    const input = h("input", { type: "text", maxLength: 200, autocomplete: "off", "aria-label": t("tags.new"), placeholder: t("tags.new") });
    const form = h("form", { className: "line small" }, input, h("button", { className: "quiet" }, t("add")));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const [key, ...rest] = input.value.split("=");
      if (key.trim()) attempt(form, () => setTags({ [key.trim()]: rest.join("=").trim() }));
    });
    return h("div", { className: "line tags" }, chips.length > 0 && h("ul", { className: "line", "aria-label": t("tags.title") }, chips), access.mayWrite && form);
  }

  async function setTags(change) {
    tags = await service.tag(id, change);
    showHead();
    head.querySelector(".tags input")?.focus();
  }

  function changes() {
    const input = h("input", { type: "text", required: true, maxLength: 250, value: person.name, autocomplete: "off", "aria-label": t("person.name") });
    const form = h("form", { className: "line" }, input, h("button", { className: "quiet" }, t("rename")));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      attempt(form, () => rename(input.value));
    });
    const photo = h("input", { type: "file", accept: "image/*", multiple: true, className: "visually-hidden", onchange: () => {
      const files = [...photo.files];
      photo.value = "";
      attempt(photo, () => addPhotos(files));
    } });
    return h("div", { className: "line" }, form,
      h("label", { className: "button" }, photo, t("person.add-photo")),
      button(t("person.same"), async () => {
        const choice = await pickPerson(t("person.same-title", { name: person.name }), { without: id, onlyKnown: true });
        if (choice) await mergeInto(choice);
      }),
      button(t("person.delete"), async () => {
        if (!await ask(t("person.ask-delete", { name: person.name }), t("delete"))) return;
        await deletePeople([person], showAgain("#/people"), "#/people");
        location.hash = "#/people";
      }, { className: "danger" }));
  }

  async function mergeInto({ person: target, name }) {
    const at = `#/people/${target}`;
    await mergePeople([person], { id: target, name }, showAgain(at), at);
    location.hash = at;
  }

  async function rename(name) {
    const before = person.name;
    try {
      person = await service.rename(id, name);
    } catch (error) {
      if (error.kind !== "name-taken") throw error;
      const other = await service.personNamed(name);
      if (other && await ask(t("rename.ask-merge", { name: other.name, other: person.name }), t("people.merge"))) await mergeInto({ person: other.id, name: other.name });
      return;
    }
    showHead();
    document.getElementById("main").focus();
    toast(t("rename.done", { name: person.name }), { undo: async () => {
      person = await service.rename(id, before);
      if (list.isConnected) showHead();
      return t("rename.done", { name: before });
    } });
  }

  async function addPhotos(files) {
    const troubles = [];
    let added = 0;
    await each(files, async (file) => {
      try {
        const report = await service.enrol(file, { name: person.name, several_faces: "largest" });
        if (report.result === "added") added += 1; else troubles.push(`${file.name}: ${t("upload.had")}`);
      } catch (error) {
        troubles.push(`${file.name}: ${error.message}`);
      }
    }, 2);
    toast([added > 0 ? t("person.photos-added", { n: added }) : "", ...troubles.slice(0, 3), troubles.length > 3 ? "…" : ""].filter(Boolean).join(" "));
    if (added) await refresh();
  }

  main.replaceChildren(h("p", {}, h("a", { href: "#/people", onclick: (event) => {
    // Back to where one was in the list.
    if (history.state?.fromPeople) { event.preventDefault(); history.back(); }
  } }, t("people.all"))), head, access.mayWrite && person.faces > 0 ? h("p", { className: "faint" }, t("faces.hint")) : "", list, more, bar);
  showHead();
  await restart();
}

/** Shows a page anew, if it is the one that is shown. */
const showAgain = (at) => () => { if (location.hash === at) window.dispatchEvent(new HashChangeEvent("hashchange")); };

/** Takes away somebody who was made by what is undone, and has no face now. */
export async function dropEmpty(person) {
  const now = person && await service.person(person.id).catch(() => undefined);
  if (now?.faces === 0) await service.removePerson(now.id);
}
