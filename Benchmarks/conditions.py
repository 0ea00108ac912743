#!/usr/bin/env python3
"""How recognition suffers from poor photos: Benchmarks/conditions.py GALLERYCTL LFW_FOLDER

500 people of LFW are enrolled with their first photo. Asked about: the second photo of each of them, and the photos of 300 strangers, as they
are and made worse. Of the known people: the share who are named, called ambiguous or unknown, named wrongly, and not found at all; of the
strangers: the share who are named. Masks are drawn over the lower half of the face by its landmarks. Options behind `--` go to galleryctl, such as
-- --engine resnet. Needs NumPy and Pillow."""
import json
import pathlib
import random
import subprocess
import sys
import tempfile

import numpy
from PIL import Image, ImageDraw, ImageFilter

arguments = sys.argv[1:]
more = arguments[arguments.index("--") + 1:] if "--" in arguments else []
binary, folder = arguments[:2]
folders = sorted(pathlib.Path(folder).iterdir())
random.Random(2).shuffle(folders)
known = [one for one in folders if len(list(one.glob("*.jpg"))) >= 2][:500]
strangers = [one for one in folders if len(list(one.glob("*.jpg"))) == 1][:300]
work = pathlib.Path(tempfile.mkdtemp())


def run(*words):
    return subprocess.run([binary, "--gallery", str(work / "gallery"), "--quiet", *map(str, words), *more],
                          capture_output=True, text=True)


def size_of(face):
    return face["box"]["width"]


def points(face):
    return [(point["x"], point["y"]) for point in face["landmarks"]]


def scaled(side):
    def change(photo, face):
        share = side / size_of(face)
        small = photo.resize((max(1, round(250 * share)),) * 2, Image.LANCZOS)
        return small
    return change


def blurred(share):
    return lambda photo, face: photo.filter(ImageFilter.GaussianBlur(share * size_of(face)))


def dark(level):
    def change(photo, _):
        light = numpy.asarray(photo, numpy.float32) * level
        noise = numpy.random.default_rng(1).normal(0, 4, light.shape)
        return Image.fromarray(numpy.clip(light + noise, 0, 255).astype(numpy.uint8))
    return change


def masked(photo, face):
    left, right, nose, west, east = points(face)
    photo = photo.copy()
    across = numpy.subtract(east, west)
    down = numpy.subtract(numpy.add(west, east) / 2, numpy.add(left, right) / 2)
    bridge = numpy.array(nose) - 0.25 * down
    chin = numpy.add(west, east) / 2 + 0.75 * down
    edge = [bridge, numpy.add(nose, 1.15 * across), numpy.add(east, 0.6 * across), chin + 0.35 * across, chin - 0.35 * across,
            numpy.subtract(west, 0.6 * across), numpy.subtract(nose, 1.15 * across)]
    ImageDraw.Draw(photo).polygon([tuple(point) for point in edge], fill=(190, 215, 230))
    return photo


def glasses(photo, face):
    left, right = map(numpy.array, points(face)[:2])
    photo, reach = photo.copy(), numpy.linalg.norm(right - left) * 0.36
    draw = ImageDraw.Draw(photo)
    for x, y in (left, right):
        draw.ellipse((x - reach, y - 0.8 * reach, x + reach, y + 0.8 * reach), fill=(15, 15, 15))
    draw.line([tuple(left), tuple(right)], fill=(15, 15, 15), width=4)
    return photo


def tilted(degrees):
    """Turned clockwise about the middle of the face."""
    def change(photo, face):
        box = face["box"]
        middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        return photo.rotate(-degrees, Image.BICUBIC, center=middle)
    return change


