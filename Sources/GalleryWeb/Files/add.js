// Many photos into the gallery: files, or whole folders.

import { attempt, button, h, toast } from "./elements.js";
import { t } from "./words.js";
import { uploads } from "./uploads.js";

const photoName = /\.(jpe?g|png|webp|gif|bmp|tiff?|heic|heif|avif|jp2|jxl|ico)$/i;
const listed = 300;
/** What folders are called that are nobody's: dates, numbers, what cameras write, words for photos. */
const nobody = /^(\d[\d .:_-]*|dcim|\d{3}[a-z_]{4,5}|photos?|pictures?|images?|people|fotos?|bilder|personen)$/i;

/** Whose folder a photo lies in, by the folders on the way to it. */
const personOf = (folders) => [...folders].reverse().find((name) => name && !nobody.test(name))?.replaceAll("_", " ");

export function leave() { uploads.listener = () => {}; }

/** What was chosen stays while one looks at other pages. */
const choice = { way: "folder", name: "", takesLargest: true };

export function show(main) {
  const rows = new Map();
  const summary = h("p", { role: "status" });
  const bar = h("progress", { max: 1, value: 0, "aria-label": t("upload.progress") });
  const actions = h("div", { className: "line" });
  const list = h("ul", { className: "uploads", "aria-label": t("upload.list") });
  const results = h("section", { "aria-label": t("upload.list"), className: "card", hidden: true }, summary, bar, actions, list);

  // MARK: Who is on them

  const name = h("input", { type: "text", maxLength: 250, autocomplete: "off", value: choice.name, "aria-label": t("upload.name"), placeholder: t("upload.name"), oninput: () => { choice.name = name.value; } });
  const ways = ["folder", "one", "none"].map((way) => h("label", { className: "way" },
    h("input", { type: "radio", name: "way", value: way, checked: choice.way === way, onchange: () => { choice.way = way; showWay(); } }), t(`upload.way.${way}`)));
  const largest = h("label", { className: "way" }, h("input", { type: "checkbox", checked: choice.takesLargest, onchange: (event) => { choice.takesLargest = event.target.checked; } }), t("upload.largest"));
  const showWay = () => { name.hidden = choice.way !== "one"; largest.hidden = choice.way === "none"; };

  function options(folder) {
    const common = choice.takesLargest ? { several_faces: "largest" } : {};
    if (choice.way === "none") return { unnamed: true };
    if (choice.way === "one") return choice.name.trim() ? { name: choice.name.trim(), ...common } : t("upload.no-name");
    return folder ? { name: folder, ...common } : t("upload.no-folder");
  }

  function take(files) {
    const photos = files.filter(({ file, isFolder }) => isFolder || file.type?.startsWith("image/") || photoName.test(file.name));
    if (!photos.length) return toast(t(files.length ? "upload.no-photos" : "upload.empty"));
    if (choice.way === "one" && !choice.name.trim()) { name.focus(); return toast(t("upload.no-name")); }
    uploads.add(photos, options);
    if (photos.length < files.length) toast(t("upload.passed-over", { n: files.length - photos.length }));
  }

  const fromInput = (input) => {
    const files = [...input.files].map((file) => ({ file, folder: personOf(file.webkitRelativePath.split("/").slice(0, -1)) }));
    input.value = "";
    take(files);
  };
  const input = h("input", { type: "file", accept: "image/*", multiple: true, className: "visually-hidden", id: "photos-input", onchange: () => fromInput(input) });
  const folderInput = h("input", { type: "file", webkitdirectory: true, multiple: true, className: "visually-hidden", id: "folder-input", onchange: () => fromInput(folderInput) });
  const drop = h("div", { className: "drop" },
    h("div", { className: "line" }, h("label", { className: "button first" }, folderInput, t("upload.folder")), h("label", { className: "button" }, input, t("upload.files"))),
    h("p", {}, t("upload.drop")));
  drop.addEventListener("dragover", (event) => { event.preventDefault(); drop.classList.add("over"); });
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    // Entries have to be asked for at once; they are gone after the event.
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
    const plain = [...event.dataTransfer.files].map((file) => ({ file }));
    attempt(drop, async () => take(entries.length ? await filesOf(entries) : plain));
  });

  // MARK: What comes of them

  function line(upload) {
    const text = h("span", { className: "faint" });
    const retry = button(t("upload.retry"), () => uploads.retry([upload], options), { className: "plain" });
    const cancel = button(t("cancel"), () => uploads.cancel([upload]), { className: "plain" });
    const item = h("li", {}, h("span", { className: "mark", "aria-hidden": "true" }), h("span", { className: "file" }, upload.file.name, upload.folder ? h("span", { className: "faint" }, ` ${upload.folder}`) : ""), text, retry, cancel);
    rows.set(upload, () => {
      item.dataset.state = upload.state;
      text.replaceChildren(upload.person && upload.state === "added" ? h("a", { href: `#/people/${upload.person}` }, t("upload.added")) : t(`upload.${upload.state}`), upload.message ? `: ${upload.message}` : "");
      retry.hidden = !upload.mayRetry;
      cancel.hidden = upload.isOver;
    });
    rows.get(upload)();
    return item;
  }

  function showAll() {
    rows.clear();
    // Thousands of lines that nobody reads would hold up the page: those that went wrong, and the first ones.
    const troubled = uploads.all.filter((upload) => upload.state === "failed");
    const others = uploads.all.filter((upload) => upload.state !== "failed").slice(0, Math.max(0, listed - troubled.length));
    list.replaceChildren(...[...troubled, ...others].map(line));
    if (troubled.length + others.length < uploads.all.length) list.append(h("li", { className: "faint" }, t("upload.further", { n: uploads.all.length - troubled.length - others.length })));
    showSummary();
  }

  function showSummary() {
    const { all, left } = uploads;
    const count = Object.fromEntries(["added", "had", "failed", "cancelled"].map((state) => [state, uploads.count(state)]));
    results.hidden = all.length === 0;
    bar.max = all.length || 1;
    bar.value = all.length - left;
    const parts = [t("upload.done-of", { done: all.length - left, n: all.length }), t("upload.count.added", { n: count.added })];
    for (const state of ["had", "failed", "cancelled"]) if (count[state]) parts.push(t(`upload.count.${state}`, { n: count[state] }));
    if (left && Date.now() < uploads.pausedUntil) parts.push(t("upload.paused"));
    summary.textContent = parts.join(" · ");
    actions.replaceChildren(...[
      left > 0 && button(t("upload.cancel-all"), () => uploads.cancel(all)),
      all.some((upload) => upload.mayRetry) && button(t("upload.retry-all"), () => uploads.retry(all, options)),
      left < all.length && button(t("upload.clear"), () => uploads.clear()),
      left === 0 && choice.way === "none" && count.added > 0 && h("a", { className: "button", href: "#/review" }, t("upload.name-them")),
    ].filter(Boolean));
  }

  let isPlanned = false;
  uploads.listener = (upload) => {
    if (upload && rows.has(upload)) rows.get(upload)();
    // Many that change at once are shown once.
    if (isPlanned) return;
    isPlanned = true;
    queueMicrotask(() => { isPlanned = false; if (upload) showSummary(); else showAll(); });
  };

  main.replaceChildren(h("div", { className: "top" }, h("h1", {}, t("upload.title"))),
    h("fieldset", { className: "card ways" }, h("legend", {}, t("upload.who")), ways, name, largest),
    drop, results);
  showWay();
  showAll();
}

