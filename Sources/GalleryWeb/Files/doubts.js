// Faces that may be under a wrong name, or are there twice: a row each, settled one after the other.

import { attempt, button, each, h, similarity, toast, undoLast } from "./elements.js";
import { endless } from "./endless.js";
import { dropEmpty } from "./person.js";
import { pickPerson } from "./picker.js";
import { facePicture, forgetPerson, thumbnail } from "./pictures.js";
import { keyHelp, onKeys, workList } from "./rows.js";
import { moveBack, service } from "./service.js";
import { t, time } from "./words.js";

const pageSize = 20;
const kinds = ["suspicious", "outliers", "duplicates"];
/** So many people are offered for faces that are nearly the same picture. */
const mostNames = 4;
const pollMilliseconds = 1000;

let stop = () => {};

export function leave() { stop(); }

/** The entries of a page of a review, in its order: each has its `kind` and the `members` that are shown, the one in question first. */
const entriesOf = (page) => [
  ...page.suspicious.map((entry) => ({ ...entry, kind: "suspicious", members: [entry.member, entry.own, entry.other] })),
  ...page.outliers.map((entry) => ({ ...entry, kind: "outliers", own_similarity: entry.similarity, members: [entry.member, entry.own, ...(entry.other ? [entry.other] : [])] })),
  ...page.duplicates.map((entry) => ({ ...entry, kind: "duplicates" })),
];

const facesOf = (members) => members.map((member) => member.face);
const unique = (things, key) => [...new Map(things.map((thing) => [key(thing), thing])).values()];

