// Photos on their way into the gallery. They go on whatever page is shown, and in the background: what goes on is an answer, not a clock.

import { forgetPerson } from "./pictures.js";
import { service } from "./service.js";
import { t } from "./words.js";

const parallel = 3;
/** A photo that the server has no time for is sent so often. */
const mostTries = 8;

/** waiting, sending, added, had, failed, cancelled */
class Upload {
  state = "waiting";
  message = "";
  tries = 0;
  constructor(file, folder, options) { Object.assign(this, { file, folder, options }); }
  /** Whether the file could not be read here, so that there is nothing to send. */
  get isLost() { return !(this.file instanceof Blob); }
  /** Whether nothing will happen to it by itself. */
  get isOver() { return !["waiting", "sending"].includes(this.state); }
  get mayRetry() { return !this.isLost && ["failed", "cancelled"].includes(this.state); }
}

export const uploads = {
  all: [],
  /** Called with an upload whose state has changed, or with none when the list has. */
  listener: () => {},
  /** Until when the server wants to be left alone. */
  pausedUntil: 0,

  get left() { return uploads.all.filter((upload) => !upload.isOver).length; },
  count(state) { return uploads.all.filter((upload) => upload.state === state).length; },

  /**
   * Adds files; `options(folder)` gives what is asked of the server for one, or a text that says why it is not sent. Of a file that could not be read there is
   * a `name` only, and in `trouble` why.
   */
  add(files, options) {
    for (const { file, folder, trouble } of files) {
      const wanted = trouble ?? options(folder);
      const upload = new Upload(file, folder, wanted);
      if (typeof wanted === "string") Object.assign(upload, { state: "failed", message: wanted });
      uploads.all.push(upload);
    }
    uploads.listener();
    next();
  },
  retry(list, options) {
    for (const upload of list) {
      if (!upload.mayRetry) continue;
      const wanted = options ? options(upload.folder) : upload.options;
      if (typeof wanted === "string") { change(upload, "failed", wanted); continue; }
      upload.options = wanted;
      upload.tries = 0;
      change(upload, "waiting");
    }
    next();
  },
  cancel(list) {
    for (const upload of list) {
      if (upload.isOver) continue;
      const { controller } = upload;
      change(upload, "cancelled");
      controller?.abort();
    }
  },
  clear() {
    uploads.all = uploads.all.filter((upload) => !upload.isOver);
    uploads.listener();
  },
};

let running = 0;

function change(upload, state, message = "") {
  Object.assign(upload, { state, message });
  uploads.listener(upload);
}

function next() {
  if (Date.now() < uploads.pausedUntil) return;
  while (running < parallel) {
    const upload = uploads.all.find((upload) => upload.state === "waiting");
    if (!upload) return;
    send(upload);
  }
}

async function send(upload) {
  running += 1;
  upload.tries += 1;
  upload.controller = new AbortController();
  change(upload, "sending");
  try {
    const report = await service.enrol(upload.file, upload.options, upload.controller.signal);
    if (upload.state === "sending") {
      upload.person = report.person;
      // Whoever had no picture may have one now.
      if (report.person !== undefined) forgetPerson(report.person);
      change(upload, report.result === "added" ? "added" : "had", report.doubts.map((doubt) => doubt.reason).join(" "));
    }
  } catch (error) {
    if (upload.state === "sending") {
      if (error.isPassing && upload.tries < mostTries) {
        // The server is busy, or away, and says for how long: nobody sends anything meanwhile.
        pause(error.seconds ?? Math.min(60, 2 ** upload.tries));
        change(upload, "waiting");
      } else {
        change(upload, "failed", error.message ?? t("error.unreadable"));
      }
    }
  } finally {
    running -= 1;
    next();
  }
}

function pause(seconds) {
  const until = Date.now() + 1000 * seconds;
  if (until <= uploads.pausedUntil) return;
  uploads.pausedUntil = until;
  uploads.listener();
  setTimeout(() => { uploads.listener(); next(); }, 1000 * seconds + 10);
}

// A tab that slept goes on as soon as it is awake.
for (const name of ["online", "focus", "pageshow"]) window.addEventListener(name, next);
document.addEventListener("visibilitychange", next);
window.addEventListener("beforeunload", (event) => { if (uploads.left) event.preventDefault(); });
