#!/usr/bin/env python3
"""Takes pictures of the web page: page-screenshots.py URL KEY FOLDER, see page-screenshots.sh."""

import base64
import pathlib
import sys
import time
import urllib.request

from playwright.sync_api import expect, sync_playwright

url, key, folder = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
data = pathlib.Path(__file__).parent.parent / "data"
for _ in range(100):
    try:
        urllib.request.urlopen(f"{url}readyz")
        break
    except OSError:
        time.sleep(0.1)


def save(browser, page, name):
    """Stores a picture as WebP, which the browser makes."""
    page.mouse.move(0, 0)
    picture = base64.b64encode(page.screenshot()).decode()
    blank = browser.new_page()
    webp = blank.evaluate("""async (picture) => {
      const image = new Image();
      image.src = `data:image/png;base64,${picture}`;
      await image.decode();
      const canvas = document.createElement("canvas");
      [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
      canvas.getContext("2d").drawImage(image, 0, 0);
      return canvas.toDataURL("image/webp", 0.85).split(",")[1];
    }""", picture)
    blank.close()
    (folder / f"{name}.webp").write_bytes(base64.b64decode(webp))


def side_by_side(browser, photos):
    """One photo of several people, which the browser makes of portraits."""
    portraits = [base64.b64encode((data / photo).read_bytes()).decode() for photo in photos]
    blank = browser.new_page()
    png = blank.evaluate("""async (portraits) => {
      const images = await Promise.all(portraits.map(async (portrait) => {
        const image = new Image();
        image.src = `data:image/*;base64,${portrait}`;
        await image.decode();
        return image;
      }));
      const canvas = document.createElement("canvas");
      const widths = images.map((image) => Math.round(600 * image.naturalWidth / image.naturalHeight));
      [canvas.width, canvas.height] = [widths.reduce((a, b) => a + b), 600];
      let left = 0;
      images.forEach((image, place) => { canvas.getContext("2d").drawImage(image, left, 0, widths[place], 600); left += widths[place]; });
      return canvas.toDataURL("image/png").split(",")[1];
    }""", portraits)
    blank.close()
    return {"name": "group.png", "mimeType": "image/png", "buffer": base64.b64decode(png)}


with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-dev-shm-usage"])

    def open_page(path, width=1200, height=760, scheme="light"):
        page = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme, locale="en-US").new_page()
        page.add_init_script(f"sessionStorage.setItem('facegallery-key', '{key}')")
        page.goto(f"{url}#/{path}")
        return page

    def pictures(page, count):
        for place in range(count):
            expect(page.locator("main .thumbnail img").nth(place)).to_be_visible()

    page = open_page("recognise")
    page.get_by_label("Choose a photo").set_input_files(side_by_side(browser, ["obama2.jpg", "astronaut.png", "biden.jpg"]))
    expect(page.get_by_role("heading", level=2).nth(1)).to_be_visible()
    pictures(page, 3)
    expect(page.locator("#toast")).to_be_hidden(timeout=20_000)
    save(browser, page, "page")

    def add(way, *photos, name=None):
        page = open_page("add")
        page.get_by_label(way).check()
        if name:
            page.get_by_label("Name of the person").fill(name)
        page.get_by_label("Choose photos").set_input_files([data / photo for photo in photos])
        expect(page.get_by_text(f"{len(photos)} of {len(photos)} photo")).to_be_visible(timeout=60_000)

    # Somebody who is known waits for the name.
    add("I say that later", "obama_partial_face.jpg", "obama_partial_face2.jpg", "32bit.png")
    page = open_page("review", height=280, scheme="dark")
    page.get_by_role("button", name="Look for people").click()
    expect(page.locator(".row").first).to_be_visible(timeout=60_000)
    pictures(page, 3)
    page.wait_for_timeout(500)
    save(browser, page, "page-review")
    for name, photo in (("Eileen Collins", "astronaut.png"), ("Tom Hanks", "hanks.png")):
        add("All show the same person", photo, name=name)
    page = open_page("people", height=360)
    pictures(page, 3)
    save(browser, page, "page-people")
    browser.close()