export async function show(main, query, access) {
  leave();
  const kind = kinds.find((kind) => kind === query.get("kind"));
  const summary = h("p", { className: "faint summary", role: "status", tabIndex: -1 });
  const made = h("p", { className: "faint" });
  const bar = h("progress", { hidden: true, "aria-label": t("doubts.progress") });
  const list = h("ul", { className: "rows", "aria-label": t("doubts.title") });
  let total = 0;
  /** The review that is shown: when it was made, and of how many faces; null when there is none. */
  let review = null;

  const { more, restart, goOn } = endless(list, async (after) => {
    let page;
    try {
      page = await service.doubts(kind, after, pageSize);
    } catch (error) {
      if (error.kind === "no-review") {
        review = null;
        showSummary();
        return { items: [] };
      }
      if (error.kind !== "review-replaced") throw error;
      // Somebody made another review meanwhile: from the start.
      setTimeout(restart);
      return { items: [] };
    }
    if (after === undefined) {
      [review, total] = [page, page.total];
      showSummary();
    }
    return { items: entriesOf(page).map(row), next: page.next };
  });

  const { rows, current, go, take: takeAway } = workList(list, goOn, summary);

  function showSummary() {
    summary.textContent = !review ? t("doubts.never") : total > 0 ? t("doubts.count", { n: total }) : t(kind ? "doubts.none-of-kind" : "doubts.none");
    made.textContent = review ? t("doubts.made", { n: review.faces, time: time(review.made) }) : "";
  }

  // MARK: A row

  function picture(member, caption) {
    return h("figure", { className: "compared" }, thumbnail(member.name, member.thumbnail && facePicture(member.face)),
      h("figcaption", {}, h("a", { href: `#/people/${member.person}`, title: member.name }, member.name), h("span", { className: "faint" }, caption)));
  }

  /** A sentence that says what is doubtful. */
  function titleOf({ kind, member, members, other, faces }) {
    if (kind === "suspicious") return t("doubts.suspicious", { name: member.name, other: other.name });
    if (kind === "outliers") return t("doubts.outlier", { name: member.name, n: faces });
    const people = unique(members, (member) => member.person);
    return people.length > 1 ? t("doubts.same-several", { n: members.length }) : t("doubts.same", { name: members[0].name, n: members.length });
  }

  function row(entry) {
    const title = titleOf(entry);
    const element = h("li", { className: "row", tabIndex: -1, "aria-label": title });
    element.entry = entry;
    const alike = (value) => t("similarity", { value: similarity(value) });
    const pictures = entry.kind === "duplicates"
      ? entry.members.map((member) => picture(member, ""))
      : [picture(entry.member, t("doubts.this")), picture(entry.own, alike(entry.own_similarity)), entry.other && picture(entry.other, alike(entry.other_similarity))];
    element.append(h("div", { className: "strip" }, pictures.filter(Boolean)), h("p", {}, title));
    if (access.mayWrite) element.append(h("div", { className: "line actions" }, actionsOf(element)));
    return element;
  }

  function actionsOf(row) {
    const { kind, members, member, other } = row.entry;
    const suggestion = (person, text, action) => h("button", { type: "button", className: "suggestion", onclick: (event) => attempt(event.currentTarget, action) },
      thumbnail(person.name, person.thumbnail && facePicture(person.face)), h("span", {}, text));
    if (kind !== "duplicates") {
      return [other && suggestion(other, t("review.is", { name: other.name }), () => give(row, [member], { person: other.person }, other.name)),
        button(t("doubts.stays", { name: member.name }), () => keep(row)),
        button(t("review.other"), () => giveToOther(row)),
        button(t("delete"), () => remove(row), { className: "danger" })];
    }
    const people = unique(members, (member) => member.person);
    return [...(people.length > 1
      ? people.slice(0, mostNames).map((person) => suggestion(person, t("doubts.all-are", { name: person.name }), () => give(row, members.filter((member) => member.person !== person.person), { person: person.person }, person.name)))
      : [button(t("doubts.delete-others", { n: members.length - 1 }), () => remove(row), { className: "danger" })]),
    button(t("doubts.keep"), () => keep(row))];
  }

  // MARK: What is done with a row

  /** Does something with a row's faces; when they are not there any more the list is made anew. */
  async function settle(work) {
    try {
      await work();
    } catch (error) {
      if (error.status === 404) await restart();
      throw error;
    }
  }

  /** Takes away what is settled by a change of faces: the rows of these, and those that compare with them, unless they were only kept. */
  function take(faces, isKept = false) {
    const touched = (member) => faces.includes(member.face);
    const gone = [];
    for (const other of rows()) {
      const { kind, member, members } = other.entry;
      if (kind === "duplicates") {
        const left = members.filter((member) => !touched(member));
        if (left.length === members.length) continue;
        if (left.length < 2) gone.push(other); else renew(other, { ...other.entry, members: left });
      } else if (isKept ? touched(member) : members.some(touched)) gone.push(other);
    }
    if (gone.length) takeAway(gone);
    total -= gone.length;
    showSummary();
  }

  function renew(old, entry) {
    const hadFocus = old.contains(document.activeElement);
    const renewed = row(entry);
    old.replaceWith(renewed);
    if (hadFocus) renewed.focus();
  }

  async function refreshed({ kind, members }) {
    if (!list.isConnected) return;
    await restart();
    const again = rows().find(({ entry }) => entry.kind === kind && entry.members[0].face === members[0].face);
    again?.scrollIntoView({ block: "center" });
    again?.focus();
  }

  const give = (row, members, receiver, name) => settle(async () => {
    const { entry } = row;
    const { moved, person } = await service.move(facesOf(members), receiver);
    const forget = () => { for (const id of [person.id, ...moved.map((move) => move.from)]) forgetPerson(id); };
    forget();
    toast(t("faces.moved", { n: moved.length, name }), { undo: async () => {
      await moveBack(moved);
      if (receiver.name) await dropEmpty(person);
      forget();
      await refreshed(entry);
      return t("faces.back", { n: moved.length });
    } });
    take(facesOf(members));
  });

  async function giveToOther(row) {
    const { kind, member } = row.entry;
    if (kind === "duplicates") return;
    const choice = await pickPerson(t("faces.move-title", { n: 1 }), { without: member.person });
    if (choice) await give(row, [member], choice.person ? { person: choice.person } : { name: choice.name }, choice.name);
    else row.focus();
  }

  /** Everything stays as it is, and is not asked about again. */
  const keep = (row) => settle(async () => {
    const { entry } = row;
    const { faces } = await service.ignore({ faces: entry.kind === "duplicates" ? facesOf(entry.members) : [entry.member.face] });
    toast(t("doubts.kept"), { undo: async () => {
      await each(faces, (face) => service.stopIgnoring(face), 2);
      await refreshed(entry);
    } });
    take(faces, true);
  });

  /** Deletes the face, or of those that are nearly the same picture all but the oldest. */
  const remove = (row) => settle(async () => {
    const { entry } = row;
    if (entry.kind === "duplicates" && unique(entry.members, (member) => member.person).length > 1) return;
    const members = entry.kind === "duplicates" ? entry.members.slice(1) : [entry.member];
    const removals = [];
    try {
      await each(members, async ({ face, person }) => {
        removals.push((await service.removeFace(face)).removal);
        forgetPerson(person);
      }, 1);
    } finally {
      if (removals.length) {
        toast(t("faces.deleted", { n: removals.length }), { undo: async () => {
          await each(removals.sort((a, b) => b - a), (removal) => service.undo(removal), 1);
          for (const { person } of members) forgetPerson(person);
          await refreshed(entry);
          return t("faces.back", { n: removals.length });
        } });
      }
    }
    take(facesOf(members));
  });

  // MARK: Making a review

  let isLeft = false;

  function showProgress({ done, total }) {
    bar.hidden = false;
    if (total > 0) Object.assign(bar, { max: total, value: Math.min(done, total) }); else bar.removeAttribute("value");
    summary.textContent = total > 0 ? t("doubts.comparing", { done, n: total }) : t("review.finding");
  }

  /** Shows how far the server is, until `isOver` says that it is done. */
  async function follow(isOver) {
    for (;;) {
      const progress = await service.doubtsProgress().catch(() => null);
      if (isLeft || isOver(progress)) return;
      if (progress?.running) showProgress(progress);
      await new Promise((resolve) => setTimeout(resolve, pollMilliseconds));
    }
  }

  async function look() {
    let isDone = false;
    showProgress({ done: 0, total: 0 });
    follow(() => isDone);
    try {
      await service.findDoubts();
      isDone = true;
      await restart();
    } catch (error) {
      isDone = true;
      showSummary();
      throw error;
    } finally {
      bar.hidden = true;
    }
  }

  const stopKeys = onKeys((key) => {
    const row = current();
    return {
      j: () => go(1), k: () => go(-1), u: () => undoLast(),
      ...(access.mayWrite && row ? {
        y: () => { if (row.entry.kind !== "duplicates" && row.entry.other) return give(row, [row.entry.member], { person: row.entry.other.person }, row.entry.other.name); },
        i: () => keep(row), n: () => giveToOther(row), d: () => remove(row),
      } : {}),
    }[key];
  });
  stop = () => {
    isLeft = true;
    stopKeys();
  };

  const find = button(t("doubts.find"), look);
  const chip = (text, value) => h("a", { className: "chip", href: `#/doubts${value ? `?kind=${value}` : ""}`, "aria-current": value === kind ? "true" : undefined }, text);
  main.replaceChildren(
    h("div", { className: "top" }, h("h1", {}, t("doubts.title")), summary, access.mayWrite && find), made, bar,
    h("p", { className: "line" }, chip(t("doubts.all"), undefined), kinds.map((kind) => chip(t(`doubts.kind.${kind}`), kind))),
    access.mayWrite ? keyHelp(["j", "key.next"], ["k", "key.previous"], ["y", "key.is-other"], ["i", "key.stays"], ["n", "key.somebody"], ["d", "key.delete"], ["u", "key.undo"]) : "",
    list, more);
  await restart();
  // A review may be on its way, asked for before this page was left, or by somebody else.
  const progress = await service.doubtsProgress().catch(() => null);
  if (progress?.running) {
    showProgress(progress);
    follow((progress) => !progress?.running).then(async () => {
      bar.hidden = true;
      if (!isLeft) await restart();
    });
  }
}
