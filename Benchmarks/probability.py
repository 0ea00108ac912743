#!/usr/bin/env python3
"""Fits the logistic functions by which CompreFace's clients are told a detector's score (`DetectionProbability`).

probability.py FOLDER [GALLERYCTL] — FOLDER holds photos as LFW's, 250 pixels wide, each with a named face in its middle. What a
detector sees is a face when it lies in the middle, or another detector sees it, too. Needs numpy, and the weights of dlib's detectors.
"""

import json
import pathlib
import subprocess
import sys

import numpy

DETECTORS = {"yunet": "-3", "hog": "-1", "cnn": "-1.2"}
photos = sorted(pathlib.Path(sys.argv[1]).rglob("*_0001.jpg"))[::8]
program = sys.argv[2] if len(sys.argv) > 2 else "galleryctl"


def detect(detector):
    run = subprocess.run(
        [program, "detect", "--detector", detector, f"--min-score={DETECTORS[detector]}", "--upright", "--quiet", "--json", "--list", "-"],
        input="\n".join(map(str, photos)), capture_output=True, text=True)
    return {photo["photo"]: photo["faces"] for photo in json.loads(run.stdout)}


def middle(box):
    return numpy.array([box["x"] + box["width"] / 2, box["y"] + box["height"] / 2])


def same(a, b):
    size = max(a["width"], a["height"], b["width"], b["height"])
    ratio = a["width"] * a["height"] / (b["width"] * b["height"])
    return (abs(middle(a) - middle(b)) < size / 2).all() and 0.3 < ratio < 3.4


def is_named(box):
    return (abs(middle(box) - 125) < 35).all() and 50 < box["width"] < 190


def score(face):
    return face["quality"]["detector_score"]


found = {detector: detect(detector) for detector in DETECTORS}
for detector in DETECTORS:
    scores, truths, named = [], [], []
    for photo, faces in found[detector].items():
        others = [f["box"] for other in found if other != detector for f in found[other][photo] if score(f) >= 0]
        for face in faces:
            scores.append(score(face))
            truths.append(is_named(face["box"]) or any(same(face["box"], other) for other in others))
        named.append(max((score(f) for f in faces if is_named(f["box"])), default=-numpy.inf))
    x, y, named = numpy.array(scores), numpy.array(truths, dtype=float), numpy.array(named)
    slope, offset = 1.0, 0.0
    for _ in range(100):  # Newton's method
        p = 1 / (1 + numpy.exp(-slope * x - offset))
        w = p * (1 - p)
        step = numpy.linalg.solve(
            [[(w * x * x).sum() + 1e-6, (w * x).sum()], [(w * x).sum(), w.sum() + 1e-6]], [((y - p) * x).sum(), (y - p).sum()])
        slope, offset = slope + step[0], offset + step[1]
    if detector == "yunet":  # the network's own, whose threshold is 0.6
        print(f"yunet would be fitted by {slope:.1f} and {offset:.1f}")
        slope, offset = 1.0, numpy.log(0.6 / 0.4)
    kept = [int((named >= max(0, (numpy.log(p / (1 - p)) - offset) / slope)).sum()) for p in (0.8, 0.85, 0.9)]
    print(f"{detector}: slope {slope:.1f}, offset {offset:.1f}; {int(y.sum())} faces, {int((1 - y).sum())} others; of "
          f"{int((named >= 0).sum())} named faces 0.8, 0.85 and 0.9 keep {kept}")
