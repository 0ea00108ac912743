// A photo in, names out; and from there into the gallery.

import { announce, attempt, count, h, percent, similarity, thumbnail } from "./elements.js";
import { service } from "./service.js";

let camera = null;

export function leave() {
  camera?.getTracks().forEach((track) => track.stop());
  camera = null;
  document.onpaste = null;
}

export function show(main, access) {
  const result = h("div");
  const input = h("input", {
    type: "file", accept: "image/jpeg,image/png,image/webp", className: "visually-hidden", id: "photo-input",
    onchange: () => { if (input.files[0]) look(input.files[0]); input.value = ""; },
  });
  const stage = h("div");
  const cameraButton = h("button", { type: "button", className: "quiet", onclick: () => attempt(cameraButton, openCamera) }, "Use the camera");
  const drop = h("section", { className: "drop", "aria-label": "Photo" },
    stage,
    h("div", { className: "line" }, h("label", { className: "button" }, input, "Choose a photo"), navigator.mediaDevices ? cameraButton : null),
    h("p", {}, "or drop one here, or paste one with Ctrl+V. JPEG, PNG or WebP; it goes to this server and nowhere else."));
  drop.addEventListener("dragover", (event) => { event.preventDefault(); drop.classList.add("over"); });
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    const file = [...event.dataTransfer.files].find((file) => file.type.startsWith("image/"));
    if (file) look(file); else announce("That is no picture.");
  });
  document.onpaste = (event) => {
    const file = [...event.clipboardData.files].find((file) => file.type.startsWith("image/"));
    if (file) look(file);
  };
  main.replaceChildren(h("h1", {}, "Who is this?"), drop, result);

  async function openCamera() {
    try {
      camera = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "user" } });
    } catch {
      throw new Error("The camera cannot be used; allow it in the browser, or choose a photo.");
    }
    if (!stage.isConnected) return leave();
    const video = h("video", { autoplay: true, playsInline: true, muted: true, srcObject: camera, "aria-label": "Camera" });
    const close = () => { leave(); stage.replaceChildren(); cameraButton.hidden = false; };
    stage.replaceChildren(video, h("p", { className: "line" },
      h("button", { type: "button", onclick: async () => {
        const canvas = h("canvas", { width: video.videoWidth, height: video.videoHeight });
        canvas.getContext("2d").drawImage(video, 0, 0);
        const photo = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.95));
        close();
        if (photo) look(photo); else announce("The camera gave no picture; try again.");
      } }, "Take the photo"),
      h("button", { type: "button", className: "quiet", onclick: close }, "Close the camera")));
    cameraButton.hidden = true;
  }

  async function look(photo) {
    result.replaceChildren(h("p", { role: "status" }, "Looking for faces…"));
    try {
      const [{ faces }, picture] = await Promise.all([service.recognise(photo), load(photo)]);
      draw(photo, picture, faces);
    } catch (error) {
      result.replaceChildren(h("p", { className: "error", role: "alert" }, error.message));
    }
  }

  function draw(photo, picture, faces) {
    if (faces.length === 0) {
      result.replaceChildren(picture, h("p", { role: "status" }, "There is no face on this photo; one from the front is found best."));
      picture.className = "only";
      return;
    }
    const frame = h("div", { className: "photo", role: "group", "aria-label": "The photo with the faces found" }, picture);
    const list = h("div", { role: "region", "aria-label": "Faces" });
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
    if (names.length < faces.length) names.push(`${faces.length - names.length} unknown`);
    announce(`${count(faces.length, "face", "faces")}: ${names.join(", ")}.`);
  }

  /// The answer in words, as the command line says it.
  function verdict({ known, names }) {
    if (!names.length) return "Unknown";
    return known || names.length > 1 ? names.join(" or ") : `${names[0]} or somebody alike`;
  }

  const kind = ({ known, ambiguous }) => known ? "known" : ambiguous ? "ambiguous" : "unknown";

  function faceBox(picture, { detection: { box }, answer }, index) {
    const best = answer.candidates[0];
    const name = verdict(answer);
    const element = h("button", {
      type: "button", className: kind(answer), "aria-pressed": "false",
      "aria-label": `Face ${index + 1}: ${name}${best ? `, similarity ${similarity(best.similarity)}` : ""}`,
    }, h("span", {}, answer.known && best ? `${name} ${similarity(best.similarity)}` : name));
    const share = (part, whole) => `${100 * part / whole}%`;
    element.style.left = share(box.x, picture.naturalWidth);
    element.style.top = share(box.y, picture.naturalHeight);
    element.style.width = share(box.width, picture.naturalWidth);
    element.style.height = share(box.height, picture.naturalHeight);
    // The label stays on the photo.
    element.classList.toggle("right", box.x + box.width / 2 > picture.naturalWidth * 0.7);
    element.classList.toggle("low", box.y < picture.naturalHeight * 0.06);
    return element;
  }

  function faceCard(photo, picture, faces, index) {
    const { answer, detection } = faces[index];
    const best = answer.candidates[0];
    const title = verdict(answer);
    const facts = [];
    if (best) facts.push(`${answer.names.length ? "" : `closest is ${best.name}, `}similarity ${similarity(best.similarity)} (a name needs ${similarity(answer.ambiguous ? answer.certainty : answer.threshold)})`);
    if (answer.better_face !== undefined) facts.push(`face ${answer.better_face + 1} is more like ${best.name}`);
    if (best?.probability !== undefined) facts.push(`probability ${percent(best.probability)}`);
    return h("section", { className: "card" },
      h("h2", { tabIndex: -1, className: `${kind(answer)}-name` }, faces.length > 1 ? `${index + 1}. ${title}` : title),
      h("p", { className: "faint" }, best ? facts.join(", ") : "The gallery is empty: enrol somebody."),
      answer.candidates.length ? h("ol", { className: "candidates", "aria-label": "Closest people" }, answer.candidates.map(candidate)) : null,
      access.mayWrite ? enrolForm(photo, picture, faces, index) : null,
      h("p", { className: "faint" }, `${detection.quality.size} pixels, sharpness ${detection.quality.sharpness.toFixed(2)}; searched ${answer.plan}.`));
  }

  function candidate({ person, name, face, similarity: value, probability }) {
    return h("li", {}, thumbnail(name, () => service.facePicture(face)),
      h("span", {}, h("a", { href: `#/people/${person}` }, name),
        h("br"), h("span", { className: "faint" }, `similarity ${similarity(value)}${probability === undefined ? "" : `, probability ${percent(probability)}`}`)),
      // The probability, where there is one: strangers are quite similar too.
      h("meter", { min: 0, max: 1, value: probability ?? Math.max(0, value), "aria-label": `${probability === undefined ? "Similarity to" : "Probability of"} ${name}` }));
  }

  function enrolForm(photo, picture, faces, index) {
    const best = faces[index].answer.known ? faces[index].answer.candidates[0].name : "";
    const input = h("input", { type: "text", required: true, maxLength: 250, value: best, autocomplete: "off", "aria-label": `Name of face ${index + 1}`, placeholder: "Name" });
    const form = h("form", { className: "line" }, input, h("button", {}, best ? "Add this face" : "Enrol"));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      attempt(form, async () => {
        const isOnly = faces.length === 1;
        const part = isOnly ? photo : await cut(picture, faces[index].detection.box);
        const report = await service.enrol(part, input.value, isOnly ? {} : { several_faces: "largest" });
        const text = report.result === "added" ? `${report.name} has this face now.` : `${report.name} has this photo already.`;
        await look(photo);
        announce(text);
      });
    });
    return form;
  }
}

/** The photo as an element, once its size is known. */
async function load(photo) {
  const picture = h("img", { src: URL.createObjectURL(photo), alt: "The photo" });
  try {
    await picture.decode();
  } catch {
    throw new Error("The photo cannot be shown; use JPEG, PNG or WebP.");
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
  if (!blob) throw new Error("The face could not be cut out of the photo.");
  return blob;
}