/**
 * All files below what was dropped, each with the folder that it lies in. A file, or the rest of a folder, that cannot be read is among them, with a name
 * only and the reason as `trouble`.
 */
async function filesOf(entries) {
  const found = [];
  /** What comes of `work`; undefined after a failure, which is one of those found. */
  async function reading(entry, folders, work) {
    try {
      return await work();
    } catch (error) {
      const reason = entry.isDirectory ? "folder-unreadable" : error?.name === "NotFoundError" ? "gone" : "unreadable";
      found.push({ file: { name: entry.name }, folder: personOf(folders), isFolder: entry.isDirectory, trouble: t(`upload.${reason}`) });
      return undefined;
    }
  }
  async function walk(entry, folders) {
    if (entry.isFile) {
      const file = await reading(entry, folders, () => new Promise((resolve, reject) => entry.file(resolve, reject)));
      if (file) found.push({ file, folder: personOf(folders) });
    } else if (entry.isDirectory) {
      const reader = entry.createReader();
      // A reader gives a part at a time.
      for (;;) {
        const some = await reading(entry, folders, () => new Promise((resolve, reject) => reader.readEntries(resolve, reject)));
        if (!some?.length) break;
        for (const inner of some) await walk(inner, [...folders, entry.name]);
      }
    }
  }
  for (const entry of entries) await walk(entry, []);
  return found;
}
