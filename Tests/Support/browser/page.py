"""Uses the web page as a visitor would, in a headless Chromium.

page.py URL PHOTO GROUP FOLDER STRANGERS [--key KEY] [--axe FILE] [--chromium PATH] [--screenshots FOLDER]

PHOTO shows one person, GROUP two or more others; FOLDER has a folder for each of three people, with two photos or more each; STRANGERS has two photos or
more of each of two people, whose names begin with the person's and a dash, none of whom is on the others. The gallery is empty, keeps photos and the key may
administer it. FILE is axe-core's axe.min.js. Exits with 1 and says why when anything is not as it should be.
"""

import argparse
import pathlib
import re
import sys
import tempfile
import traceback

from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import expect, sync_playwright

parser = argparse.ArgumentParser()
parser.add_argument("url")
parser.add_argument("photo")
parser.add_argument("group")
parser.add_argument("folder", type=pathlib.Path)
parser.add_argument("strangers", type=pathlib.Path)
parser.add_argument("--key", default="")
parser.add_argument("--axe", type=pathlib.Path)
parser.add_argument("--chromium", default="/usr/bin/chromium")
parser.add_argument("--screenshots", type=pathlib.Path)
arguments = parser.parse_args()

troubles = []
choosers = []
# As long as it takes: a server under a sanitizer, or a busy machine, is no fault of the page.
expect.set_options(timeout=60_000)


def screenshot(page, name):
    if arguments.screenshots:
        arguments.screenshots.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=arguments.screenshots / f"{name}.png")


def check_names(page, where):
    """Everything that one can use has a name for screen readers, and headings do not skip a level."""
    nameless = page.evaluate("""() => {
      const name = (e) => (e.getAttribute("aria-label") || e.textContent || "").trim()
        || [...(e.labels ?? [])].map((l) => l.textContent.trim()).join("")
        || (e.getAttribute("aria-labelledby") && document.getElementById(e.getAttribute("aria-labelledby"))?.textContent);
      const bad = [...document.querySelectorAll("button, a[href], input, select, meter, dialog, video")]
        .filter((e) => e.checkVisibility() && !name(e)).map((e) => e.outerHTML.slice(0, 120));
      for (const image of document.querySelectorAll("img")) if (!image.hasAttribute("alt")) bad.push(image.outerHTML.slice(0, 120));
      const levels = [...document.querySelectorAll("main h1, main h2, main h3")].map((e) => Number(e.tagName[1]));
      if (document.body.innerText.includes("[object") || document.body.innerText.includes("undefined")) bad.push("no text for a value");
      levels.forEach((level, i) => { if (level > (levels[i - 1] ?? 0) + 1) bad.push(`heading ${level} after ${levels[i - 1]}`); });
      return bad;
    }""")
    troubles.extend(f"{where}: no name: {text}" for text in nameless)


def check_contrast(page, where):
    """Text is at least 4.5 times as light as its ground, or the other way round (WCAG AA)."""
    poor = page.evaluate("""() => {
      const canvas = document.createElement("canvas"); canvas.width = canvas.height = 1;
      const context = canvas.getContext("2d", { willReadFrequently: true });
      const rgba = (color) => { context.clearRect(0, 0, 1, 1); context.fillStyle = color; context.fillRect(0, 0, 1, 1);
        return [...context.getImageData(0, 0, 1, 1).data]; };
      const light = ([r, g, b]) => { const f = (c) => { c /= 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
        return 0.2126 * f(r) + 0.7152 * f(g) + 0.0722 * f(b); };
      const ground = (e) => { for (; e; e = e.parentElement) { const c = rgba(getComputedStyle(e).backgroundColor); if (c[3] > 200) return c; }
        return [255, 255, 255, 255]; };
      const bad = [];
      for (const e of document.querySelectorAll("header *, main *")) {
        if (![...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()) || e.closest(".visually-hidden, .photo, .thumbnail")) continue;
        const [a, b] = [light(rgba(getComputedStyle(e).color)), light(ground(e))].sort((x, y) => y - x);
        const ratio = (a + 0.05) / (b + 0.05);
        if (ratio < 4.5) bad.push(`${e.tagName} "${e.textContent.trim().slice(0, 30)}" ${ratio.toFixed(2)}`);
      }
      return bad;
    }""")
    troubles.extend(f"{where}: poor contrast: {text}" for text in poor)


axe = arguments.axe and arguments.axe.read_text()


def check_axe(page, where):
    """axe-core finds nothing."""
    if not axe:
        return
    page.evaluate(axe)
    found = page.evaluate("axe.run(document, { resultTypes: ['violations'] }).then((r) => r.violations.map((v) => [v.id, v.nodes.map((n) => n.html.slice(0, 120))]))")
    troubles.extend(f"{where}: axe: {rule}: {nodes[:3]}" for rule, nodes in found)


def check_width(page, where):
    """Every page scrolls up and down only."""
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        troubles.append(f"{where} is wider than the window")


def check_page(page, where):
    screenshot(page, where)
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        if scheme == "dark":
            screenshot(page, f"{where}-dark")
        check_contrast(page, f"{where}, {scheme}")
        check_axe(page, f"{where}, {scheme}")
    check_names(page, where)
    check_width(page, where)


def watch(page):
    page.on("console", lambda m: troubles.append(f"console: {m.text}") if m.type in ("error", "warning")
            and not re.search("the server responded with a status of (4|503)", m.text) else None)
    # From the start: an interception that is asked for just before the key may come after it.
    page.on("filechooser", lambda chooser: choosers.append(chooser))
    page.on("pageerror", lambda error: troubles.append(f"script: {error}"))
    page.on("request", lambda r: None if r.url.startswith((arguments.url, "blob:"))
            else troubles.append(f"a request leaves the server: {r.url}"))


def enter_key(page):
    if not arguments.key:
        return
    dialog = page.get_by_role("dialog", name="Key of the gallery")
    expect(dialog).to_be_visible()
    # Nothing of the gallery is shown before, and the key can be asked for again.
    expect(page.locator("#main h1")).to_have_text("This gallery asks for a key")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.get_by_role("button", name="Enter the key").click()
    expect(dialog).to_be_visible()
    dialog.get_by_label("Key").fill(arguments.key)
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    page.wait_for_function("key => Object.values(sessionStorage).includes(key)", arg=arguments.key)
    kept = page.evaluate("[Object.values(sessionStorage), Object.values(localStorage), document.cookie]")
    if kept != [[arguments.key], [], ""]:
        troubles.append("the key is not kept in the session's storage alone")


