// Small helpers to make elements; text is always set as text, never as HTML.

/** Makes an element; properties that begin with "on" are listeners, those with a dash are attributes. */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name.includes("-") || name === "role" || name === "for") element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false)
    .map((child) => typeof child === "string" ? printable(child) : child));
  return element;
}

/** Text with characters escaped that are not seen, or turn the order of what stands beside them. */
function printable(text) {
  return text.replace(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`);
}

/** Says something to everybody, screen readers included. */
export function announce(text) {
  const place = document.getElementById("announcer");
  place.textContent = printable(text);
  clearTimeout(announce.timer);
  announce.timer = setTimeout(() => { place.textContent = ""; }, 8000);
}

/** Asks a question with yes and no. */
export function ask(question, yes) {
  const dialog = document.getElementById("question-dialog");
  document.getElementById("question-text").textContent = printable(question);
  document.getElementById("question-yes").textContent = yes;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

/** Runs what a button or a form starts, keeps it from being started twice, and tells what went wrong. */
export async function attempt(control, work) {
  const buttons = control instanceof HTMLFormElement ? [...control.querySelectorAll("button")] : [control];
  for (const button of buttons) button.disabled = true;
  try {
    return await work();
  } catch (error) {
    announce(error.message);
    return undefined;
  } finally {
    for (const button of buttons) button.disabled = false;
  }
}

/** A picture that is loaded with the key, or the first letters of a name where there is none. */
export function thumbnail(name, load) {
  const letters = name.split(/\s+/).map((word) => [...word][0] ?? "").slice(0, 2).join("").toUpperCase();
  const place = h("div", { className: "thumbnail", "aria-hidden": "true" }, letters || "?");
  load().then((address) => place.replaceWith(h("img", { className: "thumbnail", src: address, alt: "" })), () => {});
  return place;
}

export function percent(share) {
  if (share < 0.001 && share > 0) return "<\u202f0.1\u00a0%";
  if (share > 0.999 && share < 1) return ">\u202f99.9\u00a0%";
  const digits = share > 0.99 || share < 0.01 ? 1 : 0;
  // Rounded down, so that less than half is not shown as half.
  const rounded = Math.floor(100 * share * 10 ** digits + 1e-9) / 10 ** digits;
  return `${rounded.toLocaleString("en", { maximumFractionDigits: digits })}\u00a0%`;
}

export const similarity = (value) => value.toFixed(3).replace("-", "−");

export const count = (number, one, many) => `${number.toLocaleString("en")} ${number === 1 ? one : many}`;

export function bytes(number) {
  const units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  while (number >= 1024 && unit < units.length - 1) { number /= 1024; unit += 1; }
  return `${unit === 0 ? number : number.toFixed(number < 10 ? 1 : 0)} ${units[unit]}`;
}
