#!/usr/bin/env python3
"""Measures the evidence of the engines that the program has thresholds of, and how well their probabilities hold.

calibration.py GALLERYCTL LFW_FOLDER CACHE_FOLDER [ENGINE …] runs `galleryctl eval` for each engine, `NAME@flip` with the mirror image, and
prints the `evidence` of its operating point as Swift has it (Sources/FaceEngine/Engines), and the rows of docs/accuracy.md. What is in
CACHE_FOLDER is not embedded again. `sface-f32` has the operating point of `sface`.
"""

import json
import pathlib
import subprocess
import sys

program, photos, cache = sys.argv[1:4]
engines = sys.argv[4:] or ["sface", "sface@flip", "sface+resnet", "sface+resnet@flip", "resnet", "resnet@flip"]
names = pathlib.Path(__file__).with_name("lfw-wrong-names.txt")
for engine in engines:
    run = subprocess.run(
        [program, "eval", "--engine", engine, "--wrong-names", names, "--cache", cache, "--quiet", "--json", photos],
        capture_output=True, text=True)
    if run.returncode:
        sys.exit(f"{engine}: {run.stderr}")
    measured = json.loads(run.stdout)
    curves = measured["operating_point"]["evidence"]
    print(f"{engine}\n  evidence: [")
    for curve in curves:
        print(f"    .init(slope: {curve['slope']:.2f}, offset: {curve['offset']:.3f}),")
    print("  ]")
    reports = measured["reliability"]
    for faces in sorted({report["faces"] for report in reports}):
        of = {report["people"]: report for report in reports if report["faces"] == faces}
        cells = [f"{of[n]['mean_error_by_threshold']:.3f} → **{of[n]['mean_error']:.3f}**" if n in of else ""
                 for n in (10, 100, 1_000, 5_000)]
        print(f"| {faces} | `{engine}` | " + " | ".join(cells) + " |")
    for report in reports:
        if report["faces"] == 1 and report["people"] == 1_000:
            for one in report["bins"]:
                print(f"    from {one['from']}: shown {100 * one['shown']:.2f} %, right {100 * one['right']:.2f} % of {one['answers']}")
