// Pictures of faces: asked for only while they are on the screen, some at a time, and kept for a while.

import { h } from "./elements.js";
import { service } from "./service.js";

const parallel = 6;
const kept = 600;

/** Addresses of pictures that were loaded, by their path; the oldest are given back. Null where there is no picture. */
const pictures = new Map();
/** The places that wait for their picture; the latest comes first: it is what one looks at. */
let waiting = [];
let running = 0;

const paths = new WeakMap();

const observer = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    waiting = waiting.filter((place) => place !== target);
    if (isIntersecting) waiting.push(target);
  }
  next();
}, { rootMargin: "200px" });

function next() {
  while (running < parallel && waiting.length) {
    const place = waiting.shift();
    if (place.isConnected) load(place);
  }
}

async function load(place) {
  const path = paths.get(place);
  running += 1;
  try {
    if (!pictures.has(path)) pictures.set(path, await service.picture(path));
    const address = pictures.get(path);
    pictures.delete(path);
    pictures.set(path, address);
    if (address) {
      const image = h("img", { src: address, alt: "" });
      await image.decode().catch(() => {});
      place.replaceChildren(image);
      observer.unobserve(place);
    }
    if (pictures.size > kept) {
      const [oldest, old] = pictures.entries().next().value;
      pictures.delete(oldest);
      if (old) URL.revokeObjectURL(old);
    }
  } catch {
    // The letters stay; it is tried again when it comes into sight again.
  } finally {
    running -= 1;
    next();
  }
}

/** The picture of a path of the API, or the first letters of a name until it is there. */
export function thumbnail(name, path) {
  const letters = name.split(/\s+/).map((word) => [...word][0] ?? "").slice(0, 2).join("").toUpperCase();
  const place = h("span", { className: "thumbnail", "aria-hidden": "true" }, letters || "?");
  if (path) {
    paths.set(place, path);
    observer.observe(place);
  }
  return place;
}

export const facePicture = (face) => `/faces/${face}/thumbnail`;
const pictureOf = (id) => `/people/${id}/thumbnail`;
/** The picture of a person, as the service tells of one: of the face that was chosen, which a browser may keep, or the oldest. */
export const personPicture = ({ id, picture }) => picture ? facePicture(picture) : pictureOf(id);

/** Forgets the picture of a person for whom no face was chosen: it changes with the faces. */
export function forgetPerson(id) { pictures.delete(pictureOf(id)); }
