// The camera, with names over the picture, as often as the server answers.

import { attempt, h, toast } from "./elements.js";
import { boxOf, kind, verdict } from "./faces.js";
import { service } from "./service.js";
import { number, t } from "./words.js";

/** The longer side of the pictures that are sent. */
const side = 960;

let stop = () => {};

export function leave() {
  stop();
  stop = () => {};
}

export function show(main) {
  const video = h("video", { autoplay: true, playsInline: true, muted: true, "aria-label": t("live.video") });
  const boxes = h("div", { className: "boxes" });
  const frame = h("div", { className: "photo live", hidden: true }, video, boxes);
  const status = h("p", { className: "faint" }, t("live.off"));
  const names = h("p", { role: "status", className: "names" });
  const cameras = h("select", { "aria-label": t("live.camera") },
    h("option", { value: "environment" }, t("live.back")), h("option", { value: "user", selected: true }, t("live.front")));
  const control = h("button", { type: "button", onclick: () => attempt(control, () => session ? close() : open()) }, t("live.start"));
  /** The camera that is on; another one is another session. */
  let session = null;

  async function open() {
    close();
    const mine = { controller: new AbortController() };
    session = mine;
    const device = cameras.selectedOptions[0];
    try {
      mine.stream = await navigator.mediaDevices.getUserMedia({ video: device.dataset.device ? { deviceId: { exact: device.dataset.device } } : { facingMode: device.value } });
    } catch {
      if (session === mine) close();
      throw new Error(t("camera.refused"));
    }
    // It was left while the browser asked.
    if (session !== mine || !main.isConnected) { mine.stream.getTracks().forEach((track) => track.stop()); return; }
    video.srcObject = mine.stream;
    frame.hidden = false;
    control.textContent = t("live.stop");
    await listCameras();
    await video.play().catch(() => {});
    loop(mine);
  }

  function close() {
    session?.controller.abort();
    session?.stream?.getTracks().forEach((track) => track.stop());
    session = null;
    video.srcObject = null;
    frame.hidden = true;
    boxes.replaceChildren();
    names.textContent = "";
    status.textContent = t("live.off");
    control.textContent = t("live.start");
  }

  /** Browsers say what cameras are called once one may be used. */
  async function listCameras() {
    const found = (await navigator.mediaDevices.enumerateDevices()).filter((device) => device.kind === "videoinput" && device.label);
    cameras.querySelectorAll("[data-device]").forEach((option) => { if (!option.selected) option.remove(); });
    for (const device of found) {
      if ([...cameras.options].some((option) => option.dataset.device === device.deviceId)) continue;
      const option = h("option", { value: device.deviceId }, device.label);
      option.dataset.device = device.deviceId;
      cameras.append(option);
    }
  }

  /** One picture at a time: the next one is taken when the one before is answered. */
  async function loop(mine) {
    let last = performance.now(), rate = 0;
    while (session === mine) {
      if (document.hidden) {
        status.textContent = t("live.paused");
        await new Promise((resolve) => document.addEventListener("visibilitychange", resolve, { once: true }));
        last = performance.now();
        continue;
      }
      try {
        const photo = await picture(video);
        if (!photo) { await new Promise((resolve) => video.addEventListener("loadeddata", resolve, { once: true })); continue; }
        const { faces } = await service.recognise(photo.blob, 1, mine.controller.signal);
        if (session !== mine) return;
        draw(faces, photo);
        const now = performance.now();
        rate = rate ? 0.7 * rate + 0.3 * 1000 / (now - last) : 1000 / (now - last);
        last = now;
        status.textContent = t("live.rate", { rate: number(Math.round(10 * rate) / 10) });
      } catch (error) {
        if (session !== mine) return;
        if (!error.isPassing) { close(); toast(error.message); return; }
        status.textContent = error.message;
        await new Promise((resolve) => setTimeout(resolve, 1000 * (error.seconds ?? 2)));
      }
    }
  }

  function draw(faces, { width, height }) {
    boxes.replaceChildren(...faces.map(({ detection, answer }) => {
      const box = h("div", { className: `box ${kind(answer)}` }, h("span", {}, verdict(answer)));
      boxOf(box, detection.box, width, height);
      return box;
    }));
    const text = faces.length ? faces.map(({ answer }) => verdict(answer)).join(", ") : t("live.nobody");
    // It is read aloud when it changes only.
    if (names.textContent !== text) names.textContent = text;
  }

  cameras.addEventListener("change", () => { if (session) attempt(cameras, open); });
  stop = close;
  main.replaceChildren(h("div", { className: "top" }, h("h1", {}, t("live.title"))),
    navigator.mediaDevices ? h("div", { className: "line" }, control, cameras) : h("p", { className: "error" }, t("live.none")), status, frame, names);
}

const canvas = document.createElement("canvas");

async function picture(video) {
  if (!video.videoWidth) return null;
  const scale = Math.min(1, side / Math.max(video.videoWidth, video.videoHeight));
  const [width, height] = [Math.round(video.videoWidth * scale), Math.round(video.videoHeight * scale)];
  Object.assign(canvas, { width, height });
  canvas.getContext("2d").drawImage(video, 0, 0, width, height);
  const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", 0.9));
  return blob && { blob, width, height };
}