def tab_to(page, target):
    """Goes on with the Tab key until `target` has the focus, which has to be seen."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if target.evaluate("e => e === document.activeElement"):
            seen = target.evaluate("""e => [e, e.parentElement].some((e) => getComputedStyle(e).outlineStyle !== "none")""")
            if not seen:
                troubles.append(f"the focus of {target} is not seen")
            return
    raise AssertionError(f"the Tab key does not lead to {target}")


def focus_of(page):
    return page.evaluate("document.activeElement?.outerHTML.slice(0, 120)")


def follow(page, name):
    """Follows a link by keyboard, until the page has shown what it leads to and given it the focus."""
    tab_to(page, page.get_by_role("link", name=name))
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def toast(page, text):
    expect(page.locator("#announcer")).to_contain_text(text)


def undo(page, text):
    """What has just been done is undone."""
    page.get_by_role("button", name="Undo").click()
    toast(page, text)


def go(page, name, heading):
    page.get_by_role("navigation").get_by_role("link", name=name, exact=True).click()
    expect(page.get_by_role("heading", level=1, name=heading)).to_be_visible()


def heading(page, name, level=1):
    return page.get_by_role("heading", level=level, name=name, exact=True)


def faces(page):
    return page.get_by_role("list", name="Faces").get_by_role("listitem")


def people(page):
    return page.get_by_role("list", name="People").get_by_role("listitem")


def recognise(page):
    """A photo is chosen, dropped, pasted and taken, and a face of it enrolled."""
    page.goto(arguments.url)
    enter_key(page)
    expect(heading(page, "Who is this?")).to_be_visible()
    check_page(page, "start")

    # By keyboard alone: the first stop leads past the navigation.
    page.reload()
    expect(heading(page, "Who is this?")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()

    choose = page.get_by_label("Choose a photo")
    choose.set_input_files(arguments.photo)
    expect(heading(page, "Unknown", 2)).to_be_visible()
    page.get_by_label("Name of face 1").fill("Ada Example")
    page.keyboard.press("Enter")
    expect(heading(page, "Ada Example", 2)).to_be_visible()
    toast(page, "Ada Example has this face now.")
    undo(page, "not in the gallery any more")
    expect(heading(page, "Unknown", 2)).to_be_visible()
    page.get_by_label("Name of face 1").fill("Ada Example")
    page.keyboard.press("Enter")
    box = page.get_by_role("button", name="Face 1: Ada Example, similarity 1.000")
    expect(box).to_be_visible()
    frame, face = page.locator(".photo").bounding_box(), box.bounding_box()
    if not (frame["x"] <= face["x"] and face["x"] + face["width"] <= frame["x"] + frame["width"]):
        troubles.append(f"the box {face} is not on the photo {frame}")
    expect(page.locator(".candidates .thumbnail img")).to_have_count(1)
    check_page(page, "one-face")

    # A group of strangers: one is enrolled from a part of the photo, by keyboard.
    choose.set_input_files(arguments.group)
    expect(heading(page, "2. Unknown", 2)).to_be_visible()
    unknown = page.get_by_role("button", name="Face 1: Unknown")
    unknown.focus()
    page.keyboard.press("Enter")
    expect(unknown).to_have_attribute("aria-pressed", "true")
    page.get_by_label("Name of face 1").fill("Bob <b>Example</b>")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Face 1: Bob <b>Example</b>")).to_have_class(re.compile(r"\bknown\b"))
    check_page(page, "group")

    # A photo that is dropped, and one that is pasted.
    for kind in ("drop", "paste"):
        with page.expect_response(lambda response: "/api/v1/query" in response.url):
            page.evaluate("""async ([kind, bytes]) => {
              const transfer = new DataTransfer();
              transfer.items.add(new File([new Uint8Array(bytes)], "a.jpg", { type: "image/jpeg" }));
              if (kind === "drop") document.querySelector(".drop").dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
              else document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true }));
            }""", [kind, list(pathlib.Path(arguments.photo).read_bytes())])
        expect(heading(page, "Ada Example", 2)).to_be_visible()

    # What is no photo is said, not swallowed.
    choose.set_input_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"no photo"})
    expect(page.get_by_role("alert")).to_be_visible()

    # The camera, a made-up one here.
    page.get_by_role("button", name="Take one with the camera").click()
    # The page's policy forbids what wait_for_function does.
    while not page.evaluate("document.querySelector('video')?.videoWidth > 0"):
        page.wait_for_timeout(50)
    page.get_by_role("button", name="Take the photo").click()
    expect(page.get_by_text("There is no face on this photo")).to_be_visible()


def add_many(page):
    """A folder of people, files of one person, a server that is busy, cancelling and trying again."""
    go(page, "Add photos", "Add photos")
    check_page(page, "add")
    busy = []

    def hold_up(route):
        # The third photo meets a server that has no time for it, once.
        busy.append(route.request.url)
        if len(busy) == 3:
            route.fulfill(status=503, headers={"Retry-After": "1"}, json={"error": "overloaded", "message": "Busy.", "code": 0})
        else:
            route.continue_()

    page.route("**/api/v1/enrol*", hold_up)
    page.get_by_label("Choose a folder").set_input_files(arguments.folder)
    photos = sum(1 for file in arguments.folder.rglob("*") if file.is_file())
    done = page.get_by_role("region", name="What comes of the photos").get_by_role("status")
    expect(done).to_contain_text(f"{photos} of {photos} photos · {photos} added")
    if len(busy) != photos + 1:
        troubles.append(f"{len(busy)} requests for {photos} photos, one of them refused once")
    page.unroute("**/api/v1/enrol*")
    check_page(page, "added")

    # What is no photo of a face is told, file by file, and may be tried again; the rest is there already.
    page.get_by_label("All show the same person").check()
    page.get_by_label("Name of the person").fill("Ada Example")
    page.get_by_role("button", name="Clear the list").click()
    page.get_by_label("Choose photos").set_input_files([
        {"name": "broken.jpg", "mimeType": "image/jpeg", "buffer": b"no photo"},
        {"name": "again.png", "mimeType": "image/png", "buffer": pathlib.Path(arguments.photo).read_bytes()}])
    expect(done).to_contain_text("2 of 2 photos · 0 added · 1 there already · 1 not added")
    broken = page.get_by_role("listitem").filter(has_text="broken.jpg")
    expect(broken).to_contain_text("cannot be read as a photo")
    with page.expect_response(lambda response: "/api/v1/enrol" in response.url):
        broken.get_by_role("button", name="Try again").click()
    expect(broken).to_contain_text("cannot be read as a photo")

    # Cancelled while they are on their way; they go on while another page is shown.
    page.get_by_role("button", name="Clear the list").click()
    held = []
    page.route("**/api/v1/enrol*", lambda route: held.append(route))
    page.get_by_label("I say that later").check()
    page.get_by_label("Choose photos").set_input_files(sorted(arguments.strangers.iterdir()))
    strangers = len(list(arguments.strangers.iterdir()))
    expect(done).to_contain_text(f"0 of {strangers} photos")
    while len(held) < 3:
        page.wait_for_timeout(20)
    if len(held) != 3:
        troubles.append(f"{len(held)} photos are sent at a time, not 3")
    page.get_by_role("button", name="Cancel all").click()
    expect(done).to_contain_text(f"{strangers} cancelled")
    page.unroute("**/api/v1/enrol*")
    page.get_by_role("button", name="Try those again").click()
    go(page, "Figures", "Figures")
    go(page, "Add photos", "Add photos")
    expect(done).to_contain_text(f"{strangers} of {strangers} photos · {strangers} added")

    # Dropped files.
    page.get_by_role("button", name="Clear the list").click()
    page.evaluate("""async (bytes) => {
      const transfer = new DataTransfer();
      transfer.items.add(new File([new Uint8Array(bytes)], "again.png", { type: "image/png" }));
      document.querySelector(".drop").dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
    }""", list(sorted(arguments.strangers.iterdir())[0].read_bytes()))
    expect(done).to_contain_text("1 there already")

    # A folder of which a file, and a folder in it, cannot be read: each is told, and the rest is added.
    page.get_by_role("button", name="Clear the list").click()
    page.evaluate("""(bytes) => {
      const photo = new File([new Uint8Array(bytes)], "again.png", { type: "image/png" });
      const file = (name, error, file) => ({ isFile: true, isDirectory: false, name, file: (done, fail) => file ? done(file) : fail(new DOMException("", error)) });
      const folder = (name, parts) => ({ isFile: false, isDirectory: true, name, createReader: () => {
        const left = [...parts, []];
        return { readEntries: (done, fail) => { const part = left.shift(); if (part) done(part); else fail(new DOMException("", "NotReadableError")); } };
      } });
      const root = folder("Dropped", [[file("gone.png", "NotFoundError"), file("locked.png", "NotReadableError"), file("notes.txt", "NotReadableError")],
        [folder("closed", [null]), file("again.png", "", photo)]]);
      const transfer = new DataTransfer();
      transfer.items.add(photo);
      const real = DataTransferItem.prototype.webkitGetAsEntry;
      DataTransferItem.prototype.webkitGetAsEntry = () => root;
      document.querySelector(".drop").dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true }));
      DataTransferItem.prototype.webkitGetAsEntry = real;
    }""", list(sorted(arguments.strangers.iterdir())[0].read_bytes()))
    expect(done).to_contain_text("4 of 4 photos · 0 added · 1 there already · 3 not added")
    uploads = page.get_by_role("list", name="What comes of the photos").get_by_role("listitem")
    for name, reason in [("gone.png", "The file is not there any more."), ("locked.png", "cannot read the file"), ("closed", "cannot read the folder")]:
        expect(uploads.filter(has_text=name)).to_contain_text(reason)
        expect(uploads.filter(has_text=name).get_by_role("button", name="Try again")).to_be_hidden()
    page.get_by_role("button", name="Clear the list").click()

    # A chosen file that has gone when its turn comes is no server that does not answer.
    with tempfile.TemporaryDirectory() as folder:
        copies = [pathlib.Path(folder) / f"{n}.png" for n in range(4)]
        for copy in copies:
            copy.write_bytes(pathlib.Path(arguments.photo).read_bytes())
        held = []
        page.route("**/api/v1/enrol*", lambda route: held.append(route))
        page.get_by_label("Choose photos").set_input_files(copies)
        while len(held) < 3:
            page.wait_for_timeout(20)
        copies[3].unlink()
        before = len(troubles)
        sent = list(held)
        page.route("**/api/v1/enrol*", lambda route: route.continue_())
        for route in sent:
            route.fulfill(status=400, json={"error": "no-face", "message": "No face.", "code": 28})
        expect(done).to_contain_text("4 of 4 photos · 0 added · 4 not added")
        expect(uploads.filter(has_text="3.png")).to_contain_text("The file cannot be read any more")
        # The browser itself tells the console of the file.
        troubles[before:] = [text for text in troubles[before:] if "Failed to load resource: net::" not in text]
        page.unroute("**/api/v1/enrol*")
    page.get_by_role("button", name="Clear the list").click()


def review(page):
    """Strangers are named, ignored and asked about again, by mouse and by keyboard."""
    go(page, "To name", "Who are they?")
    page.get_by_role("button", name="Look for people").click()
    rows = page.locator(".row")
    expect(rows).to_have_count(2)
    expect(page.get_by_text("2 strangers to name")).to_be_visible()
    expect(rows.first.locator(".strip .thumbnail img").nth(1)).to_be_visible()
    check_page(page, "review")

    # By keyboard: on, choose, name, undo.
    page.locator("#main").focus()
    page.keyboard.press("j")
    expect(rows.first).to_be_focused()
    page.keyboard.press("j")
    expect(rows.nth(1)).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("Space")
    expect(page.get_by_text("1 stranger chosen")).to_be_visible()
    page.keyboard.press("n")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.type("Edith Example")
    expect(page.get_by_role("button", name="Somebody new: Edith Example")).to_be_visible()
    check_axe(page, "picker")
    page.keyboard.press("Enter")
    toast(page, "Edith Example has 2 more faces.")
    expect(rows).to_have_count(1)
    page.keyboard.press("u")
    toast(page, "They wait for a name again.")
    expect(rows).to_have_count(2)

    # Undo is offered on the next page, too, which is up to date then; what cannot be undone goes with its page.
    rows.first.get_by_role("button", name="Name…").click()
    page.get_by_role("dialog").get_by_role("searchbox").fill("Edith Example")
    page.get_by_role("button", name="Somebody new: Edith Example").click()
    toast(page, "Edith Example has 2 more faces.")
    go(page, "People", "People")
    expect(people(page).filter(has_text="Edith")).to_have_count(1)
    undo(page, "They wait for a name again.")
    expect(people(page).filter(has_text="Edith")).to_have_count(0)
    go(page, "To name", "Who are they?")
    expect(rows).to_have_count(2)
    expect(page.locator("#toast")).to_be_hidden()

    # One face is left out of those that are named; a group is never asked about again, and is again.
    rows.first.get_by_role("button", name="is somebody else").first.click()
    rows.first.get_by_role("button", name="Name…").click()
    page.get_by_role("dialog").get_by_role("searchbox").fill("Edith Example")
    page.get_by_role("button", name="Somebody new: Edith Example").click()
    toast(page, "Edith Example has 1 more face.")
    # The face that was left out waits still, and is most like her now.
    expect(rows).to_have_count(2)
    page.get_by_role("button", name="Is Edith Example").click()
    toast(page, "Edith Example has 1 more face.")
    expect(rows).to_have_count(1)
    rows.first.get_by_role("button", name="Never ask again").click()
    toast(page, "You are not asked about this stranger any more.")
    expect(page.get_by_text("Nobody waits for a name.")).to_be_visible()
    undo(page, "They wait for a name again.")
    expect(rows).to_have_count(1)
    rows.first.focus()
    page.keyboard.press("i")
    expect(rows).to_have_count(0)
    page.get_by_role("link", name="Not asked about").click()
    expect(faces(page).first.or_(page.get_by_role("list", name="Not asked about").get_by_role("listitem").first)).to_be_visible()
    check_page(page, "ignored")
    page.get_by_role("button", name="Ask again about this person").first.click()
    expect(page.get_by_text("You are asked about every face.")).to_be_visible()
    page.go_back()
    expect(rows).to_have_count(1)
    rows.first.get_by_role("button", name="Name…").click()
    page.get_by_role("dialog").get_by_role("searchbox").fill("Donaudampfschifffahrtsgesellschaftskapitänswitwenrentenantragsformularabgabestelle")
    page.keyboard.press("Enter")
    expect(rows).to_have_count(0)


def look_after(page):
    """The sheet of people and one person: search, address, tags, merging, moving, deleting, and undo of each."""
    go(page, "People", "People")
    expect(page.get_by_text("7 people")).to_be_visible()
    expect(page.locator(".grid .thumbnail img")).to_have_count(7)
    header = page.locator("header")
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    if header.bounding_box()["y"] != 0:
        troubles.append("the header scrolls away")
    check_page(page, "people")
    search = page.get_by_role("searchbox", name="Search names")
    search.fill("éxample ADA")
    expect(page.get_by_text("1 person", exact=True)).to_be_visible()
    if "q=%C3%A9xample+ADA" not in page.url:
        troubles.append(f"the search is not in the address: {page.url}")
    page.get_by_role("link", name="Ada Example").click()
    expect(heading(page, "Ada Example")).to_be_visible()
    expect(page.locator(".grid.faces .thumbnail img")).to_have_count(1)
    check_page(page, "person")

    page.get_by_label("New tag, or key=value").fill("team=red")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="team=red")).to_be_visible()
    page.go_back()
    expect(search).to_have_value("éxample ADA")
    expect(people(page)).to_have_count(1)
    page.goto(arguments.url + "#/people?tag=team%3Dred")
    expect(people(page)).to_have_count(1)
    check_page(page, "tagged")
    page.get_by_role("link", name="Ada Example").click()
    page.get_by_role("button", name="Remove the tag team=red").click()
    expect(page.get_by_role("link", name="team=red")).to_have_count(0)

    # A photo is added here, and the person renamed.
    page.get_by_label("Add photos here").set_input_files(sorted(arguments.folder.rglob("*.*"))[0])
    toast(page, "under another name")
    page.get_by_role("textbox", name="Name", exact=True).fill("Ada Lovelace")
    page.get_by_role("button", name="Rename").click()
    expect(heading(page, "Ada Lovelace")).to_be_visible()
    undo(page, "Renamed to Ada Example.")
    expect(heading(page, "Ada Example")).to_be_visible()

    # The name is taken: merging is offered, and done when it is wanted.
    question = page.locator("#question-dialog")
    page.get_by_role("textbox", name="Name", exact=True).fill("bob <B>example</B>")
    page.get_by_role("button", name="Rename").click()
    expect(question).to_contain_text("Give that person all faces of Ada Example?")
    check_axe(page, "question")
    question.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Rename").click()
    question.get_by_role("button", name="Make one person").click()
    expect(heading(page, "Bob <b>Example</b>")).to_be_visible()
    expect(faces(page)).to_have_count(2)
    undo(page, "They are different people again.")
    expect(faces(page)).to_have_count(1)

    # Faces are moved to somebody new, lose their name, are deleted; each is undone.
    page.goto(arguments.url + "#/people")
    page.get_by_role("link", name="Edith Example").click()
    expect(faces(page)).to_have_count(2)
    faces(page).first.get_by_role("button").click()
    page.get_by_role("button", name="This is somebody else…").click()
    page.get_by_role("dialog").get_by_role("searchbox").fill("Fanny Example")
    page.keyboard.press("Enter")
    toast(page, "1 face is Fanny Example’s now.")
    expect(faces(page)).to_have_count(1)
    undo(page, "The face is back.")
    expect(faces(page)).to_have_count(2)
    faces(page).first.get_by_role("button").click()
    faces(page).nth(1).get_by_role("button").click(modifiers=["Shift"])
    expect(page.get_by_text("2 faces chosen")).to_be_visible()
    check_page(page, "faces-chosen")
    page.get_by_role("button", name="Take the name away").click()
    toast(page, "2 faces have no name now.")
    undo(page, "2 faces are back.")
    expect(faces(page)).to_have_count(2)
    faces(page).first.get_by_role("button").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    question.get_by_role("button", name="Delete").click()
    expect(faces(page)).to_have_count(1)
    undo(page, "The face is back.")
    expect(faces(page)).to_have_count(2)

    # One of the faces stands for her, by keyboard; undone, it is the oldest again.
    shown = lambda: page.locator(".person > .thumbnail img").get_attribute("src")
    expect(page.locator(".person > .thumbnail img")).to_be_visible()
    oldest = shown()
    faces(page).nth(1).get_by_role("button").focus()
    page.keyboard.press("Space")
    tab_to(page, page.get_by_role("button", name="Use as the picture"))
    page.keyboard.press("Enter")
    toast(page, "Edith Example is shown by this face now.")
    expect(page.get_by_role("button", name="Use as the picture")).to_be_hidden()
    expect(page.locator(".person > .thumbnail img")).to_be_visible()
    chosen = shown()
    if chosen == oldest or chosen != faces(page).nth(1).locator("img").get_attribute("src"):
        troubles.append(f"the person is shown by {chosen}, the chosen face is another picture")
    go(page, "People", "People")
    picture = people(page).filter(has_text="Edith").locator("img")
    expect(picture).to_be_visible()
    if picture.get_attribute("src") != chosen:
        troubles.append("the sheet of people does not show the chosen face")
    page.get_by_role("link", name="Edith Example").click()
    faces(page).first.get_by_role("button").click()
    page.get_by_role("button", name="Use as the picture").click()
    toast(page, "Edith Example is shown by this face now.")
    undo(page, "Undone.")
    expect(page.locator(".person > .thumbnail img")).to_have_attribute("src", chosen)
    expect(page.get_by_text("1 face chosen")).to_be_hidden()
    faces(page).first.get_by_role("button").click()
    faces(page).nth(1).get_by_role("button").click()
    expect(page.get_by_role("button", name="Use as the picture")).to_have_count(0)
    page.get_by_role("region", name="Chosen").get_by_role("button", name="Cancel").click()

    # The person is another one.
    page.get_by_role("button", name="Same person as…").click()
    page.get_by_role("dialog").get_by_role("searchbox").fill("ada")
    page.get_by_role("dialog").get_by_role("button", name="Ada Example").click()
    expect(heading(page, "Ada Example")).to_be_visible()
    expect(faces(page)).to_have_count(3)
    undo(page, "They are different people again.")
    expect(faces(page)).to_have_count(1)

    # Several people are chosen, made one, and deleted; the messages do not stay over other pages.
    go(page, "People", "People")
    merge_and_undo(page)
    page.get_by_label("Choose Ada Example").check()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(question).to_contain_text("It can be undone for a day.")
    question.get_by_role("button", name="Delete").click()
    expect(people(page)).to_have_count(6)
    undo(page, "The person is back.")
    expect(people(page)).to_have_count(7)
    page.get_by_role("link", name="Bob").click()
    page.get_by_role("button", name="Delete the person").click()
    question.get_by_role("button", name="Delete").click()
    expect(heading(page, "People")).to_be_visible()
    toast(page, "Bob <b>Example</b> was deleted.")
    expect(people(page)).to_have_count(6)
    go(page, "Figures", "Figures")
    # It can be undone here still; another message takes its place.
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    expect(page.get_by_role("row").nth(1)).to_be_visible()
    page.get_by_role("button", name="Check everything").click()
    expect(page.get_by_text("All is well: 6 people,")).to_be_visible()
    check_page(page, "figures")


def merge_and_undo(page):
    """People become one with another, one of them without faces, and are as before again: names, faces, tags and chosen pictures."""
    def person(name):
        return call(page, "GET", f"/people?named={name.replace(' ', '+')}")["people"][0]

    def tags(name, change=None):
        path = f"/people/{person(name)['id']}/tags"
        return call(page, "PATCH", path, {"tags": change})["tags"] if change else call(page, "GET", path)["tags"]

    def state():
        return {name: (tags(name), person(name).get("picture"), [face["id"] for face in call(page, "GET", f"/people/{person(name)['id']}/faces")["faces"]])
                for name in ("Ada Example", "Edith Example", "Gil Example")}

    call(page, "POST", "/recognition/subjects", {"subject": "Gil Example"})
    edith = person("Edith Example")["id"]
    call(page, "PATCH", f"/people/{edith}", {"picture": None})
    call(page, "PATCH", f"/people/{person('Ada Example')['id']}", {"picture": state()["Ada Example"][2][0]})
    tags("Edith Example", {"city": "Bonn", "team": "red"})
    tags("Ada Example", {"team": "blue", "vip": "", "room": "1"})
    tags("Gil Example", {"floor": "2"})
    before = state()
    page.reload()
    expect(people(page)).to_have_count(8)
    for name in before:
        page.get_by_label(f"Choose {name}").check()
    expect(page.get_by_text("3 chosen")).to_be_visible()
    page.get_by_role("button", name="Make one person").click()
    page.locator("#question-dialog").get_by_role("button", name="Make one person").click()
    toast(page, "Edith Example has 3 faces now.")
    expect(people(page)).to_have_count(6)
    if tags("Edith Example") != {"city": "Bonn", "team": "red", "vip": "", "room": "1", "floor": "2"}:
        troubles.append(f"after the merge the tags are {tags('Edith Example')}")
    # What somebody has changed meanwhile is left as it is.
    tags("Edith Example", {"room": "3"})
    undo(page, "They are different people again.")
    expect(people(page)).to_have_count(8)
    before["Edith Example"][0]["room"] = "3"
    if state() != before:
        troubles.append(f"after the undo of a merge there are {state()}, before {before}")
    # The other's choice does not count for her again.
    face = before["Ada Example"][2][0]
    for receiver in (edith, person("Ada Example")["id"]):
        call(page, "PATCH", "/faces", {"faces": [face], "person": receiver})
        if "picture" in person("Edith Example"):
            troubles.append("the picture that was chosen for somebody else counts after the undo of a merge")
    tags("Edith Example", {"city": None, "team": None, "room": None})
    tags("Ada Example", {"team": None, "vip": None, "room": None})
    call(page, "DELETE", f"/people/{person('Gil Example')['id']}")
    page.reload()
    expect(people(page)).to_have_count(7)


def call(page, method, path, body=None):
    """What the API answers to the page's key."""
    return page.evaluate("""([method, path, body]) => fetch(`/api/v1${path}`, { method, body: body && JSON.stringify(body),
      headers: { "Content-Type": "application/json", ...(sessionStorage.length ? { "x-api-key": Object.values(sessionStorage)[0] } : {}) } }).then((r) => r.json())""", [method, path, body])


