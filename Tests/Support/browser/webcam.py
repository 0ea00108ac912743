"""Runs CompreFace's webcam demo, as it is, against the service, in a headless Chromium with a made-up camera.

webcam.py DEMO API CAMERA NAME --key KEY [--chromium PATH]

DEMO is docs/demos/webcam_demo.html of CompreFace, which calls http://localhost:8000; the browser is told that this is API, and nothing else is changed.
CAMERA is a film of .y4m or .mjpeg, 640 by 480, on which NAME is. The server lets in pages of all origins. Exits with 1 and says why when anything is not
as it should be.
"""

import argparse
import functools
import http.server
import pathlib
import sys
import threading
import time
import urllib.parse

from playwright.sync_api import sync_playwright

parser = argparse.ArgumentParser()
parser.add_argument("demo", type=pathlib.Path)
parser.add_argument("api")
parser.add_argument("camera")
parser.add_argument("name")
parser.add_argument("--key", required=True)
parser.add_argument("--chromium", default="/usr/bin/chromium")
arguments = parser.parse_args()

troubles = []
address = urllib.parse.urlsplit(arguments.api)


class Pages(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


# Whoever tries the demo serves it somewhere.
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Pages, directory=arguments.demo.parent))
threading.Thread(target=server.serve_forever, daemon=True).start()

# Notes what is drawn, and draws it.
WATCH = """
  window.drawn = [];
  for (const name of ["strokeText", "strokeRect"]) {
    const draw = CanvasRenderingContext2D.prototype[name];
    CanvasRenderingContext2D.prototype[name] = function (...values) { window.drawn.push([name, ...values]); return draw.apply(this, values); };
  }
"""

with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=arguments.chromium, args=[
        "--no-sandbox", "--disable-dev-shm-usage", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={arguments.camera}",
        f"--host-resolver-rules=MAP localhost:8000 {address.hostname}:{address.port}"])
    page = browser.new_context(permissions=["camera"]).new_page()
    replies = []
    page.on("response", lambda reply: replies.append(reply) if reply.request.method == "POST" else None)
    page.on("pageerror", lambda error: troubles.append(f"script: {error}"))
    failed = lambda request: troubles.append(f"{request.method} {request.url}: {request.failure}")
    page.on("requestfailed", failed)
    page.add_init_script(WATCH)
    page.goto(f"http://127.0.0.1:{server.server_port}/{arguments.demo.name}")
    page.get_by_label("API key:").fill(arguments.key)
    page.get_by_role("button", name="video").click()
    # One frame after the other, each when the one before is answered, until the name is drawn some times.
    drawn, end = [], time.monotonic() + 120
    while len([item for item in drawn if item[0] == "strokeText"]) < 3 and not troubles and time.monotonic() < end:
        page.wait_for_timeout(100)
        drawn = page.evaluate("window.drawn")
    names = {item[1] for item in drawn if item[0] == "strokeText"}
    if names != {arguments.name}:
        troubles.append(f"the demo draws {names or 'no name'}")
    if not any(item[0] == "strokeRect" and item[3] > 0 and item[4] > 0 for item in drawn):
        troubles.append("the demo draws no box")
    # On the first frame the camera may not have begun: CompreFace answers 400 to a photo without a face, too.
    if any(reply.url != "http://localhost:8000/api/v1/recognition/recognize" or reply.status not in (200, 400) for reply in replies):
        troubles.append(f"the replies are {[(reply.url, reply.status) for reply in replies]}")
    # The frame that is on its way when the browser ends is no fault.
    page.remove_listener("requestfailed", failed)
    browser.close()

for trouble in troubles:
    print(trouble)
sys.exit(1 if troubles else 0)
