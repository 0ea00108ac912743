// Pictures of faces: asked for only while they are on the screen, some at a time, and kept for a while.

import { h } from "./elements.js";
import { service } from "./service.js";

const parallel = 6;
const kept = 600;

/** What the gallery says of its pictures; set by main.js. Where it has none nobody asks for any. */
export const pictures = { areKept: true };

/** Addresses of pictures that were loaded, by their path; the oldest are given back. */
const loaded = new Map();
/** The paths at which there is no picture: they are asked for once. */
const missing = new Set();
/** The places that wait for their picture, those that came near the window first in front. */
let waiting = [];
let running = 0;

const paths = new WeakMap();

const observer = new IntersectionObserver((entries) => {
  const gone = new Set(entries.map(({ target }) => target));
  waiting = waiting.filter((place) => !gone.has(place));
  waiting.push(...entries.filter(({ isIntersecting }) => isIntersecting).map(({ target }) => target));
  next();
}, { rootMargin: "200px" });

/** How far a place is from the part of the page that is seen; 0 for what is in it. */
function distance(place) {
  const { top, bottom } = place.getBoundingClientRect();
  return Math.max(0, top - innerHeight, -bottom);
}

/** Takes the place that is next: of those in view the one that came first, then what is nearest to them, wherever one has scrolled meanwhile. */
function take() {
  let best, least = Infinity;
  for (const place of waiting) {
    const far = distance(place);
    if (far < least) [best, least] = [place, far];
    if (far === 0) break;
  }
  waiting = waiting.filter((place) => place !== best);
  return best;
}

function next() {
  waiting = waiting.filter((place) => place.isConnected);
  while (running < parallel && waiting.length) load(take());
}

async function load(place) {
  const path = paths.get(place);
  if (missing.has(path)) {
    observer.unobserve(place);
    return;
  }
  running += 1;
  try {
    const address = loaded.get(path) ?? await service.picture(path);
    loaded.delete(path);
    if (address) {
      loaded.set(path, address);
      const image = h("img", { src: address, alt: "" });
      await image.decode().catch(() => {});
      place.replaceChildren(image);
    } else {
      missing.add(path);
    }
    observer.unobserve(place);
    if (loaded.size > kept) {
      const [oldest, old] = loaded.entries().next().value;
      loaded.delete(oldest);
      URL.revokeObjectURL(old);
    }
  } catch {
    // The letters stay; it is tried again when it comes into sight again.
  } finally {
    running -= 1;
    next();
  }
}

/** The picture of a path of the API, or the first letters of a name until it is there; without a path they stay. */
export function thumbnail(name, path) {
  const letters = name.split(/\s+/).map((word) => [...word][0] ?? "").slice(0, 2).join("").toUpperCase();
  const place = h("span", { className: "thumbnail", "aria-hidden": "true" }, letters || "?");
  if (path && pictures.areKept && !missing.has(path)) {
    paths.set(place, path);
    observer.observe(place);
  }
  return place;
}

export const facePicture = (face) => `/faces/${face}/thumbnail`;
const pictureOf = (id) => `/people/${id}/thumbnail`;
/**
 * The picture of a person, as the service tells of one: of the face that was chosen, which a browser may keep, or the oldest; nothing of somebody without
 * faces. Whether one is kept the service does not tell.
 */
export const personPicture = ({ id, picture, faces }) => picture ? facePicture(picture) : faces === 0 ? undefined : pictureOf(id);

/** Forgets the picture of a person for whom no face was chosen, and that there was none: it changes with the faces. */
export function forgetPerson(id) {
  loaded.delete(pictureOf(id));
  missing.delete(pictureOf(id));
}

/** Forgets all of them: they are another gallery's. */
export function forgetPictures() {
  for (const address of loaded.values()) URL.revokeObjectURL(address);
  loaded.clear();
  missing.clear();
}