def check_doubts(page):
    """Faces under a wrong name and pictures that are there twice: settled by mouse and by keyboard, and each undone."""
    def number(name):
        return call(page, "GET", f"/people?named={name.replace(' ', '+')}")["people"][0]["id"]

    cecil, dora = number("Cecil Example"), number("Dora Example")
    wrong = call(page, "GET", f"/people/{dora}/faces")["faces"][1]["id"]
    call(page, "PATCH", "/faces", {"faces": [wrong], "person": cecil})

    go(page, "To check", "Doubtful faces")
    expect(page.get_by_text("Nobody has looked for doubtful faces")).to_be_visible()
    check_page(page, "doubts-never")
    rows = page.locator(".row")
    look = page.get_by_role("button", name="Look for doubtful faces")

    # While a review is made the page tells how far it is; what goes wrong is told, and may be tried again.
    held = []
    page.route("**/api/v1/review/progress", lambda route: route.fulfill(json={"running": True, "done": 4096, "total": 10000}))
    page.route("**/api/v1/review", lambda route: held.append(route) if route.request.method == "POST" else route.continue_())
    look.click()
    expect(page.get_by_text("4,096 of 10,000 faces compared")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_have_attribute("value", "4096")
    expect(look).to_be_disabled()
    check_page(page, "doubts-progress")
    held.pop().fulfill(status=503, json={"error": "overloaded", "message": "The server is busy.", "code": 0})
    toast(page, "busy")
    expect(page.get_by_role("progressbar")).to_be_hidden()
    expect(page.get_by_text("Nobody has looked for doubtful faces")).to_be_visible()
    page.unroute("**/api/v1/review")
    page.unroute("**/api/v1/review/progress")
    look.click()

    # The wrong one, once for its name and once as the same picture as Dora's; and four people who have a picture twice.
    expect(rows).to_have_count(6)
    expect(page.get_by_text("6 to check")).to_be_visible()
    suspicious = rows.filter(has_text="Is called Cecil Example and is more like Dora Example.")
    expect(suspicious).to_have_count(1)
    expect(suspicious.locator(".compared img")).to_have_count(3)
    check_page(page, "doubts")
    page.locator("#main").focus()
    page.keyboard.press("j")
    expect(suspicious).to_be_focused()
    page.keyboard.press("j")
    expect(rows.nth(1)).to_be_focused()
    page.keyboard.press("k")
    for key, told in [("y", "1 face is Dora Example’s now."), ("i", "It stays as it is"), ("d", "The face was deleted.")]:
        expect(suspicious).to_be_focused()
        page.keyboard.press(key)
        toast(page, told)
        # What is the same picture is settled with it.
        expect(rows).to_have_count(4)
        expect(page.get_by_text("4 to check")).to_be_visible()
        expect(rows.first).to_be_focused()
        page.keyboard.press("u")
        expect(rows).to_have_count(6)
    expect(suspicious).to_be_focused()
    page.keyboard.press("n")
    page.get_by_role("dialog").get_by_role("searchbox").fill("Fanny Example")
    page.keyboard.press("Enter")
    toast(page, "1 face is Fanny Example’s now.")
    expect(rows).to_have_count(4)
    undo(page, "The face is back.")
    expect(rows).to_have_count(6)
    if call(page, "GET", "/people?named=Fanny+Example")["people"]:
        troubles.append("who was made by a move that was undone is there still")

    # By mouse: both pictures are one person's, the later one is deleted, and they are left as they are.
    several = rows.filter(has_text="under different names")
    several.get_by_role("button", name="All are Dora Example").click()
    toast(page, "1 face is Dora Example’s now.")
    expect(rows).to_have_count(4)
    undo(page, "The face is back.")
    expect(rows).to_have_count(6)
    suspicious.get_by_role("button", name="Is Dora Example").click()
    toast(page, "1 face is Dora Example’s now.")
    expect(rows).to_have_count(4)
    zoe = rows.filter(has_text="Zoë Example")
    zoe.get_by_role("button", name="Delete the later one").click()
    toast(page, "The face was deleted.")
    expect(zoe).to_have_count(0)
    undo(page, "The face is back.")
    expect(zoe).to_have_count(1)

    # Somebody else has deleted it meanwhile: that is told, and the list is made anew.
    later = call(page, "GET", f"/people/{number('Zoë Example')}/faces")["faces"][1]["id"]
    removal = call(page, "DELETE", f"/faces/{later}")["removal"]
    zoe.get_by_role("button", name="Delete the later one").click()
    expect(zoe).to_have_count(0)
    call(page, "POST", "/undo", {"removal": removal})

    # One kind alone, which is in the address; then nothing is left.
    page.get_by_role("link", name="More like somebody else").click()
    expect(page.get_by_text("Nothing of this kind is doubtful.")).to_be_visible()
    page.get_by_role("link", name="The same picture").click()
    expect(page.get_by_role("link", name="The same picture")).to_have_attribute("aria-current", "true")
    expect(rows).to_have_count(4)
    for left in (3, 2, 1, 0):
        rows.first.get_by_role("button", name="Leave as it is").click()
        expect(rows).to_have_count(left)
    expect(page.get_by_text("Nothing of this kind is doubtful.")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="Nothing")).to_be_focused()
    page.get_by_role("link", name="All", exact=True).click()
    expect(page.get_by_text("Nothing is doubtful.")).to_be_visible()
    check_page(page, "doubts-none")

    # What is unlike the others of its person; and many, which load as one goes on by keyboard and keep the focus.
    def answer(route):
        first = int(dict(re.findall(r"[?&](\w+)=([^&]*)", route.request.url)).get("after", "1-0").split("-")[1])
        member = lambda face, person: {"face": face, "person": person, "name": f"Person {person}"}
        rows = [{"member": member(n, n), "similarity": 0.12, "faces": 3, "own": member(n + 1000, n), **({} if n % 2 else {"other": member(n + 2000, n + 1), "other_similarity": 0.2})}
                for n in range(first + 1, first + 21)]
        route.fulfill(json={"made": "2026-01-01T00:00:00Z", "faces": 9000, "total": 60, "suspicious": [], "outliers": rows, "duplicates": [],
                            **({"next": f"1-{first + 20}"} if first < 40 else {})})

    page.route("**/api/v1/review?*", answer)
    page.get_by_role("link", name="Unlike the others").click()
    expect(page.get_by_text("60 to check")).to_be_visible()
    expect(rows.first).to_contain_text("Is called Person 1 and is hardly like the other faces of Person 1.")
    expect(rows.first.locator(".compared")).to_have_count(2)
    expect(rows.nth(1).get_by_role("button", name="Is Person 3")).to_be_visible()
    page.locator("#main").focus()
    for place in range(60):
        # The next page of them may be on its way.
        expect(rows.nth(place)).to_be_attached()
        page.keyboard.press("j")
        expect(rows.nth(place)).to_be_focused()
    expect(rows).to_have_count(60)
    page.unroute_all(behavior="ignoreErrors")


