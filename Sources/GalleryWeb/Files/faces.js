// What the service says of a face on a photo, in words and as a box.

import { t } from "./words.js";

/** The answer in words, as the command line says it. */
export function verdict({ known, names }) {
  if (!names.length) return t("unknown");
  return known || names.length > 1 ? names.join(` ${t("or")} `) : t("alike", { name: names[0] });
}

export const kind = ({ known, ambiguous }) => known ? "known" : ambiguous ? "ambiguous" : "unknown";

/** Puts an element over a face of a picture of this size. */
export function boxOf(element, box, width, height) {
  const share = (part, whole) => `${100 * part / whole}%`;
  element.style.left = share(box.x, width);
  element.style.top = share(box.y, height);
  element.style.width = share(box.width, width);
  element.style.height = share(box.height, height);
  // The label stays on the picture.
  element.classList.toggle("right", box.x + box.width / 2 > width * 0.6);
  element.classList.toggle("low", box.y < height * 0.1);
}
