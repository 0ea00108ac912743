#!/usr/bin/env python3
"""Who is named, called ambiguous or unknown, or taken for another: Benchmarks/lookalikes.py GALLERYCTL LFW_FOLDER

Of LFW, without the photos of lfw-wrong-names.txt: 100 and 1,000 people are enrolled with their first photo, and 300 with four; asked about
are up to two others of each, and the photos of strangers. Then two sisters, Serena and Venus Williams: one of them enrolled with one
photo or four, the other asked about, and both enrolled. Options behind `--` go to galleryctl, such as -- --engine resnet."""
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


def judge(title, enrolled, known, unknown):
    """enrolled and known: photos by name; unknown: photos of strangers."""
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        for name, photos in enrolled.items():
            (work / "people" / name).mkdir(parents=True)
            for photo in photos:
                (work / "people" / name / photo.name).symlink_to(photo.resolve())
        run(work / "gallery", "add", "--any-quality", "--faces", "largest", work / "people")
        probes = [(name, photo) for name, photos in known.items() for photo in photos] + [(None, photo) for photo in unknown]
        counts = dict.fromkeys(("named", "ambiguous", "unknown", "wrong", "named strangers", "ambiguous strangers"), 0)
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
    asked, others = sum(map(len, known.values())), len(unknown)
    cells = [f"{counts[key]} of {asked}" if asked and asked < 200 else f"{100 * counts[key] / asked:.2f} %" if asked else ""
             for key in ("named", "ambiguous", "unknown", "wrong")]
    cells += [f"{counts[key]} of {others}" if others else "" for key in ("named strangers", "ambiguous strangers")]
    print(f"| {title} | " + " | ".join(cells) + " |", flush=True)


print("| enrolled | named | ambiguous | unknown | wrong name | strangers named | strangers ambiguous |\n|---|---|---|---|---|---|---|")
for size, each in ((100, 1), (1000, 1), (300, 4)):
    chosen = [name for name in order if len(people[name]) > each][:size]
    judge(f"{size} people, {each} photo{'s' * (each > 1)} each", {name: people[name][:each] for name in chosen},
          {name: people[name][each:each + 2] for name in chosen}, strangers)
one, other = SISTERS
for each in (1, 4):
    for mine, hers in ((one, other), (other, one)):
        judge(f"{mine}, {each}; asked: her others, and {hers} as the stranger", {mine: people[mine][:each]},
              {mine: people[mine][each:]}, people[hers])
    judge(f"both, {each} each", {name: people[name][:each] for name in SISTERS}, {name: people[name][each:] for name in SISTERS}, [])