def many(page):
    """Thousands of people and faces: some of the pictures that are seen are asked for at a time, and none that are not."""
    total, running, most, asked = 10_000, set(), [0], []
    picture = pathlib.Path(arguments.photo).read_bytes()

    def answer(route):
        query = dict(re.findall(r"[?&](\w+)=([^&]*)", route.request.url))
        first, limit = int(query.get("after", "0").removeprefix("Person+") or 0), int(query["limit"])
        # Who is searched for is somebody else.
        others = 20_000 if "name" in query else 0
        rows = [{"id": others + n, "name": f"Person {n}", "faces": 3, "created": "2026-01-01T00:00:00Z"} for n in range(first + 1, min(first + limit, total) + 1)]
        asked.append(len(rows))
        route.fulfill(json={"total": total, "people": rows, "next": rows[-1]["name"]})

    def started(request):
        if "/thumbnail" in request.url:
            shown.append(request.url)
            running.add(request)
            most[0] = max(most[0], len(running))

    def show(route):
        page.wait_for_timeout(5)
        try:
            route.fulfill(body=picture, content_type="image/png")
        except PlaywrightError:
            pass  # The page was left meanwhile.

    shown = []
    page.on("request", started)
    for name in ("requestfinished", "requestfailed"):
        page.on(name, lambda request: running.discard(request))
    page.route("**/api/v1/people?*", answer)
    page.route("**/thumbnail", show)
    page.goto(arguments.url + "#/people")
    expect(page.get_by_text("10,000 people")).to_be_visible()
    expect(page.locator(".grid .thumbnail img").first).to_be_visible()
    if len(shown) > 150 or sum(asked) > 300:
        troubles.append(f"{len(shown)} pictures and {sum(asked)} people are asked for at once")
    for _ in range(6):
        page.mouse.wheel(0, 4000)
        page.wait_for_timeout(100)
    expect(people(page).nth(200)).to_be_attached()
    if most[0] > 6:
        troubles.append(f"{most[0]} pictures are asked for at a time")
    # Back leads to the place in the list.
    place = page.evaluate("scrollY")
    page.evaluate("location.hash = '#/statistics'")
    expect(heading(page, "Figures")).to_be_visible()
    page.go_back()
    expect(heading(page, "People")).to_be_visible()
    if abs(page.evaluate("scrollY") - place) > 50 or place < 1000:
        troubles.append(f"Back leads to {page.evaluate('scrollY')} of the list, not to {place}")
    # Of what one has scrolled to, the pictures in view come first, not those that are near it.
    page.evaluate("location.hash = '#/statistics'")
    expect(heading(page, "Figures")).to_be_visible()
    while running:
        page.wait_for_timeout(20)
    page.unroute("**/thumbnail")
    held = []
    page.route("**/thumbnail", lambda route: held.append(route))
    page.evaluate("location.hash = '#/people?q=order'")
    while len(held) < 6:
        page.wait_for_timeout(20)
    first = [int(route.request.url.split("/")[-2]) for route in held]
    if first != list(range(20_001, 20_007)):
        troubles.append(f"the pictures {first} are asked for first, not those of the first row")
    page.evaluate("scrollTo(0, document.querySelectorAll('.grid > li')[40].offsetTop - 100)")
    page.wait_for_timeout(300)
    seen = page.evaluate("""[...document.querySelectorAll(".grid > li a")].filter((a) => { const { top, bottom } = a.querySelector(".thumbnail").getBoundingClientRect(); return bottom > 0 && top < innerHeight; })
      .map((a) => Number(a.hash.split("/")[2]))""")
    for route in held[:6]:
        route.fulfill(status=404, json={"error": "no-picture", "message": "None.", "code": 0})
    while len(held) < 12:
        page.wait_for_timeout(20)
    next_ones = [int(route.request.url.split("/")[-2]) for route in held[6:12]]
    if next_ones != seen[:6]:
        troubles.append(f"after scrolling the pictures {next_ones} are asked for, {seen} are in view")

    # Whoever has no picture is asked for once.
    page.unroute("**/thumbnail")
    for route in held[6:]:
        route.fulfill(status=404, json={"error": "no-picture", "message": "None.", "code": 0})
    page.route("**/thumbnail", lambda route: route.fulfill(status=404, json={"error": "no-picture", "message": "None.", "code": 0}))
    shown.clear()
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_timeout(500)
    if set(first) & {int(url.split("/")[-2]) for url in shown}:
        troubles.append("pictures that are not there are asked for again")
    page.evaluate("location.hash = '#/people?q=again'")
    page.wait_for_timeout(500)
    if set(first) & {int(url.split("/")[-2]) for url in shown}:
        troubles.append("pictures that are not there are asked for again by another list")
    page.unroute("**/thumbnail")
    page.route("**/thumbnail", show)

    # One person with thousands of faces.
    def answer_faces(route):
        query = dict(re.findall(r"[?&](\w+)=([^&]*)", route.request.url))
        first, limit = int(query.get("after", 0)), int(query["limit"])
        rows = [{"id": n, "person": 7, "added": "2026-01-01T00:00:00Z", "thumbnail": f"/api/v1/faces/{n}/thumbnail"} for n in range(first + 1, min(first + limit, 5000) + 1)]
        asked.append(len(rows))
        route.fulfill(json={"total": 5000, "faces": rows, "next": rows[-1]["id"]})

    asked.clear()
    shown.clear()
    page.route("**/api/v1/people/7", lambda route: route.fulfill(json={"id": 7, "name": "Person 7", "faces": 5000, "created": "2026-01-01T00:00:00Z"}))
    page.route("**/api/v1/people/7/tags", lambda route: route.fulfill(json={"tags": {}}))
    page.route("**/api/v1/people/7/faces?*", answer_faces)
    page.evaluate("location.hash = '#/people/7'")
    expect(page.get_by_text("5,000 faces")).to_be_visible()
    expect(page.locator(".grid.faces .thumbnail img").first).to_be_visible()
    if len(shown) > 250 or sum(asked) > 400:
        troubles.append(f"{len(shown)} pictures and {sum(asked)} faces of one person are asked for at once")
    if most[0] > 6:
        troubles.append(f"{most[0]} pictures of one person are asked for at a time")
    page.evaluate("location.hash = '#/statistics'")
    expect(heading(page, "Figures")).to_be_visible()
    page.unroute_all(behavior="ignoreErrors")


