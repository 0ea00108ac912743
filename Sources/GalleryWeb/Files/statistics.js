// How the gallery and its index stand.

import { attempt, bytes, count, h, percent } from "./elements.js";
import { service } from "./service.js";

const states = {
  current: "up to date", behind: "behind, and caught up on opening", missing: "none yet", foreign: "of another gallery",
  damaged: "damaged", tooNew: "newer than the gallery", tooOld: "too old to catch up",
};

export async function show(main, access) {
  const gallery = await service.gallery();
  const { index } = gallery;
  const refresh = h("button", { type: "button", className: "quiet", onclick: () => attempt(refresh, () => show(main, access)) }, "Refresh");
  const queries = Object.entries(index.queries).sort((a, b) => b[1] - a[1]);
  const number = (value) => value.toLocaleString("en");
  main.replaceChildren(
    h("h1", {}, "Statistics"),
    h("div", { className: "columns" },
      card("Gallery", facts({
        Name: gallery.name, People: number(gallery.people), Faces: number(gallery.faces),
        Pictures: gallery.keeps_thumbnails ? number(gallery.thumbnails) : `${number(gallery.thumbnails)}; none are kept of new faces`,
        Components: gallery.dimension === undefined ? "none yet" : number(gallery.dimension),
        Changes: number(gallery.sequence), Database: `${bytes(gallery.database_bytes)}, ${bytes(gallery.free_bytes)} unused`,
        "Made": new Date(gallery.created).toLocaleString("en", { dateStyle: "long", timeStyle: "short" }),
        "Your key’s role": gallery.role,
      })),
      card("Index", facts({
        State: index.ready ? "the graph answers" : gallery.faces ? "every face is compared" : "empty",
        "Faces in it": number(index.faces), "Not in it yet": count(index.tail, "change", "changes"), Memory: bytes(index.memory_bytes),
        "Links a face": number(index.m), "Width when building": number(index.ef_construction),
        Snapshot: `${states[gallery.snapshot.state] ?? gallery.snapshot.state}${gallery.snapshot.bytes ? `, ${bytes(gallery.snapshot.bytes)}` : ""}`,
        ...(index.failures ? { Trouble: `could not be brought up to date or saved ${count(index.failures, "time", "times")}; the log says why` } : {}),
      })),
      card("Queries since the start", queries.length
        ? h("table", {}, h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Answered by"), h("th", { scope: "col", className: "number" }, "Queries"))),
          h("tbody", {}, queries.map(([plan, times]) => h("tr", {}, h("td", {}, plan), h("td", { className: "number" }, number(times))))))
        : h("p", {}, "None yet.")),
      access.mayAdminister ? card("Health", health()) : null),
    h("p", { className: "line" }, refresh));
}

function card(title, ...content) {
  return h("section", { className: "card" }, h("h2", {}, title), ...content);
}

function facts(values) {
  return h("dl", {}, Object.entries(values).map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
}

function health() {
  const outcome = h("div", { role: "status" });
  const check = h("button", { type: "button", className: "quiet", onclick: () => attempt(check, async () => {
    outcome.textContent = "Everything is being read…";
    try {
      const report = await service.check();
      const recall = report.recall === undefined ? "" : ` The graph finds ${percent(report.recall)} of the nearest faces.`;
      outcome.replaceChildren(
        h("p", { className: report.healthy ? "known-name" : "error" }, report.healthy ? `All is well: ${count(report.people, "person", "people")}, ${count(report.faces, "face", "faces")}.${recall}` : "Something is wrong."),
        h("ul", {}, report.findings.map((finding) => h("li", {}, `${finding.message} (${finding.count}): ${finding.remedy}`))),
        report.namesakes.length > 0 && h("p", {}, "People of one name, written differently, who may be one person:"),
        h("ul", {}, report.namesakes.map((people) => h("li", {}, people.map((person, place) => [place > 0 && ", ", h("a", { href: `#/people/${person.id}` }, person.name)])))));
    } catch (error) {
      outcome.replaceChildren();
      throw error;
    }
  }) }, "Check everything");
  const backup = h("button", { type: "button", className: "quiet", onclick: () => attempt(backup, async () => {
    const name = `${new Date().toISOString().slice(0, 19).replaceAll(":", "")}Z`;
    outcome.textContent = "The gallery is being copied…";
    try {
      const report = await service.backup(name);
      outcome.textContent = `The backup ${report.name} is complete.`;
    } catch (error) {
      outcome.replaceChildren();
      throw error;
    }
  }) }, "Back up");
  return [h("p", { className: "line" }, check, backup), outcome];
}
