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
    page.get_by_label("Choose a photo").set_input_files(data / "group.jpg")
    expect(page.get_by_role("heading", level=2).nth(1)).to_be_visible()
    pictures(page, 3)
    expect(page.locator("#toast")).to_be_hidden(timeout=20_000)
    save(browser, page, "page")

    # Two strangers, and somebody who is known, wait for their names.
    page = open_page("add")
    page.get_by_label("I say that later").check()
    page.get_by_label("Choose photos").set_input_files([data / name for name in ("hanks.png", "camera.png", "obama_partial_face2.jpg", "astronaut.png")])
    expect(page.get_by_text("4 of 4 photos")).to_be_visible(timeout=60_000)
    page = open_page("review", height=520, scheme="dark")
    page.get_by_role("button", name="Look for people").click()
    expect(page.locator(".row").first).to_be_visible(timeout=60_000)
    pictures(page, 1)
    page.wait_for_timeout(500)
    save(browser, page, "page-review")
    page = open_page("people", height=420)
    pictures(page, 3)
    save(browser, page, "page-people")
    browser.close()
