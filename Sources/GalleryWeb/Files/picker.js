// Asks who somebody is: one of the people, or somebody new.

import { h, settled, toast } from "./elements.js";
import { personPicture, thumbnail } from "./pictures.js";
import { service } from "./service.js";
import { t } from "./words.js";

/**
 * Gives `{ person, name }` or, for somebody new, `{ name }`; undefined when nobody was chosen.
 *
 * @param without The number of a person who is not offered.
 * @param onlyKnown Whether nobody new may be named.
 */
export function pickPerson(title, { without, onlyKnown = false } = {}) {
  const dialog = h("dialog", { className: "picker", "aria-labelledby": "picker-title" });
  const input = h("input", { type: "search", autocomplete: "off", spellcheck: false, maxLength: 250, "aria-label": t("picker.name"), placeholder: t("picker.name"), autofocus: true });
  const list = h("ul", { className: "choices", "aria-label": t("picker.people") });
  let latest = 0, answer;

  const choose = (choice) => { answer = choice; dialog.close(); };
  const choice = (content, action) => h("li", {}, h("button", { type: "button", onclick: action }, content));

  async function look() {
    latest += 1;
    const mine = latest;
    const text = input.value.trim();
    try {
      const [{ people }, same] = await Promise.all([
        service.people({ name: text, limit: 8 }), text && !onlyKnown ? service.personNamed(text).catch(() => undefined) : undefined]);
      if (mine !== latest) return;
      const known = [...(same ? [same] : []), ...people.filter((person) => person.id !== same?.id)].filter((person) => person.id !== without);
      list.replaceChildren(
        ...known.slice(0, 8).map((person) => choice([thumbnail(person.name, personPicture(person)),
          h("span", {}, person.name, h("span", { className: "faint" }, ` ${t("faces", { n: person.faces })}`))],
          () => choose({ person: person.id, name: person.name }))),
        ...(text && !onlyKnown && !same ? [choice([h("span", { className: "thumbnail", "aria-hidden": "true" }, "+"), h("span", {}, t("picker.new", { name: text }))], () => choose({ name: text }))] : []));
      if (!list.children.length) list.append(h("li", { className: "faint" }, t(text ? "people.nobody" : "picker.empty")));
    } catch (error) {
      toast(error.message);
    }
  }

  input.addEventListener("input", settled(look, 150));
  dialog.addEventListener("keydown", async (event) => {
    const buttons = [...list.querySelectorAll("button")];
    const place = buttons.indexOf(document.activeElement);
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const next = place + (event.key === "ArrowDown" ? 1 : -1);
      (buttons[next] ?? input).focus();
    } else if (event.key === "Enter" && document.activeElement === input) {
      event.preventDefault();
      // What was typed is a name: whoever has it, or somebody new.
      const text = input.value.trim();
      if (!text) return;
      try {
        const person = await service.personNamed(text);
        if (person && person.id !== without) choose({ person: person.id, name: person.name });
        else if (!person && !onlyKnown) choose({ name: text });
        else await look();
      } catch (error) {
        toast(error.message);
      }
    }
  });
  dialog.append(h("h2", { id: "picker-title" }, title), input, list,
    h("p", { className: "buttons" }, h("button", { type: "button", className: "quiet", onclick: () => dialog.close() }, t("cancel"))));
  document.body.append(dialog);
  dialog.showModal();
  look();
  return new Promise((resolve) => dialog.addEventListener("close", () => { dialog.remove(); resolve(answer); }, { once: true }));
}
