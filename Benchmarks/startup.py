#!/usr/bin/env python3
"""What a command costs from its start to its end: Benchmarks/startup.py GALLERYCTL PEOPLE [OTHER_GALLERYCTL …]

PEOPLE is a folder with a sub-folder a person, such as LFW. The first photos of the first 30 people who have two are enrolled; the commands look at
the second photo of the first of them. Each program has a gallery of its own, and all run in turn, $ROUNDS times (15). The table has the least
processor time (user and system, all threads) of each command in ms, in brackets the median, and the pages of memory that were touched.
Weights are looked for as galleryctl does it."""
import os
import pathlib
import shutil
import statistics
import sys
import tempfile

programs = [sys.argv[1], *sys.argv[3:]]
rounds = int(os.environ.get("ROUNDS", "15"))
people = [one for one in sorted(pathlib.Path(sys.argv[2]).iterdir()) if len(list(one.glob("*.jpg"))) > 1][:30]
work = pathlib.Path(tempfile.mkdtemp())
photo, other = sorted(people[0].glob("*.jpg"))[1::-1]


def run(words):
    """Processor time in ms, pages touched and the exit status of a run."""
    child = os.fork()
    if child == 0:
        null = os.open(os.devnull, os.O_RDWR)
        for stream in range(3):
            os.dup2(null, stream)
        os.execv(words[0], list(map(str, words)))
    _, status, usage = os.wait4(child, 0)
    return (usage.ru_utime + usage.ru_stime) * 1e3, usage.ru_minflt, os.waitstatus_to_exitcode(status)


def commands(program, place):
    gallery = work / str(place)
    words = [program, "--gallery", gallery]
    if not gallery.exists():
        firsts = [sorted(one.glob("*.jpg"))[0] for one in people]
        status = run([*words, "add", "--yes", "--quiet", "--faces", "largest", "--any-quality", *firsts])[2]
        if status != 0:
            sys.exit(f"{program} could not make a gallery: status {status}")
    return {
        "--help": [program, "--help"],
        "list": [*words, "list"],
        "detect, one photo": [program, "detect", photo],
        "query, one photo": [*words, "query", photo],
        "verify, two photos": [program, "verify", photo, other],
        "add, one photo": [program, "--gallery", work / f"new-{place}", "add", "--yes", "--any-quality",
                           "--faces", "largest", photo],
    }


plans = [commands(program, place) for place, program in enumerate(programs)]
try:
    print("| | " + " | ".join(f"`{program}`" for program in programs) + " |")
    print("|---|" + "---|" * len(programs))
    for name in plans[0]:
        seen = [[] for _ in programs]
        for _ in range(rounds):
            for place, plan in enumerate(plans):
                shutil.rmtree(work / f"new-{place}", ignore_errors=True)
                took, pages, status = run(plan[name])
                if status not in (0, 1):
                    sys.exit(f"{programs[place]}: {name} ended with {status}")
                seen[place].append((took, pages))
        cells = [f"{min(runs)[0]:.0f} ({statistics.median(one[0] for one in runs):.0f}), {min(runs)[1]:,} pages" for runs in seen]
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)
finally:
    shutil.rmtree(work, ignore_errors=True)