def stored_in(primaries, gamma=None):
    """The numbers that a file of another colour space (white D65, chromaticities of its primaries) has for the photo: those a reader
    sees who ignores its profile. `gamma`: of its curve, else sRGB's."""
    def to_light(corners):
        x, y = numpy.array(corners).T
        sums = numpy.array([x / y, numpy.ones(3), (1 - x - y) / y])
        white = numpy.array([0.3127 / 0.3290, 1, (1 - 0.3127 - 0.3290) / 0.3290])
        return sums * numpy.linalg.solve(sums, white)

    change_of_light = numpy.linalg.solve(to_light(primaries), to_light([(0.64, 0.33), (0.30, 0.60), (0.15, 0.06)]))

    def change(photo, _):
        values = numpy.asarray(photo, numpy.float64) / 255
        light = numpy.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
        light = numpy.clip(light @ change_of_light.T, 0, 1)
        curve = light ** (1 / gamma) if gamma else numpy.where(
            light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
        return Image.fromarray(numpy.rint(255 * curve).astype(numpy.uint8))
    return change


DISPLAY_P3 = stored_in([(0.680, 0.320), (0.265, 0.690), (0.150, 0.060)])
ADOBE_RGB = stored_in([(0.64, 0.33), (0.21, 0.71), (0.15, 0.06)], gamma=563 / 256)

CONDITIONS = [
    ("as they are", lambda photo, _: photo), ("face of 40 pixels", scaled(40)), ("face of 24 pixels", scaled(24)),
    ("face of 16 pixels", scaled(16)), ("blurred by 3 % of its width", blurred(0.03)),
    ("blurred by 6 %", blurred(0.06)), ("a fifth of the light, with noise", dark(0.2)),
    ("a twentieth of the light", dark(0.05)), ("mask over mouth and nose", masked), ("sunglasses", glasses), 
    ("tilted by 20°", tilted(20)), ("tilted by 30°", tilted(30)), ("tilted by 45°", tilted(45)), ("tilted by 60°", tilted(60)),
    ("Display P3, profile ignored", DISPLAY_P3), ("Adobe RGB, profile ignored", ADOBE_RGB),
]


def middle(faces):
    return min(faces, key=lambda face: abs(face["box"]["x"] + face["box"]["width"] / 2 - 125)
               + abs(face["box"]["y"] + face["box"]["height"] / 2 - 125))


probes = [sorted(one.glob("*.jpg"))[1] for one in known] + [next(one.glob("*.jpg")) for one in strangers]
detected = json.loads(subprocess.run([binary, "detect", "--json", "--quiet", "--engine", "sface", *map(str, probes)],
                                     capture_output=True, text=True).stdout)
enrolled = work / "enrolled"
for one in known:
    (enrolled / one.name).mkdir(parents=True)
    (enrolled / one.name / "1.jpg").symlink_to(sorted(one.glob("*.jpg"))[0].resolve())
added = run("add", "--faces", "largest", "--any-quality", enrolled)
print(added.stdout.splitlines()[-1])
print("| probes | named | ambiguous | unknown | named wrongly | no face found | strangers named |\n|---|---|---|---|---|---|---|")
for name, change in CONDITIONS:
    paths, names = [], []
    for index, (probe, photo) in enumerate(zip(probes, detected)):
        if not photo["faces"]:
            continue
        paths.append(work / f"{index}.png")
        names.append(probe.parent.name.replace("_", " ") if index < len(known) else None)
        change(Image.open(probe).convert("RGB"), middle(photo["faces"])).save(paths[-1])
    answers = json.loads(run("query", "--json", "--k", "1", "--max-faces", "1", *paths).stdout)
    counts = dict.fromkeys(("named", "ambiguous", "unknown", "wrong", "none", "stranger"), 0)
    for own, answer in zip(names, answers):
        faces = answer["faces"] or []
        verdict = faces[0]["answer"] if faces else {}
        found = verdict.get("name")
        if own is None:
            counts["stranger"] += found is not None
        else:
            kind = "named" if found is None or found.replace("_", " ") == own else "wrong"
            counts["none" if not faces else "ambiguous" if verdict["ambiguous"] else "unknown" if found is None else kind] += 1
    of, others = sum(name is not None for name in names), sum(name is None for name in names)
    share = {key: f"{100 * value / (others if key == 'stranger' else of):.1f} %" for key, value in counts.items()}
    print(f"| {name} | {share['named']} | {share['ambiguous']} | {share['unknown']} | {share['wrong']} | {share['none']} | {share['stranger']} |", flush=True)
