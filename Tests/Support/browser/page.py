"""Uses the web page as a visitor would, in a headless Chromium.

page.py URL PHOTO GROUP [--key KEY] [--chromium PATH] [--screenshots FOLDER]

PHOTO shows one person, GROUP two or more others; the gallery is empty, keeps photos and the key may administer it. Exits with 1 and says why when anything is not as it should be.
"""

import argparse
import pathlib
import re
import sys

from playwright.sync_api import expect, sync_playwright

parser = argparse.ArgumentParser()
parser.add_argument("url")
parser.add_argument("photo")
parser.add_argument("group")
parser.add_argument("--key", default="")
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


def check_page(page, where):
    screenshot(page, where)
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        if scheme == "dark":
            screenshot(page, f"{where}-dark")
        check_contrast(page, f"{where}, {scheme}")
    check_names(page, where)


def watch(page):
    page.on("console", lambda m: troubles.append(f"console: {m.text}") if m.type in ("error", "warning")
            and "the server responded with a status of 4" not in m.text else None)
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


def walk_by_keyboard(page):
    """What the page is for, without a mouse: enrol, look, rename, and whatever a dialog asks."""
    page.goto(arguments.url)
    page.reload()
    expect(page.get_by_role("heading", level=1, name="Who is this?")).to_be_visible()
    follow(page, "Recognise")
    tab_to(page, page.get_by_label("Choose a photo"))
    page.keyboard.press("Enter")
    for _ in range(600):
        if choosers:
            break
        page.wait_for_timeout(50)
    else:
        raise AssertionError(f"the Enter key does not open the chooser of files; the focus is on {focus_of(page)}")
    choosers[0].set_files(arguments.photo)
    name = page.get_by_label("Name of face 1")
    expect(name).to_be_visible()
    tab_to(page, name)
    page.keyboard.type("Ada")
    tab_to(page, page.get_by_role("button", name="Enrol"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=2, name="Ada")).to_be_visible()
    follow(page, "People")
    expect(page.get_by_text("1 person.")).to_be_visible()
    follow(page, "Ada")
    tab_to(page, page.get_by_role("textbox", name="Name"))
    page.keyboard.press("Control+A")
    page.keyboard.type("Ada Example")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1, name="Ada Example")).to_be_visible()
    expect(page.locator("#main")).to_be_focused()
    tab_to(page, page.get_by_role("button", name="Delete the person"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.get_by_role("heading", level=1, name="Ada Example")).to_be_visible()
    follow(page, "Statistics")
    tab_to(page, page.get_by_role("button", name="Check everything"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("All is well: 1 person, 1 face.")).to_be_visible()


def walk_on_a_phone(browser):
    """Every page at a telephone's width scrolls up and down only."""
    phone = browser.new_context(viewport={"width": 360, "height": 740}, color_scheme="dark")
    page = phone.new_page()
    watch(page)

    def look(where):
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            troubles.append(f"{where} is wider than a telephone")
        if arguments.screenshots:
            page.screenshot(path=arguments.screenshots / f"phone-{where}.png", full_page=True)

    page.goto(arguments.url)
    page.wait_for_selector("h1", state="attached")
    look("key")
    enter_key(page)
    expect(page.get_by_role("heading", level=1, name="Who is this?")).to_be_visible()
    look("start")
    page.get_by_label("Choose a photo").set_input_files(arguments.group)
    expect(page.get_by_role("heading", name="2. Unknown")).to_be_visible()
    look("group")
    page.get_by_role("link", name="People").click()
    expect(page.get_by_text("1 person.")).to_be_visible()
    page.wait_for_selector("img.thumbnail")
    look("people")
    page.get_by_role("link", name="Ada Example").click()
    expect(page.get_by_role("heading", level=1, name="Ada Example")).to_be_visible()
    page.wait_for_selector("img.thumbnail")
    look("person")
    page.get_by_role("link", name="Statistics").click()
    expect(page.get_by_role("heading", level=1, name="Statistics")).to_be_visible()
    look("statistics")
    phone.close()


def visit(page):
    page.goto(arguments.url)
    enter_key(page)
    expect(page.get_by_role("heading", level=1, name="Who is this?")).to_be_visible()
    check_page(page, "start")

    # By keyboard alone: the first stop leads past the navigation.
    page.reload()
    expect(page.get_by_role("heading", level=1, name="Who is this?")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()

    choose = page.get_by_label("Choose a photo")
    choose.set_input_files(arguments.photo)
    expect(page.get_by_role("heading", name="Unknown")).to_be_visible()
    page.get_by_label("Name of face 1").fill("Ada Example")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=2, name="Ada Example")).to_be_visible()
    expect(page.get_by_role("status").filter(has_text="Ada Example has this face now.")).to_be_visible()
    box = page.get_by_role("button", name="Face 1: Ada Example, similarity 1.000")
    expect(box).to_be_visible()
    frame, face = page.locator(".photo").bounding_box(), box.bounding_box()
    if not (frame["x"] <= face["x"] and face["x"] + face["width"] <= frame["x"] + frame["width"]):
        troubles.append(f"the box {face} is not on the photo {frame}")
    expect(page.locator(".candidates img.thumbnail")).to_have_count(1)
    check_page(page, "one-face")

    # A group of strangers: one is enrolled from a part of the photo, by keyboard.
    choose.set_input_files(arguments.group)
    expect(page.get_by_role("heading", name="2. Unknown")).to_be_visible()
    unknown = page.get_by_role("button", name="Face 1: Unknown")
    number = unknown.get_attribute("aria-label").split(":")[0].removeprefix("Face ")
    unknown.focus()
    page.keyboard.press("Enter")
    expect(unknown).to_have_attribute("aria-pressed", "true")
    page.get_by_label(f"Name of face {number}").fill("Bob <b>Example</b>")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Bob <b>Example</b>")).to_be_visible()
    expect(page.get_by_role("button", name="Face 1: Bob <b>Example</b>")).to_have_class(re.compile(r"\bknown\b"))
    expect(page.locator(".candidates img.thumbnail").nth(3)).to_be_visible()
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
        expect(page.get_by_role("heading", name="Ada Example")).to_be_visible()

    # What is no photo is said, not swallowed.
    choose.set_input_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": b"no photo"})
    expect(page.get_by_role("alert")).to_be_visible()

    # The camera, a made-up one here.
    page.get_by_role("button", name="Use the camera").click()
    # The page's policy forbids what wait_for_function does.
    while not page.evaluate("document.querySelector('video')?.videoWidth > 0"):
        page.wait_for_timeout(50)
    page.get_by_role("button", name="Take the photo").click()
    expect(page.get_by_text("There is no face on this photo")).to_be_visible()

    page.get_by_role("link", name="People").click()
    expect(page.get_by_text("2 people.")).to_be_visible()
    expect(page.locator("img.thumbnail")).to_have_count(2)
    expect(page.get_by_role("button", name="Show more")).to_be_hidden()
    check_page(page, "people")
    page.get_by_label("Part of the name").fill("ADA")
    expect(page.get_by_text("1 person.")).to_be_visible()
    page.get_by_role("link", name="Ada Example").click()
    expect(page.get_by_role("heading", level=1, name="Ada Example")).to_be_visible()
    expect(page.locator("img.thumbnail")).to_have_count(1)
    check_page(page, "person")
    page.get_by_role("textbox", name="Name").fill("Ada Lovelace")
    page.get_by_role("button", name="Rename").click()
    expect(page.get_by_role("heading", level=1, name="Ada Lovelace")).to_be_visible()

    # The name is taken: merging is offered, and done when it is wanted.
    page.get_by_role("textbox", name="Name").fill("Bob <b>Example</b>")
    page.get_by_role("button", name="Rename").click()
    question = page.get_by_role("dialog")
    expect(question).to_contain_text("Give that person all faces of Ada Lovelace?")
    question.get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Rename").click()
    question.get_by_role("button", name="Merge").click()
    expect(page.get_by_role("heading", level=1, name="Bob <b>Example</b>")).to_be_visible()
    expect(page.get_by_role("list", name="Faces").get_by_role("listitem")).to_have_count(2)

    page.get_by_role("button", name="Delete face 1").click()
    question.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("list", name="Faces").get_by_role("listitem")).to_have_count(1)

    page.get_by_role("link", name="Statistics").click()
    expect(page.get_by_role("heading", level=1, name="Statistics")).to_be_visible()
    expect(page.get_by_role("row").nth(1)).to_be_visible()
    page.get_by_role("button", name="Check everything").click()
    expect(page.get_by_text("All is well: 1 person, 1 face.")).to_be_visible()
    check_page(page, "statistics")

    page.get_by_role("link", name="People").click()
    page.get_by_role("link", name="Bob").click()
    page.get_by_role("button", name="Delete the person").click()
    question.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Nobody is enrolled yet")).to_be_visible()


with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=arguments.chromium, args=[
        "--no-sandbox", "--disable-dev-shm-usage", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"])
    context = browser.new_context(viewport={"width": 1200, "height": 900}, permissions=["camera"])
    page = context.new_page()
    watch(page)
    try:
        visit(page)
        walk_by_keyboard(page)
        walk_on_a_phone(browser)
    except Exception as error:
        screenshot(page, "failure")
        troubles.append(str(error))
    browser.close()

for trouble in troubles:
    print(trouble)
sys.exit(1 if troubles else 0)
