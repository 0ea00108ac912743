#!/usr/bin/env python3
"""Which share of faces is found at which size, and how many other boxes there are: Benchmarks/detection.py GALLERYCTL LFW_FOLDER

The faces of some photos of LFW are found as they are; then each photo is scaled so that its middle face is so many pixels wide (small
ones on a grey picture of 640 x 480, of large ones the middle is kept), or turned, and searched again. A face counts as found when a box
shares half of its area with where the face must lie. A box that lies on none of the first search's faces counts as another: most
are people in the background or cut by the edge, who come into reach as the photo grows. What is found where the faces
were painted over is false, or such a person. --sizes 1400,2000 behind the folder measures these sizes alone. Options behind `--` go to `galleryctl detect`, such as -- --detector hog. Needs NumPy and Pillow."""
import json
import pathlib
import random
import subprocess
import sys
import tempfile

from PIL import Image

SIZES = [16, 20, 24, 32, 48, 96, 200, 400, 600, 900, 1400, 2000]
arguments = sys.argv[1:]
more = arguments[arguments.index("--") + 1:] if "--" in arguments else []
binary, folder = arguments[:2]
alone = [int(size) for size in arguments[3].split(",")] if arguments[2:3] == ["--sizes"] else []
photos = sorted(pathlib.Path(folder).glob("*/*_0001.jpg"))
random.Random(1).shuffle(photos)


def detect(files):
    run = subprocess.run([binary, "detect", "--json", "--quiet", *more, *map(str, files)], capture_output=True, text=True)
    return [[face["box"] for face in photo["faces"] or []] for photo in json.loads(run.stdout)]


def overlap(a, b):
    def corners(box):
        return box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"]
    (l, t, r, d), (x, y, z, w) = corners(a), corners(b)
    shared = max(0, min(r, z) - max(l, x)) * max(0, min(d, w) - max(t, y))
    return shared / (a["width"] * a["height"] + b["width"] * b["height"] - shared)


def middle(boxes):
    return min(boxes, key=lambda box: abs(box["x"] + box["width"] / 2 - 125) + abs(box["y"] + box["height"] / 2 - 125))


def moved(box, scale, dx, dy):
    return {"x": box["x"] * scale + dx, "y": box["y"] * scale + dy, "width": box["width"] * scale,
            "height": box["height"] * scale}


def judge(name, made, folder):
    """made: a list of (picture, where its middle face is, where all its faces are)."""
    files = []
    for index, (picture, _, _) in enumerate(made):
        files.append(pathlib.Path(folder) / f"{index:04}.png")
        picture.save(files[-1], compress_level=1)
    found = detect(files)
    hits = sum(any(overlap(box, face) >= 0.5 for box in boxes) for boxes, (_, face, _) in zip(found, made))
    false = sum(all(overlap(box, face) < 0.2 for face in faces) for boxes, (_, _, faces) in zip(found, made)
                for box in boxes)
    print(f"| {name} | {len(made)} | {100 * hits / len(made):.1f} % | {false} |", flush=True)


def scaled(photo, face, faces, size):
    scale = size / face["width"]
    side = round(250 * scale)
    if side <= 400:
        picture = Image.new("RGB", (640, 480), (128, 128, 128))
        dx, dy = (640 - side) // 2, (480 - side) // 2
        picture.paste(Image.open(photo).resize((side, side), Image.LANCZOS), (dx, dy))
    elif side <= 3000:
        picture, dx, dy = Image.open(photo).resize((side, side), Image.BICUBIC), 0, 0
    else:
        keep = 3000 / scale
        left = min(max(face["x"] + face["width"] / 2 - keep / 2, 0), 250 - keep)
        top = min(max(face["y"] + face["height"] / 2 - keep / 2, 0), 250 - keep)
        picture = Image.open(photo).resize((3000, 3000), Image.BICUBIC, box=(left, top, left + keep, top + keep))
        dx, dy = -left * scale, -top * scale
    return picture, moved(face, scale, dx, dy), [moved(other, scale, dx, dy) for other in faces]


def turned(photo, face, faces, degrees):
    def around(box):
        x, y = box["x"] + box["width"] / 2 - 125, box["y"] + box["height"] / 2 - 125
        for _ in range(degrees // 90):
            x, y = y, -x
        width, height = (box["width"], box["height"]) if degrees == 180 else (box["height"], box["width"])
        return {"x": x + 125 - width / 2, "y": y + 125 - height / 2, "width": width, "height": height}
    return Image.open(photo).rotate(degrees), around(face), [around(other) for other in faces]


with tempfile.TemporaryDirectory() as temporary:
    chosen = photos[:300]
    known = [(photo, middle(boxes), boxes) for photo, boxes in zip(chosen, detect(chosen)) if boxes]
    print(f"{len(known)} of {len(chosen)} photos have a face; galleryctl detect {' '.join(more)}")
    print("| face | photos | found | other boxes |\n|---|---|---|---|")
    for size in alone or SIZES:
        some = known if size <= 400 else known[:100]
        judge(f"{size} pixels", [scaled(*one, size) for one in some], temporary)
    if alone:
        sys.exit()
    for degrees in (90, 180, 270):
        judge(f"turned by {degrees}°", [turned(*one, degrees) for one in known], temporary)
    pairs = list(zip(known[0:100:2], known[1:100:2]))
    made = []
    for (photo, face, faces), other in pairs:
        picture = Image.new("RGB", (500, 250))
        picture.paste(Image.open(photo), (0, 0))
        lying, where, others = turned(*other, 90)
        picture.paste(lying, (250, 0))
        made.append((picture, moved(where, 1, 250, 0), faces + [moved(box, 1, 250, 0) for box in others]))
    judge("lying beside one that stands", made, temporary)
    # What is left when the faces are painted over holds none.
    made = []
    for photo, face, faces in known:
        picture = Image.open(photo).convert("RGB")
        for box in faces:
            grow = box["height"] // 3
            picture.paste((128, 128, 128), (box["x"] - grow, box["y"] - grow, box["x"] + box["width"] + grow,
                                            box["y"] + box["height"] + grow))
        made.append((picture, face, []))
    judge("painted over", made, temporary)