def watch_live(page):
    """The camera: a picture at a time, nothing while the page is hidden, off when one leaves."""
    go(page, "Camera", "Who is there?")
    queries = []
    page.on("request", lambda request: queries.append(request.url) if "/api/v1/query" in request.url else None)
    page.get_by_label("Which camera").select_option("environment")
    page.get_by_role("button", name="Start the camera").click()
    expect(page.get_by_text("pictures a second")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="Nobody")).to_be_visible()
    check_page(page, "live")
    # Names are over the picture.
    reply = {"faces": [{"detection": {"box": {"x": 200, "y": 150, "width": 120, "height": 140}, "landmarks": [], "scheme": "", "quality": {}},
                        "answer": {"known": True, "ambiguous": False, "names": ["Ada Example"], "candidates": [], "plan": "graph"}}], "remarks": []}
    page.route("**/api/v1/query*", lambda route: route.fulfill(json=reply))
    expect(page.locator(".box.known")).to_have_text("Ada Example")
    expect(page.locator(".names")).to_have_text("Ada Example")
    page.evaluate("""Object.defineProperty(document, "hidden", { value: true, configurable: true }); document.dispatchEvent(new Event("visibilitychange"))""")
    expect(page.get_by_text("Paused while nobody looks.")).to_be_visible()
    before = len(queries)
    page.wait_for_timeout(300)
    if len(queries) != before:
        troubles.append("pictures are sent while the page is hidden")
    page.evaluate("""delete document.hidden; document.dispatchEvent(new Event("visibilitychange"))""")
    expect(page.get_by_text("pictures a second")).to_be_visible()
    track = page.evaluate_handle("document.querySelector('video').srcObject.getTracks()[0]")
    go(page, "People", "People")
    if track.evaluate("(track) => track.readyState") != "ended":
        troubles.append("the camera stays on when one leaves the page")
    page.unroute("**/api/v1/query*")


