"""Calls the service from a page of another origin that may, and from one that may not, in a headless Chromium.

cors.py API ALLOWED FOREIGN PHOTO --key KEY [--chromium PATH]

ALLOWED and FOREIGN are pages of two origins, of which the server at API allows the first. PHOTO shows one person; the gallery is
empty, and the key may write. Exits with 1 and says why when anything is not as it should be.
"""

import argparse
import base64
import pathlib
import sys

from playwright.sync_api import sync_playwright

parser = argparse.ArgumentParser()
parser.add_argument("api")
parser.add_argument("allowed")
parser.add_argument("foreign")
parser.add_argument("photo", type=pathlib.Path)
parser.add_argument("--key", required=True)
parser.add_argument("--chromium", default="/usr/bin/chromium")
arguments = parser.parse_args()

photo = base64.b64encode(arguments.photo.read_bytes()).decode()

# As clients of CompreFace in pages do it: a form, and the key in its header.
CALL = """async ([address, method, key, photo]) => {
  const headers = key ? {"x-api-key": key} : {};
  let body;
  if (photo) {
    body = new FormData();
    body.append("file", new Blob([Uint8Array.from(atob(photo), (c) => c.charCodeAt(0))], {type: "image/png"}), "photo.png");
  } else if (method === "PUT") {
    headers["Content-Type"] = "application/json";
    body = JSON.stringify({subject: "Ada Lovelace"});
  }
  try {
    const reply = await fetch(address, {method, headers, body});
    const text = await reply.text();
    return {status: reply.status, id: reply.headers.get("x-request-id"), json: text ? JSON.parse(text) : null};
  } catch (error) {
    return {error: error.name};
  }
}"""

RECOGNITION = "api/v1/recognition/"
troubles = []


def expect(truth, what):
    if not truth:
        troubles.append(what)


def caller(page):
    def call(method, path, key=arguments.key, photo=None):
        return page.evaluate(CALL, [arguments.api + path, method, key, photo])

    return call


with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=arguments.chromium, args=["--no-sandbox"])
    pages = []
    for address in (arguments.allowed, arguments.foreign):
        page = browser.new_page()
        page.goto(address)
        pages.append(page)
    allowed, foreign = map(caller, pages)

    added = allowed("POST", RECOGNITION + "faces?subject=Ada", photo=photo)
    expect(added.get("status") == 201, f"enrolment: {added}")
    seen = allowed(
        "POST", RECOGNITION + "recognize?det_prob_threshold=0.8&face_plugins=landmarks&face_plugins=age", photo=photo)
    expect(seen.get("status") == 200 and seen["id"], f"recognition: {seen}")
    if seen.get("status") == 200:
        subjects = seen["json"]["result"][0]["subjects"]
        expect(subjects[0]["subject"] == "Ada" and subjects[0]["similarity"] > 0.8, f"recognition: {subjects}")
    refused = allowed("POST", RECOGNITION + "recognize", key="no key of anybody", photo=photo)
    expect(refused.get("status") == 401 and refused["json"]["error"] == "unknown-key", f"a wrong key: {refused}")
    renamed = allowed("PUT", RECOGNITION + "subjects/Ada")
    expect(renamed.get("json") == {"updated": True}, f"renaming: {renamed}")

    for method, path, body in [
        ("POST", "recognize", photo), ("POST", "faces?subject=Eve", photo), ("PUT", "subjects/Ada%20Lovelace", None),
        ("DELETE", "subjects", None), ("GET", "subjects", None),
    ]:
        answer = foreign(method, RECOGNITION + path, photo=body)
        expect(answer == {"error": "TypeError"}, f"a page that may not, {method} {path}: {answer}")
    # Without a key no question is asked beforehand.
    answer = foreign("POST", RECOGNITION + "recognize", key=None, photo=photo)
    expect(answer == {"error": "TypeError"}, f"a page that may not, without a question: {answer}")

    listed = allowed("GET", RECOGNITION + "subjects")
    expect(listed.get("json") == {"subjects": ["Ada Lovelace"]}, f"the list: {listed}")
    deleted = allowed("DELETE", RECOGNITION + "subjects/Ada%20Lovelace")
    expect(deleted.get("status") == 200, f"deleting: {deleted}")
    browser.close()

for trouble in troubles:
    print(trouble)
sys.exit(1 if troubles else 0)
