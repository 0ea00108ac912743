// The gallery's keys: who may use it over the network.

import { ask, attempt, button, h, toast } from "./elements.js";
import { service } from "./service.js";
import { date, t } from "./words.js";

export async function show(main) {
  const list = h("tbody");

  async function load() {
    const keys = await service.keys();
    list.replaceChildren(...keys.map((key) => h("tr", {}, h("td", {}, key.label || t("keys.no-label"), key.own && h("span", { className: "faint" }, ` ${t("keys.own")}`)),
      h("td", {}, t(`role.${key.role}`)), h("td", {}, date(key.created, "medium")), h("td", {}, h("code", {}, key.id)),
      h("td", {}, key.own ? "" : button(t("keys.revoke"), async () => {
        if (!await ask(t("keys.ask", { name: key.label || key.id }), t("keys.revoke"))) return;
        await service.revokeKey(key.id);
        toast(t("keys.revoked", { name: key.label || key.id }));
        await load();
      }, { className: "danger", "aria-label": `${t("keys.revoke")}: ${key.label || key.id}` })))));
  }

  const label = h("input", { type: "text", maxLength: 100, required: true, autocomplete: "off", "aria-label": t("keys.label"), placeholder: t("keys.label") });
  const role = h("select", { "aria-label": t("keys.role") }, ["read", "write", "admin"].map((role) => h("option", { value: role }, t(`role.${role}`))));
  const form = h("form", { className: "line" }, label, role, h("button", {}, t("keys.make")));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(form, async () => {
      const made = await service.addKey(role.value, label.value.trim());
      label.value = "";
      await load();
      await showKey(made);
    });
  });
  main.replaceChildren(h("div", { className: "top" }, h("h1", {}, t("keys.title"))), h("p", { className: "faint" }, t("keys.hint")),
    h("section", { className: "card" }, h("h2", {}, t("keys.new")), form),
    h("section", { className: "card scroll", tabIndex: 0, role: "region", "aria-label": t("keys.title") }, h("table", {}, h("thead", {}, h("tr", {}, ["label", "role", "made", "id"].map((word) => h("th", { scope: "col" }, t(`keys.${word}`))), h("td", {}))), list)));
  await load();
}

/** Shows a key, this once. */
function showKey(made) {
  const input = h("input", { type: "text", readOnly: true, value: made.key, "aria-label": t("keys.the-key"), onfocus: () => input.select() });
  const dialog = h("dialog", { "aria-labelledby": "made-title" }, h("h2", { id: "made-title" }, t("keys.made-title")), h("p", {}, t("keys.once")), input,
    h("p", { className: "buttons" }, button(t("copy"), async () => {
      input.select();
      try { await navigator.clipboard.writeText(made.key); } catch { document.execCommand("copy"); }
      dialog.querySelector(".copied").textContent = t("copied");
    }), h("button", { type: "button", onclick: () => dialog.close() }, t("done"))), h("p", { className: "copied faint", role: "status" }));
  document.body.append(dialog);
  dialog.showModal();
  input.select();
  // Nothing of it stays in the page.
  return new Promise((resolve) => dialog.addEventListener("close", () => { input.value = ""; dialog.remove(); resolve(); }, { once: true }));
}