def make_keys(page):
    """A key is made, shown once, and revoked."""
    go(page, "Keys", "Keys")
    rows = page.get_by_role("row")
    expect(rows.nth(1)).to_be_visible()
    before = rows.count()
    page.get_by_label("For whom or what").fill("camera at the door")
    page.get_by_label("May", exact=True).select_option("write")
    page.get_by_role("button", name="Make the key").click()
    made = page.get_by_role("dialog", name="The new key")
    secret = made.get_by_label("Key", exact=True).input_value()
    check_axe(page, "key")
    made.get_by_role("button", name="Done").click()
    expect(rows).to_have_count(before + 1)
    check_page(page, "keys")
    ask = "key => fetch('/api/v1/gallery', { headers: { 'x-api-key': key } }).then((r) => r.status)"
    if page.evaluate(ask, secret) != 200 or secret in page.content():
        troubles.append("the new key does not count, or is still on the page")
    page.get_by_role("button", name="Revoke: camera at the door").click()
    page.locator("#question-dialog").get_by_role("button", name="Revoke").click()
    expect(rows).to_have_count(before)
    if page.evaluate(ask, secret) != 401:
        troubles.append("a key that was revoked still counts")


def speak_german(page):
    """Every page in the other language, which is kept."""
    page.get_by_label("Language").select_option("de")
    for link, title in [("Wer ist das?", "Wer ist das?"), ("Personen", "Personen"), ("Zu benennen", "Wer sind sie?"), ("Zu prüfen", "Zweifelhafte Gesichter"), ("Fotos hinzufügen", "Fotos hinzufügen"),
                        ("Kamera", "Wer ist da?"), ("Zahlen", "Zahlen"), *([("Schlüssel", "Schlüssel")] if arguments.key else [])]:
        go(page, link, title)
        page.set_viewport_size({"width": 390, "height": 844})
        check_page(page, f"de-{link}")
        page.set_viewport_size({"width": 1200, "height": 900})
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", "de")
    page.get_by_label("Sprache").select_option("en")
    expect(page.locator("html")).to_have_attribute("lang", "en")


