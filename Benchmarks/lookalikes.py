#!/usr/bin/env python3
"""Who is named, called ambiguous or unknown, or taken for another: Benchmarks/lookalikes.py GALLERYCTL LFW_FOLDER

Of LFW, without the photos of lfw-wrong-names.txt: 100 and 1,000 people are enrolled with their first photo, and 300 with four; asked about
are up to two others of each, and the photos of strangers. Then two sisters, Serena and Venus Williams: one of them enrolled with one
photo or four, the other asked about, and both enrolled; twenty times, with other photos enrolled each time. Options behind `--` go to
galleryctl, such as -- --engine resnet."""
import json
import pathlib
import random
import subprocess
import sys
import tempfile

arguments = sys.argv[1:]
more = arguments[arguments.index("--") + 1:] if "--" in arguments else []
binary, folder = arguments[0], pathlib.Path(arguments[1])
lines = pathlib.Path(__file__).with_name("lfw-wrong-names.txt").read_text().splitlines()
wrong = {line.split("#")[0].strip() for line in lines}
people = {one.name: [photo for photo in sorted(one.glob("*.jpg")) if photo.stem not in wrong]
          for one in sorted(folder.iterdir()) if one.is_dir() and one.name not in wrong}
SISTERS = ("Serena_Williams", "Venus_Williams")
order = [name for name in people if people[name] and name not in SISTERS]
random.Random(3).shuffle(order)
strangers = [people[name][0] for name in order if len(people[name]) == 1][:500]


def run(gallery, *words):
    done = subprocess.run([binary, "--gallery", str(gallery), "--quiet", *map(str, words), *more], capture_output=True, text=True)
    if done.returncode not in (0, 1):
        sys.exit(done.stderr)
    return done.stdout


KINDS = ("named", "ambiguous", "unknown", "wrong", "named strangers", "ambiguous strangers")
DRAWS = 20


def judge(enrolled, known, unknown):
    """enrolled and known: photos by name; unknown: photos of strangers. How many were called what, and how many were asked."""
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        for name, photos in enrolled.items():
            (work / "people" / name).mkdir(parents=True)
            for photo in photos:
                (work / "people" / name / photo.name).symlink_to(photo.resolve())
        run(work / "gallery", "add", "--any-quality", "--faces", "largest", work / "people")
        probes = [(name, photo) for name, photos in known.items() for photo in photos] + [(None, photo) for photo in unknown]
        counts = dict.fromkeys(KINDS, 0)
        for start in range(0, len(probes), 1000):
            some = probes[start:start + 1000]
            answers = json.loads(run(work / "gallery", "query", "--json", "--k", "1", "--max-faces", "1", *(photo for _, photo in some)))
            for (own, _), answer in zip(some, answers):
                verdict = answer["faces"][0]["answer"] if answer["faces"] else {"known": False, "ambiguous": False}
                kind = "named" if verdict["known"] else "ambiguous" if verdict["ambiguous"] else "unknown"
                if own is None:
                    if kind != "unknown":
                        counts[f"{kind} strangers"] += 1
                elif kind == "named" and verdict["name"].replace(" ", "_") != own:
                    counts["wrong"] += 1
                else:
                    counts[kind] += 1
    return [counts[kind] for kind in KINDS] + [sum(map(len, known.values())), len(unknown)]


def show(title, results):
    """The sums of several."""
    *counts, asked, others = [sum(column) for column in zip(*results)]
    cells = [f"{counts[place]} of {asked}" if asked < 200 else f"{100 * counts[place] / asked:.2f} %" for place in range(4)]
    cells += ["" if not others else f"{counts[place]} of {others}" if len(results) == 1 else f"{100 * counts[place] / others:.1f} %"
              for place in (4, 5)]
    print(f"| {title} | " + " | ".join(cells) + " |", flush=True)


def split(name, each, draw):
    """Photos to enrol, drawn by chance, and the others."""
    photos = list(people[name])
    random.Random(f"{name} {draw}").shuffle(photos)
    return photos[:each], photos[each:]


print("| enrolled | named | ambiguous | unknown | wrong name | strangers named | strangers ambiguous |\n|---|---|---|---|---|---|---|")
for size, each in ((100, 1), (1000, 1), (300, 4)):
    chosen = [name for name in order if len(people[name]) > each][:size]
    show(f"{size} people, {each} photo{'s' * (each > 1)} each",
         [judge({name: people[name][:each] for name in chosen}, {name: people[name][each:each + 2] for name in chosen}, strangers)])
one, other = SISTERS
for each in (1, 4):
    for mine, hers in ((one, other), (other, one)):
        results = []
        for draw in range(DRAWS):
            enrolled, rest = split(mine, each, draw)
            results.append(judge({mine: enrolled}, {mine: rest}, people[hers]))
        show(f"{mine}, {each}; asked: her others, and {hers} as the stranger", results)
        none = sum(result[4] == 0 for result in results)
        print(f"  (no photo of {hers} named in {none} of {DRAWS} draws)")
    results = []
    for draw in range(DRAWS):
        drawn = {name: split(name, each, draw) for name in SISTERS}
        results.append(judge({name: enrolled for name, (enrolled, _) in drawn.items()}, {name: rest for name, (_, rest) in drawn.items()}, []))
    show(f"both, {each} each", results)
