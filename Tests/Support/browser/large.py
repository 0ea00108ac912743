"""Opens the page of a gallery of thousands in a headless Chromium: it asks for what is seen, and comes to the end.

large.py URL PEOPLE PERSON FACES PICTURES --key KEY [--chromium PATH]

The gallery has PEOPLE people; person number PERSON has FACES faces. Of the first PICTURES people by name, and of the first PICTURES faces of that person,
pictures are kept. Exits with 1 and says why when anything is not as it should be.
"""

import argparse
import re
import sys
import time
import traceback

from playwright.sync_api import expect, sync_playwright

parser = argparse.ArgumentParser()
parser.add_argument("url")
parser.add_argument("people", type=int)
parser.add_argument("person", type=int)
parser.add_argument("faces", type=int)
parser.add_argument("pictures", type=int)
parser.add_argument("--key", required=True)
parser.add_argument("--chromium", default="/usr/bin/chromium")
arguments = parser.parse_args()

# As long as it takes: a server under a sanitizer, or a busy machine, is no fault of the page.
expect.set_options(timeout=120_000)
troubles = []


class Requests:
    """What the page asks for, from now on."""

    def __init__(self, page):
        self.lists, self.pictures, self.others, self.running, self.most = [], [], [], set(), 0
        page.on("request", self.begin)
        page.on("requestfinished", lambda request: self.running.discard(request))
        page.on("requestfailed", lambda request: self.running.discard(request))

    def begin(self, request):
        if "/api/v1/" not in request.url:
            return
        path = request.url.split("/api/v1")[1]
        if path.endswith("/thumbnail"):
            self.pictures.append(path)
            self.running.add(request)
            self.most = max(self.most, len(self.running))
        elif re.match(r"/people(/\d+/faces)?\?", path):
            self.lists.append(path)
        else:
            self.others.append(path)

    def forget(self):
        self.lists, self.pictures, self.others = [], [], []

    def check(self, where, lists, pictures, others):
        for name, found, most in (("lists", self.lists, lists), ("pictures", self.pictures, pictures), ("others", self.others, others)):
            if len(found) > most:
                troubles.append(f"{where}: {len(found)} requests for {name}, {most} at most were expected: {found[:3]}…")
        if self.most > 6:
            troubles.append(f"{where}: {self.most} pictures are asked for at a time")


def scroll_to_the_end(page, items, count):
    """To the end of what is there, until all of it is."""
    # Roles of thousands of elements take long to look up, again and again.
    step = "() => { scrollTo(0, document.documentElement.scrollHeight); return document.querySelectorAll('.grid > li').length; }"
    patience = time.monotonic() + 300
    while page.evaluate(step) < count:
        if time.monotonic() > patience:
            raise AssertionError(f"{items.count()} of {count} entries are loaded")
        page.wait_for_timeout(10)
    expect(items).to_have_count(count)
    page.evaluate(step)
    expect(items.last).to_be_in_viewport()
    expect(page.get_by_role("button", name="Show more")).to_be_hidden()


def painted(items, count):
    """The first pictures are there, and have been drawn."""
    for place in range(count):
        image = items.nth(place).locator(".thumbnail img")
        expect(image).to_be_visible()
        if not image.evaluate("image => image.complete && image.naturalWidth > 0"):
            troubles.append(f"picture {place} is empty")


def look(page, requests):
    page.goto(arguments.url + "#/people")
    dialog = page.get_by_role("dialog", name="Key of the gallery")
    dialog.get_by_label("Key").fill(arguments.key)
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"{arguments.people:,} people")).to_be_visible()
    people = page.locator(".grid > li")
    seen = min(arguments.pictures, 12)
    painted(people, seen)
    # Some pages of the list may be loaded, and pictures of what is near the window.
    requests.check("people", lists=4, pictures=150, others=4)
    requests.forget()
    scroll_to_the_end(page, people, arguments.people)
    requests.check("people, to the end", lists=arguments.people // 60 + 1, pictures=arguments.people, others=0)
    if len(set(requests.pictures)) != len(requests.pictures):
        troubles.append("pictures are asked for twice on the way to the end")

    # Back from one of them leads to the place, and asks for no list again.
    requests.forget()
    place = page.evaluate("scrollY")
    people.last.get_by_role("link").click()
    expect(page.get_by_role("link", name="All people")).to_be_visible()
    page.go_back()
    expect(people.last).to_be_in_viewport()
    if abs(page.evaluate("scrollY") - place) > 50:
        troubles.append(f"Back leads to {page.evaluate('scrollY')}, not to {place}")
    if [path for path in requests.lists if path.startswith("/people?")]:
        troubles.append("Back asks for the list of people again")

    requests.forget()
    page.evaluate(f"location.hash = '#/people/{arguments.person}'")
    expect(page.get_by_text(f"{arguments.faces:,} faces")).to_be_visible()
    faces = page.locator(".grid.faces > li")
    painted(faces, seen)
    requests.check("one person", lists=4, pictures=250, others=2)
    requests.forget()
    scroll_to_the_end(page, faces, arguments.faces)
    requests.check("one person, to the end", lists=arguments.faces // 100 + 1, pictures=arguments.faces, others=0)
    if len(set(requests.pictures)) != len(requests.pictures):
        troubles.append("pictures of faces are asked for twice on the way to the end")


with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=arguments.chromium, args=["--no-sandbox", "--disable-dev-shm-usage"])
    page = browser.new_context(viewport={"width": 1200, "height": 900}, locale="en-US").new_page()
    page.on("pageerror", lambda error: troubles.append(f"script: {error}"))
    try:
        look(page, Requests(page))
    except Exception as error:
        troubles.append(f"{error}\n{traceback.format_exc().splitlines()[-12:]}")
    browser.close()

for trouble in troubles:
    print(trouble)
sys.exit(1 if troubles else 0)
