// How the gallery and its index stand.

import { bytes, button, h, percent } from "./elements.js";
import { service } from "./service.js";
import { has, number, t, time } from "./words.js";

export async function show(main, access) {
  const gallery = await service.gallery();
  const { index } = gallery;
  const queries = Object.entries(index.queries).sort((a, b) => b[1] - a[1]);
  const state = (name) => t(`figures.snapshot.${name}`);
  main.replaceChildren(
    h("div", { className: "top" }, h("h1", {}, t("figures.title")), button(t("figures.refresh"), () => show(main, access))),
    h("div", { className: "columns" },
      card(t("figures.gallery"), facts([
        ["figures.name", gallery.name], ["figures.people", number(gallery.people)], ["figures.faces", number(gallery.faces)],
        ["figures.unnamed", number(gallery.unnamed_faces)],
        ["figures.pictures", gallery.keeps_thumbnails ? number(gallery.thumbnails) : t("figures.no-pictures", { n: gallery.thumbnails })],
        ["figures.size", t("figures.bytes", { all: bytes(gallery.database_bytes), unused: bytes(gallery.free_bytes) })],
        ["figures.made", time(gallery.created)], ["figures.role", t(`role.${gallery.role}`)],
      ])),
      card(t("figures.search"), facts([
        ["figures.state", t(index.ready ? "figures.ready" : gallery.faces ? "figures.all-compared" : "figures.empty")],
        ["figures.indexed", number(index.faces)], ["figures.tail", t("figures.changes", { n: index.tail })],
        ["figures.memory", bytes(index.memory_bytes)],
        ["figures.snapshot", `${state(gallery.snapshot.state)}${gallery.snapshot.bytes ? `, ${bytes(gallery.snapshot.bytes)}` : ""}`],
        ...(index.failures ? [["figures.trouble", t("figures.failures", { n: index.failures })]] : []),
      ])),
      card(t("figures.queries"), queries.length
        ? h("table", {}, h("thead", {}, h("tr", {}, h("th", { scope: "col" }, t("figures.way")), h("th", { scope: "col", className: "number" }, t("figures.times")))),
          h("tbody", {}, queries.map(([plan, times]) => h("tr", {}, h("td", {}, planWord(plan)), h("td", { className: "number" }, number(times))))))
        : h("p", {}, t("figures.no-queries"))),
      access.mayAdminister ? card(t("figures.health"), health()) : null));
}

function card(title, ...content) {
  return h("section", { className: "card" }, h("h2", {}, title), ...content);
}

function facts(values) {
  return h("dl", {}, values.map(([word, value]) => [h("dt", {}, t(word)), h("dd", {}, value)]));
}

function health() {
  const outcome = h("div", { role: "status" });
  /** Says what is being done until it is. */
  const during = async (text, work) => {
    outcome.textContent = text;
    try {
      outcome.replaceChildren(...await work());
    } catch (error) {
      outcome.replaceChildren();
      throw error;
    }
  };
  const check = button(t("figures.check"), () => during(t("figures.checking"), async () => {
    const report = await service.check();
    const recall = report.recall === undefined ? "" : ` ${t("figures.recall", { share: percent(report.recall) })}`;
    return [
      h("p", { className: report.healthy ? "known-name" : "error" }, report.healthy
        ? `${t("figures.well", { people: t("people.count", { n: report.people }), faces: t("faces", { n: report.faces }) })}${recall}` : t("figures.wrong")),
      h("ul", {}, report.findings.map((finding) => h("li", {}, `${finding.message} (${number(finding.count)}): ${finding.remedy}`))),
      ...(report.namesakes.length ? [h("p", {}, t("figures.namesakes")),
        h("ul", {}, report.namesakes.map((people) => h("li", {}, people.map((person, place) => [place > 0 && ", ", h("a", { href: `#/people/${person.id}` }, person.name)]))))] : []),
    ];
  }));
  const backup = button(t("figures.back-up"), () => during(t("figures.copying"), async () => {
    const report = await service.backup(`${new Date().toISOString().slice(0, 19).replaceAll(":", "")}Z`);
    return [h("p", {}, t("figures.copied", { name: report.name }))];
  }));
  return [h("p", { className: "line" }, check, backup), outcome];
}

/** How questions were answered, in words. */
function planWord(plan) {
  if (plan.startsWith("graph")) return t("plan.graph");
  const word = `plan.${plan.replace(/^exact: /, "").replaceAll(" ", "-")}`;
  return t(has(word) ? word : "plan.other");
}
