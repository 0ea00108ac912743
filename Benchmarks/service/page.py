"""Measures how soon the web page shows the first face: of all people, and of one person with thousands of faces.

page.py FOLDER --galleryctl PATH --photo FILE [--people N] [--faces N] [--rounds N] [--chromium PATH]

The gallery is made in FOLDER when it is not there: made-up embeddings, and pictures of the first 60 people and of the first 60 faces of the largest, all of
which are on the screen or near it. Each round is a browser that has nothing in its cache. The times are from the beginning of the navigation, or for the
person from the change of the address, to the frame after the one in which the first face, and all on the screen, are decoded.
"""

import argparse
import io
import json
import pathlib
import statistics
import subprocess
import time
import urllib.parse
import urllib.request

import numpy
from PIL import Image
from playwright.sync_api import sync_playwright

PORT, PICTURES = 18092, 60
# Notes when the first face, and when all on the screen, have been drawn since `watchFaces` was called. A page may be measured again on the same document.
WATCH = """
  window.watchFaces = () => {
    const begun = performance.now();
    window.shown = {};
    const look = () => {
      const places = [...document.querySelectorAll(".grid .thumbnail")].filter((place) => {
        const { top, bottom, width } = place.getBoundingClientRect();
        return width > 0 && bottom > 0 && top < innerHeight;
      });
      const there = places.filter((place) => place.querySelector("img")?.complete);
      // Two frames on, what was there has been drawn.
      const note = (name) => { if (!(name in window.shown)) { window.shown[name] = null; requestAnimationFrame(() => requestAnimationFrame(() => { window.shown[name] = performance.now() - begun; })); } };
      if (there.length) note("first");
      if (places.length && there.length === places.length) note("all"); else requestAnimationFrame(look);
    };
    look();
  };
"""


def request(method, path, body=None):
    with urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{PORT}/api/v1{path}", data=body, method=method), timeout=120) as reply:
        return json.load(reply)


def serve(folder, options):
    process = subprocess.Popen([options.galleryctl, "--gallery", folder / "gallery", "serve", "--no-keys", "--keep-thumbnails", "--port", str(PORT), "--log", "off"],
                               stdout=subprocess.DEVNULL)
    for _ in range(600):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{PORT}/readyz")
            return process
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server does not start")


def enrol(name, picture):
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=92)
    body = b'--edge\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n' + file.getvalue() + b"\r\n--edge--\r\n"
    query = urllib.parse.urlencode({"name": name, "any_quality": "true"})
    call = urllib.request.Request(f"http://127.0.0.1:{PORT}/api/v1/enrol?{query}", data=body, headers={"Content-Type": "multipart/form-data; boundary=edge"})
    with urllib.request.urlopen(call, timeout=120) as reply:
        if json.load(reply)["result"] != "added":
            raise SystemExit(f"a picture of {name} was not added")


def make(folder, options):
    """Faces with pictures first: they are the oldest, and their people the first by name."""
    folder.mkdir(parents=True, exist_ok=True)
    photo = Image.open(options.photo).convert("RGB")
    server = serve(folder, options)
    # The same photo twice would be refused: each is cut a little otherwise.
    for place in range(2 * PICTURES):
        picture = photo.crop((place % 12, place // 12, photo.width - 12, photo.height - 12))
        enrol(f"Aaron {place:03}" if place < PICTURES else "Person 0", picture)
    server.terminate()
    server.wait()
    names = ["Person 0"] * (options.faces - PICTURES) + [f"Person {n}" for n in range(1, options.people - PICTURES)]
    vectors = numpy.random.default_rng(1).standard_normal((len(names), 128)).astype(numpy.float32)
    numpy.save(folder / "faces.npy", vectors / numpy.linalg.norm(vectors, axis=1, keepdims=True))
    (folder / "faces.csv").write_text("name\n" + "\n".join(names) + "\n")
    subprocess.run([options.galleryctl, "--gallery", folder / "gallery", "import", folder / "faces.npy", "--assume-engine"], check=True, stdout=subprocess.DEVNULL)


def measure(playwright, options, person):
    """Milliseconds to the first face and to all on the screen, for the page of people and for that of the person, in a browser of its own."""
    browser = playwright.chromium.launch(executable_path=options.chromium, args=["--no-sandbox", "--disable-dev-shm-usage"])
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    requests = []
    page.on("request", lambda request: requests.append(request.url))
    # The document is new, so that its clock begins with the navigation.
    page.add_init_script(WATCH + "document.addEventListener('DOMContentLoaded', () => { window.watchFaces(); window.since = performance.now(); });")

    def shown():
        while None in (times := page.evaluate("window.shown ?? {}")).values() or len(times) < 2:
            page.wait_for_timeout(20)
        return times

    page.goto(f"http://127.0.0.1:{PORT}/#/people")
    people = shown()
    before = page.evaluate("window.since")
    figures = {"people": [people["first"] + before, people["all"] + before, len(requests)]}
    requests.clear()
    page.evaluate(f"location.hash = '#/people/{person}'; document.getElementById('main').replaceChildren(); window.watchFaces()")
    one = shown()
    figures["one person"] = [one["first"], one["all"], len(requests)]
    browser.close()
    return figures


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("folder", type=pathlib.Path)
parser.add_argument("--galleryctl", default=".build/release/galleryctl")
parser.add_argument("--photo", required=True)
parser.add_argument("--people", type=int, default=10_000)
parser.add_argument("--faces", type=int, default=5_000)
parser.add_argument("--rounds", type=int, default=9)
parser.add_argument("--chromium", default="/usr/bin/chromium")
options = parser.parse_args()
if not (options.folder / "faces.csv").exists():
    make(options.folder, options)
server = serve(options.folder, options)
try:
    person = request("GET", "/people?named=Person+0")["people"][0]
    print(f"{request('GET', '/people?limit=1')['total']:,} people, {person['faces']:,} faces of one; {options.rounds} rounds, each in a new browser")
    rounds = []
    with sync_playwright() as playwright:
        for _ in range(options.rounds):
            rounds.append(measure(playwright, options, person["id"]))
    print(f"{'':14}{'first face ms':>16}{'slowest':>10}{'whole screen ms':>18}{'slowest':>10}{'requests':>10}")
    for name in rounds[0]:
        first, whole, requests = zip(*(figures[name] for figures in rounds))
        print(f"{name:14}{statistics.median(first):16.0f}{max(first):10.0f}{statistics.median(whole):18.0f}{max(whole):10.0f}{max(requests):10}")
finally:
    server.terminate()
    server.wait()