def walk_by_keyboard(page):
    """What the page is for, without a mouse: enrol, look, rename, and whatever a dialog asks."""
    page.goto(arguments.url)
    page.reload()
    expect(heading(page, "Who is this?")).to_be_visible()
    follow(page, "Who is this?")
    tab_to(page, page.get_by_label("Choose a photo"))
    choosers.clear()
    page.keyboard.press("Enter")
    for _ in range(600):
        if choosers:
            break
        page.wait_for_timeout(50)
    else:
        raise AssertionError(f"the Enter key does not open the chooser of files; the focus is on {focus_of(page)}")
    choosers[0].set_files(arguments.photo)
    expect(heading(page, "Ada Example", 2)).to_be_visible()
    follow(page, "People")
    follow(page, "Ada Example")
    tab_to(page, page.get_by_role("textbox", name="Name", exact=True))
    page.keyboard.press("Control+A")
    page.keyboard.type("Ada King")
    page.keyboard.press("Enter")
    expect(heading(page, "Ada King")).to_be_visible()
    expect(page.locator("#main")).to_be_focused()
    tab_to(page, page.get_by_role("button", name="Delete the person"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(heading(page, "Ada King")).to_be_visible()
    # A face is chosen, and the bar that comes is reached.
    tab_to(page, faces(page).first.get_by_role("button"))
    page.keyboard.press("Space")
    tab_to(page, page.get_by_role("button", name="This is somebody else…"))
    page.keyboard.press("Enter")
    page.keyboard.type("edith")
    expect(page.get_by_role("dialog").get_by_role("button", name="Edith Example")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Escape")
    follow(page, "Figures")
    tab_to(page, page.get_by_role("button", name="Check everything"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("All is well: 6 people,")).to_be_visible()


def walk_on_a_phone(browser):
    """Every page at a telephone's width scrolls up and down only, with names of any length."""
    phone = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme="dark", locale="en-US", has_touch=True)
    page = phone.new_page()
    watch(page)

    def look(where):
        check_width(page, f"phone: {where}")
        check_axe(page, f"phone: {where}")
        if arguments.screenshots:
            page.screenshot(path=arguments.screenshots / f"phone-{where}.png", full_page=True)

    page.goto(arguments.url)
    page.wait_for_selector("h1", state="attached")
    look("key")
    enter_key(page)
    expect(heading(page, "Who is this?")).to_be_visible()
    look("start")
    page.get_by_label("Choose a photo").set_input_files(arguments.group)
    expect(page.get_by_role("heading", name=re.compile(r"^2\."))).to_be_visible()
    look("group")
    for link, title in [("People", "People"), ("To name", "Who are they?"), ("To check", "Doubtful faces"), ("Add photos", "Add photos"), ("Camera", "Who is there?"), ("Figures", "Figures"), ("Keys", "Keys")]:
        if link != "Keys" or arguments.key:
            go(page, link, title)
            look(link)
    go(page, "People", "People")
    page.get_by_role("link", name="Donaudampf").click()
    expect(page.get_by_role("heading", level=1, name="Donaudampf")).to_be_visible()
    page.wait_for_selector(".grid.faces .thumbnail img")
    look("person")
    phone.close()


with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=arguments.chromium, args=[
        "--no-sandbox", "--disable-dev-shm-usage", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"])
    context = browser.new_context(viewport={"width": 1200, "height": 900}, permissions=["camera"], locale="en-US")
    page = context.new_page()
    watch(page)
    try:
        for flow in (recognise, add_many, review, look_after, check_doubts, watch_live, make_keys, walk_by_keyboard, many, speak_german):
            if flow is not make_keys or arguments.key:
                flow(page)
        walk_on_a_phone(browser)
    except Exception as error:
        screenshot(page, "failure")
        troubles.append(f"{error}\n{traceback.format_exc().splitlines()[-12:]}")
    browser.close()

for trouble in troubles:
    print(trouble)
sys.exit(1 if troubles else 0)
