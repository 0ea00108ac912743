// A photo in, names out; and from there into the gallery.

import { attempt, h, percent, similarity, toast } from "./elements.js";
import { boxOf, kind, verdict } from "./faces.js";
import { dropEmpty } from "./person.js";
import { facePicture, forgetPerson, thumbnail } from "./pictures.js";
import { service } from "./service.js";
import { number, t } from "./words.js";

let camera = null;

export function leave() {
  camera?.getTracks().forEach((track) => track.stop());
  camera = null;
  document.onpaste = null;
}

export function show(main, access) {
  const result = h("div");
  const input = h("input", {
    type: "file", accept: "image/*", className: "visually-hidden", id: "photo-input",
    onchange: () => { if (input.files[0]) look(input.files[0]); input.value = ""; },
  });
  const stage = h("div");
  const cameraButton = h("button", { type: "button", className: "quiet", onclick: () => attempt(cameraButton, openCamera) }, t("recognise.camera"));
  const drop = h("section", { className: "drop", "aria-label": t("photo") },
    stage,
    h("div", { className: "line" }, h("label", { className: "button" }, input, t("recognise.choose")), navigator.mediaDevices ? cameraButton : null),
    h("p", {}, t("recognise.drop")));
  drop.addEventListener("dragover", (event) => { event.preventDefault(); drop.classList.add("over"); });
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    const file = [...event.dataTransfer.files].find((file) => file.type.startsWith("image/"));
    if (file) look(file); else toast(t("recognise.no-picture"));
  });
  document.onpaste = (event) => {
    const file = [...event.clipboardData.files].find((file) => file.type.startsWith("image/"));
    if (file) look(file);
  };
  main.replaceChildren(h("div", { className: "top" }, h("h1", {}, t("recognise.title"))), drop, result);

  async function openCamera() {
    try {
      camera = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "user" } });
    } catch {
      throw new Error(t("camera.refused"));
    }
    if (!stage.isConnected) return leave();
    const video = h("video", { autoplay: true, playsInline: true, muted: true, srcObject: camera, "aria-label": t("live.video") });
    const close = () => { leave(); stage.replaceChildren(); cameraButton.hidden = false; };
    stage.replaceChildren(video, h("p", { className: "line" },
      h("button", { type: "button", onclick: async () => {
        const canvas = h("canvas", { width: video.videoWidth, height: video.videoHeight });
        canvas.getContext("2d").drawImage(video, 0, 0);
        const photo = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.95));
        close();
        if (photo) look(photo); else toast(t("camera.no-picture"));
      } }, t("camera.take")),
      h("button", { type: "button", className: "quiet", onclick: close }, t("camera.close"))));
    cameraButton.hidden = true;
  }

  async function look(photo) {
    result.replaceChildren(h("p", { role: "status" }, t("recognise.looking")));
    try {
      const [{ faces }, picture] = await Promise.all([service.recognise(photo), load(photo)]);
      draw(photo, picture, faces);
    } catch (error) {
      result.replaceChildren(h("p", { className: "error", role: "alert" }, error.message));
    }
  }

  function draw(photo, picture, faces) {
    if (faces.length === 0) {
      result.replaceChildren(picture, h("p", { role: "status" }, t("recognise.no-face")));
      picture.className = "only";
      return;
    }
    const frame = h("div", { className: "photo", role: "group", "aria-label": t("recognise.photo") }, picture);
    const list = h("div", { role: "region", "aria-label": t("faces.title") });
    faces.forEach((face, index) => {
      const card = faceCard(photo, picture, faces, index);
      const box = faceBox(picture, face, index);
      const choose = () => {
        frame.querySelectorAll("button").forEach((other) => other.setAttribute("aria-pressed", String(other === box)));
        list.querySelectorAll(".card").forEach((other) => other.classList.toggle("chosen", other === card));
      };
      box.addEventListener("click", () => { choose(); card.scrollIntoView({ block: "nearest" }); card.querySelector("h2").focus(); });
      card.addEventListener("focusin", choose);
      card.addEventListener("pointerenter", choose);
      frame.append(box);
      list.append(card);
    });
    result.replaceChildren(h("div", { className: "result" }, frame, list));
    const names = faces.filter(({ answer }) => answer.names.length).map(({ answer }) => verdict(answer));
    if (names.length < faces.length) names.push(t("recognise.unknown", { n: faces.length - names.length }));
    toast(`${t("faces", { n: faces.length })}: ${names.join(", ")}.`);
  }

  function faceBox(picture, { detection: { box }, answer }, index) {
    const best = answer.candidates[0];
    const name = verdict(answer);
    const element = h("button", {
      type: "button", className: kind(answer), "aria-pressed": "false",
      "aria-label": `${t("face", { place: index + 1 })}: ${name}${best ? `, ${t("similarity", { value: similarity(best.similarity) })}` : ""}`,
    }, h("span", {}, name));
    boxOf(element, box, picture.naturalWidth, picture.naturalHeight);
    return element;
  }

  function faceCard(photo, picture, faces, index) {
    const { answer, detection } = faces[index];
    const best = answer.candidates[0];
    const title = verdict(answer);
    const facts = [];
    if (best && !answer.names.length) facts.push(t("recognise.closest", { name: best.name }));
    if (best?.probability !== undefined) facts.push(t("probability", { share: percent(best.probability) }));
    if (answer.better_face !== undefined) facts.push(t("recognise.better", { place: answer.better_face + 1, name: best.name }));
    const details = [
      best && t("recognise.needs", { value: similarity(best.similarity), least: similarity(answer.ambiguous ? answer.certainty : answer.threshold) }),
      t("recognise.quality", { size: number(detection.quality.size), sharpness: similarity(detection.quality.sharpness) }),
      t(answer.plan.startsWith("graph") ? "recognise.by-index" : "recognise.by-all"),
    ];
    return h("section", { className: "card" },
      h("h2", { tabIndex: -1, className: `${kind(answer)}-name` }, faces.length > 1 ? `${index + 1}. ${title}` : title),
      h("p", { className: "faint" }, best ? facts.join(" · ") : t("recognise.empty")),
      answer.candidates.length ? h("ol", { className: "candidates", "aria-label": t("recognise.candidates") }, answer.candidates.map(candidate)) : null,
      access.mayWrite ? enrolForm(photo, picture, faces, index) : null,
      h("details", { className: "faint" }, h("summary", {}, t("details")), details.filter(Boolean).map((text) => h("p", {}, text))));
  }

  function candidate({ person, name, face, thumbnail: kept, similarity: value, probability }) {
    const share = probability === undefined ? t("similarity", { value: similarity(value) }) : percent(probability);
    return h("li", {}, thumbnail(name, kept && facePicture(face)), h("a", { href: `#/people/${person}` }, name),
      h("span", { className: "faint share" }, share),
      // The probability, where there is one: strangers are quite similar too.
      h("meter", { min: 0, max: 1, value: probability ?? Math.max(0, value), "aria-label": `${name}: ${share}` }));
  }

  function enrolForm(photo, picture, faces, index) {
    const best = faces[index].answer.known ? faces[index].answer.candidates[0].name : "";
    const input = h("input", { type: "text", required: true, maxLength: 250, value: best, autocomplete: "off", "aria-label": t("recognise.name-of", { place: index + 1 }), placeholder: t("person.name") });
    const form = h("form", { className: "line" }, input, h("button", {}, t(best ? "recognise.add" : "recognise.enrol")));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      attempt(form, async () => {
        const isOnly = faces.length === 1;
        // Somebody who was there before without faces stays when this is undone.
        const known = await service.personNamed(input.value);
        const part = isOnly ? photo : await cut(picture, faces[index].detection.box);
        const report = await service.enrol(part, { name: input.value, ...(isOnly ? {} : { several_faces: "largest" }) });
        forgetPerson(report.person);
        const [added] = report.result === "added" ? report.faces : [];
        await look(photo);
        toast(t(report.result === "added" ? "recognise.added" : "recognise.had", { name: report.name }), { undo: added && (async () => {
          await service.removeFace(added);
          if (!known) await dropEmpty({ id: report.person });
          forgetPerson(report.person);
          if (result.isConnected) await look(photo);
          return t("recognise.removed");
        }) });
      });
    });
    return form;
  }
}

/** The photo as an element, once its size is known. */
async function load(photo) {
  const picture = h("img", { src: URL.createObjectURL(photo), alt: t("photo") });
  try {
    await picture.decode();
  } catch {
    throw new Error(t("recognise.not-shown"));
  } finally {
    URL.revokeObjectURL(picture.src);
  }
  return picture;
}

/** One face of a photo of several, with room around it. */
async function cut(picture, box) {
  const room = 0.6;
  const left = Math.max(0, Math.floor(box.x - room * box.width));
  const top = Math.max(0, Math.floor(box.y - room * box.height));
  const right = Math.min(picture.naturalWidth, Math.ceil(box.x + (1 + room) * box.width));
  const bottom = Math.min(picture.naturalHeight, Math.ceil(box.y + (1 + room) * box.height));
  const canvas = h("canvas", { width: right - left, height: bottom - top });
  canvas.getContext("2d").drawImage(picture, left, top, canvas.width, canvas.height, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  if (!blob) throw new Error(t("recognise.not-cut"));
  return blob;
}
