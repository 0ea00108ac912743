// Everybody in the gallery, as a sheet of faces.

import { ask, button, each, h, settled, toast } from "./elements.js";
import { endless } from "./endless.js";
import { forgetPerson, personPicture, thumbnail } from "./pictures.js";
import { service } from "./service.js";
import { t } from "./words.js";

const pageSize = 60;

/** The list of everybody; `query` is the state in the address: `q` is searched for, `tag` is a tag that people have. */
export function showAll(main, query, access) {
  const input = h("input", { type: "search", value: query.get("q") ?? "", "aria-label": t("people.search"), placeholder: t("people.search") });
  const summary = h("p", { className: "faint summary", role: "status" });
  const list = h("ul", { className: "grid", "aria-label": t("people.title") });
  const tag = query.get("tag");
  const chosen = new Map();
  const bar = h("div", { className: "bar", role: "region", "aria-label": t("chosen.label"), hidden: true });

  const { more, restart } = endless(list, async (after) => {
    const { total, people, next } = await service.people({ name: input.value.trim(), where: tag, after, limit: pageSize });
    if (after === undefined) {
      chosen.clear();
      showBar();
      summary.textContent = total === 0 ? t(input.value || tag ? "people.nobody" : "people.empty") : t("people.count", { n: total });
    }
    return { items: people.map(tile), next };
  });

  /** Makes the list anew, unless another page is shown by now. */
  const again = async () => { if (list.isConnected) await restart(); };

  function tile(person) {
    const box = access.mayWrite && h("input", {
      type: "checkbox", className: "choice", "aria-label": t("choose", { name: person.name }),
      onchange: () => {
        if (box.checked) chosen.set(person.id, person); else chosen.delete(person.id);
        item.classList.toggle("chosen", box.checked);
        showBar();
      },
    });
    const item = h("li", {}, h("a", { href: `#/people/${person.id}` }, thumbnail(person.name, personPicture(person)),
      h("strong", { title: person.name }, person.name), h("span", { className: "faint" }, t("faces", { n: person.faces }))), box);
    return item;
  }

  function showBar() {
    bar.hidden = chosen.size === 0;
    bar.replaceChildren(h("span", {}, t("people.chosen", { n: chosen.size })),
      chosen.size > 1 ? button(t("people.merge"), mergeChosen, { className: "" }) : "",
      button(t("delete"), deleteChosen, { className: "danger" }), button(t("cancel"), clear));
  }

  function clear() {
    chosen.clear();
    for (const box of list.querySelectorAll("input:checked")) box.checked = false;
    for (const item of list.querySelectorAll("li.chosen")) item.classList.remove("chosen");
    showBar();
    input.focus();
  }

  async function mergeChosen() {
    // Whoever has the most faces keeps the name.
    const [target, ...others] = [...chosen.values()].sort((a, b) => b.faces - a.faces);
    if (!await ask(t("merge.ask", { name: target.name, others: others.map((person) => person.name).join(", ") }), t("people.merge"))) return;
    await mergePeople(others, target, again);
    await restart();
  }

  async function deleteChosen() {
    const people = [...chosen.values()];
    const question = people.length === 1 ? t("person.ask-delete", { name: people[0].name }) : t("people.ask-delete", { n: people.length });
    if (!await ask(question, t("delete"))) return;
    await deletePeople(people, again);
    await restart();
  }

  input.addEventListener("input", settled(() => {
    const state = new URLSearchParams(Object.entries({ q: input.value.trim(), tag: tag ?? "" }).filter(([, value]) => value));
    // What is typed is part of the address, and not a step of its own for Back.
    main.dataset.hash = `#/people${state.size ? `?${state}` : ""}`;
    history.replaceState(null, "", main.dataset.hash);
    restart();
  }));
  main.replaceChildren(
    h("div", { className: "top" }, h("h1", {}, t("people.title")), summary,
      tag && h("a", { className: "chip", href: "#/people", "aria-label": t("people.all-tags", { tag }) }, tag, h("span", { "aria-hidden": "true" }, " ×")), input),
    list, more, bar);
  return restart();
}

/** Makes people one with another, and offers undo. */
export async function mergePeople(others, target, refresh, at) {
  // As they are now, whatever a list told that was made before.
  const before = ({ id }) => Promise.all([service.person(id), service.tags(id)]).then(([person, tags]) => ({ ...person, tags }));
  const [kept, ...gone] = await Promise.all([target, ...others].map(before));
  const { moved, person } = await service.merge(gone.map(({ id }) => id), kept.id);
  forgetPerson(kept.id);
  toast(t("merge.done", { name: person.name, n: person.faces }), { at, undo: async () => {
    for (const other of gone) await bringBack(other, moved.filter((move) => move.from === other.id).map((move) => move.face));
    await takeBack(kept, gone);
    forgetPerson(kept.id);
    await refresh?.();
    return t("merge.undone");
  } });
}

/** Makes somebody anew who became one with another: with these faces, with the tags, and with the picture that was chosen. */
async function bringBack(other, faces) {
  const again = faces.length ? (await service.move(faces, { name: other.name })).person : await service.addPerson(other.name);
  if (Object.keys(other.tags).length) await service.tag(again.id, other.tags);
  if (faces.includes(other.picture)) await service.choosePicture(again.id, other.picture);
}

/** Takes from somebody what came from the others: the tags, unless they were changed since, and the chosen picture. */
async function takeBack(kept, gone) {
  const now = await service.tags(kept.id);
  const change = {};
  for (const [key, value] of Object.entries(now)) {
    if (value !== kept.tags[key] && gone.some(({ tags }) => tags[key] === value)) change[key] = kept.tags[key] ?? null;
  }
  if (Object.keys(change).length) await service.tag(kept.id, change);
  // The other's choice would count again if the face came to this person again.
  if (!kept.picture && gone.some(({ picture }) => picture) && !(await service.person(kept.id)).picture) await service.choosePicture(kept.id, null);
}

/** Deletes people, and offers undo. */
export async function deletePeople(people, refresh, at) {
  const removals = [];
  const undo = async () => {
    await each(removals.splice(0).sort((a, b) => b - a), (removal) => service.undo(removal), 1);
    await refresh?.();
    return t("people.back", { n: people.length });
  };
  try {
    await each(people, async (person) => removals.push((await service.removePerson(person.id)).removal), 2);
  } finally {
    const text = people.length === 1 ? t("person.deleted", { name: people[0].name }) : t("people.deleted", { n: removals.length });
    if (removals.length) toast(text, { at, undo });
  }
}
