// Faces without a name, a row a stranger: who are they?

import { attempt, button, each, h, percent, toast, undoLast } from "./elements.js";
import { endless } from "./endless.js";
import { dropEmpty } from "./person.js";
import { pickPerson } from "./picker.js";
import { facePicture, forgetPerson, thumbnail } from "./pictures.js";
import { keyHelp, onKeys, workList } from "./rows.js";
import { moveBack, service } from "./service.js";
import { t } from "./words.js";

const pageSize = 20;
const facesOfRow = 16;
/** A person is suggested from this probability. */
const leastShare = 0.01;

let stopKeys = () => {};

export function leave() { stopKeys(); }

export async function show(main, query, access) {
  leave();
  if (query.get("show") === "ignored") return showIgnored(main, access);
  const summary = h("p", { className: "faint summary", role: "status", tabIndex: -1 });
  const list = h("ul", { className: "rows", "aria-label": t("review.groups") });
  const bar = h("div", { className: "bar", role: "region", "aria-label": t("chosen.label"), hidden: true });
  let total = 0;

  const { more, restart, goOn } = endless(list, async (after) => {
    const page = await service.groups(after, pageSize, facesOfRow);
    if (after === undefined) { total = page.total; showSummary(); }
    return { items: page.groups.map(row), next: page.next };
  });

  const { rows, current, go, take: takeAway } = workList(list, goOn, summary);
  const chosen = () => rows().filter((row) => row.classList.contains("chosen"));

  function showSummary() {
    summary.textContent = total > 0 ? t("review.count", { n: total }) : t("review.none");
  }

  function showBar() {
    const { length } = chosen();
    bar.hidden = length === 0;
    bar.replaceChildren(h("span", {}, t("review.chosen", { n: length })),
      button(t("review.name-all"), () => nameRows(chosen()), { className: "" }),
      button(t("review.ignore"), () => ignoreRows(chosen())),
      button(t("cancel"), () => { for (const row of chosen()) select(row, false); }));
  }

  function select(row, isChosen) {
    row.classList.toggle("chosen", isChosen);
    row.querySelector("input[type=checkbox]").checked = isChosen;
    showBar();
  }

  // MARK: A row

  function row(group) {
    const title = t("review.group", { n: group.size });
    // A likeness of no account is not worth reading.
    const like = group.verdict || (group.most_like?.probability ?? 0) >= leastShare ? group.most_like : undefined;
    const element = h("li", { className: "row", tabIndex: -1, "aria-label": title });
    Object.assign(element, { group, like });
    const faces = group.faces.map(({ face, thumbnail: kept }, place) => {
      const picture = thumbnail("?", kept && facePicture(face));
      const control = h("button", { type: "button", className: "face", "aria-pressed": "false", "aria-label": t("review.face", { place: place + 1 }), title: t("review.face-hint"),
        onclick: () => {
          control.setAttribute("aria-pressed", String(control.getAttribute("aria-pressed") !== "true"));
          showActions();
        } }, picture);
      control.dataset.face = face;
      return access.mayWrite ? control : picture;
    });
    const actions = h("div", { className: "line actions" });

    function showActions() {
      const marked = markedIn(element).length;
      actions.replaceChildren(
        like && h("button", { type: "button", className: group.verdict ? "suggestion" : "suggestion quiet", onclick: (event) => attempt(event.currentTarget, () => accept(element)) },
          thumbnail(like.name, like.thumbnail && facePicture(like.face)),
          h("span", {}, t(group.verdict ? "review.is" : "review.perhaps", { name: like.name }),
            like.probability !== undefined && h("span", { className: "share" }, ` ${percent(like.probability)}`))) || "",
        button(t(like ? "review.other" : "review.who"), () => nameRows([element])),
        button(marked ? t("review.ignore-faces", { n: marked }) : t("review.ignore"), () => ignoreRows([element]), { className: "plain" }));
    }

    element.append(
      access.mayWrite ? h("input", { type: "checkbox", className: "choice", "aria-label": t("review.choose", { n: group.size }), onchange: (event) => select(element, event.target.checked) }) : "",
      h("div", { className: "strip" }, faces, group.size > group.faces.length ? h("span", { className: "faint" }, t("review.further", { n: group.size - group.faces.length })) : ""),
      h("p", { className: "faint" }, title));
    if (access.mayWrite) { element.append(actions); showActions(); }
    return element;
  }

  const markedIn = (row) => [...row.querySelectorAll(".face[aria-pressed=true]")].map((face) => Number(face.dataset.face));

  function take(taken) {
    takeAway(taken, (row) => select(row, false));
    total -= taken.length;
    showSummary();
  }

  // MARK: What is done with rows

  /** Names a group, where all of its faces, but those marked, are the person's. */
  const accept = (row) => name([row], { person: row.like.person }, row.like.name);

  async function nameRows(named) {
    if (!named.length) return;
    const size = named.reduce((sum, row) => sum + row.group.size, 0);
    const choice = await pickPerson(t("review.pick", { n: size }));
    if (choice) await name(named, choice.person ? { person: choice.person } : { name: choice.name }, choice.name);
    else named[0].focus();
  }

  async function name(named, receiver, text) {
    const done = [];
    let person;
    try {
      await each(named, async (row) => {
        const report = await service.nameGroup(row.group.group, receiver, markedIn(row));
        person = report.person;
        done.push({ row, moved: report.moved });
      }, 1);
    } finally {
      if (done.length) {
        const count = done.reduce((sum, { moved }) => sum + moved.length, 0);
        toast(t("review.named", { n: count, name: text }), { undo: async () => {
          for (const { row, moved } of done) await moveBack(moved, row.group.group);
          if (receiver.name) await dropEmpty(person);
          if (person) forgetPerson(person.id);
          await refreshed(done[0].row.group.group);
          return t("review.back");
        } });
        if (person) forgetPerson(person.id);
        // Those that were marked stay, as a group of their own.
        take(done.map(({ row }) => row));
        for (const { row } of done) if (markedIn(row).length) await putBack(row.group.group);
      }
    }
  }

  async function ignoreRows(ignored) {
    const done = [];
    await each(ignored, async (row) => {
      const marked = markedIn(row);
      await service.ignore(marked.length ? { faces: marked } : { group: row.group.group });
      done.push({ group: row.group.group, marked });
    }, 1);
    toast(t("review.ignored", { n: done.length }), { undo: async () => {
      for (const { group, marked } of done) {
        if (marked.length) await each(marked, (face) => service.stopIgnoring(face), 2);
        else await service.stopIgnoringGroup(group);
      }
      await refreshed(done[0].group);
      return t("review.back");
    } });
    take(ignored);
    for (const { group, marked } of done) if (marked.length) await putBack(group);
  }

  /** Shows a group of which something is left, first. */
  async function putBack(group) {
    try {
      const again = row(await service.group(group, facesOfRow));
      list.prepend(again);
      total += 1;
      showSummary();
    } catch (error) {
      if (error.status !== 404) throw error;
    }
  }

  async function refreshed(group) {
    if (!list.isConnected) return;
    await restart();
    const row = rows().find((row) => row.group.group === group);
    row?.scrollIntoView({ block: "center" });
    row?.focus();
  }

  // MARK: Keys

  stopKeys = onKeys((key) => {
    const row = current();
    const targets = chosen().length ? chosen() : row ? [row] : [];
    return {
      j: () => go(1), k: () => go(-1), u: () => undoLast(),
      ...(access.mayWrite ? {
        n: () => nameRows(targets),
        y: () => { if (row?.like) return accept(row); },
        i: () => targets.length ? ignoreRows(targets) : undefined,
        // On a control of the row the space key is the control's.
        ...(row && document.activeElement === row ? { " ": () => select(row, !row.classList.contains("chosen")) } : {}),
      } : {}),
    }[key];
  });

  const find = button(t("review.find"), async () => {
    summary.textContent = t("review.finding");
    try {
      const report = await service.findGroups();
      await restart();
      if (report.total === 0) summary.textContent = t(report.unnamed_faces ? "review.all-single" : "review.no-faces");
    } catch (error) {
      showSummary();
      throw error;
    }
  });
  main.replaceChildren(
    h("div", { className: "top" }, h("h1", {}, t("review.title")), summary, h("div", { className: "line" }, access.mayWrite && find, h("a", { href: "#/review?show=ignored" }, t("review.show-ignored")))),
    access.mayWrite ? keyHelp(["j", "key.next"], ["k", "key.previous"], [t("key.space-name"), "key.choose"], ["y", "key.yes"], ["n", "key.name"], ["i", "key.ignore"], ["u", "key.undo"]) : "",
    list, more, bar);
  await restart();
}

/** What is asked about no more. */
async function showIgnored(main, access) {
  const summary = h("p", { className: "faint summary", role: "status" });
  const list = h("ul", { className: "grid faces", "aria-label": t("ignored.title") });
  const { more, restart } = endless(list, async (after) => {
    const { total, faces, next } = await service.ignored(after, 100);
    if (after === undefined) summary.textContent = t(total ? "ignored.count" : "ignored.none", { n: total });
    return { items: faces.map(item), next };
  });

  function item({ face, group, thumbnail: kept }) {
    return h("li", {}, thumbnail("?", kept && facePicture(face)), access.mayWrite && button(t(group === undefined ? "ignored.again" : "ignored.again-group"), async () => {
      if (group === undefined) await service.stopIgnoring(face); else await service.stopIgnoringGroup(group);
      toast(t("ignored.done"), { undo: async () => {
        await service.ignore(group === undefined ? { faces: [face] } : { group });
        if (list.isConnected) await restart();
      } });
      await restart();
    }, { className: "plain" }));
  }

  main.replaceChildren(h("p", {}, h("a", { href: "#/review" }, t("review.title"))), h("div", { className: "top" }, h("h1", {}, t("ignored.title")), summary), list, more);
  await restart();
}
