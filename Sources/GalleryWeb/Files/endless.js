// A list that goes on as one scrolls, a page of the API at a time.

import { h, toast } from "./elements.js";
import { t } from "./words.js";

/**
 * Fills `list`, an element, with the pages that `load(after)` gives: `{ items, next }`, where items are elements.
 *
 * Returns what is put below the list: a button that loads more, for whoever does not scroll, and which is pressed when it comes into sight. `restart` begins
 * anew, `goOn` loads more and leaves the focus where it is.
 */
export function endless(list, load) {
  let after, isDone = false, run = 0, isLoading = false;
  const more = h("button", { type: "button", className: "quiet more", hidden: true, onclick: () => loadMore(true) }, t("more"));
  const observer = new IntersectionObserver((entries) => {
    if (entries.some((entry) => entry.isIntersecting)) loadMore(false);
  }, { rootMargin: "800px" });
  observer.observe(more);

  async function loadMore(takesFocus) {
    if (isLoading || isDone) return;
    isLoading = true;
    const mine = run;
    try {
      const { items, next } = await load(after);
      // An answer to what was asked before is too late.
      if (mine !== run) return;
      if (after === undefined) list.replaceChildren(...items); else list.append(...items);
      after = next;
      isDone = next === undefined;
      if (takesFocus) items[0]?.querySelector("a, button")?.focus();
    } catch (error) {
      if (mine === run) toast(error.message);
    } finally {
      if (mine === run) {
        isLoading = false;
        more.hidden = isDone;
        // Where it is still in sight nothing would tell so.
        if (!isDone) { observer.unobserve(more); observer.observe(more); }
      }
    }
  }

  async function restart() {
    run += 1;
    [after, isDone, isLoading] = [undefined, false, false];
    await loadMore(false);
  }
  return { more, restart, goOn: () => loadMore(false) };
}
