#!/usr/bin/env python3
"""From which similarity are two faces the same picture? Benchmarks/duplicates.py FACES.npy, beside it FACES.csv

The files are written by `galleryctl export FACES.npy --format npy+csv`. Faces of high similarity are compared pixel by pixel as
well, upright and at one size by their eyes; pairs that correlate by more than .97 there are taken for one picture, whoever it is
said to show. Needs NumPy and Pillow."""
import csv
import pathlib
import sys

import numpy
from PIL import Image

SAME = 0.97
path = pathlib.Path(sys.argv[1])
vectors = numpy.load(path)
rows = list(csv.DictReader(path.with_suffix(".csv").open()))


def chip(row):
    """A face's pixels, 30 from eye to eye, without their mean and at unit length."""
    points = numpy.array([float(word) for word in row["landmarks"].split()]).reshape(-1, 2)
    left, right = sorted([points[0:2].mean(0), points[2:4].mean(0)], key=lambda point: point[0])
    across = (right - left) / 30
    down = numpy.array([-across[1], across[0]])
    origin = (left + right) / 2 - 32 * across - 24 * down
    transform = (across[0], down[0], origin[0], across[1], down[1], origin[1])
    face = Image.open(row["path"]).convert("L").transform((64, 64), Image.AFFINE, transform, Image.BILINEAR)
    pixels = numpy.asarray(face, numpy.float32)[4:60, 8:56].ravel()
    pixels = pixels - pixels.mean()
    return pixels / (numpy.linalg.norm(pixels) + 1e-6)


pairs = []
for start in range(0, len(vectors), 1000):
    for row, other in zip(*numpy.where(vectors[start:start + 1000] @ vectors.T > 0.98)):
        if start + row < other:
            similarity = float(vectors[start + row] @ vectors[other])
            pairs.append((similarity, rows[start + row], rows[other]))
pairs = [(s, float(chip(a) @ chip(b)) > SAME, a["person"] != b["person"]) for s, a, b in pairs]
total = sum(same for _, same, _ in pairs)
print(f"{len(vectors)} faces; {total} pairs of one picture among those of similarity .98 and more")
print("| from | pairs | of one picture | precision | recall | F | under two names | of one picture |")
print("|---|---|---|---|---|---|---|---|")
for limit in (0.998, 0.997, 0.996, 0.995, 0.994, 0.993, 0.992, 0.991, 0.99, 0.988, 0.985):
    above = [(same, names) for similarity, same, names in pairs if similarity >= limit]
    same = sum(same for same, _ in above)
    precision, recall = same / max(1, len(above)), same / max(1, total)
    f = 2 * precision * recall / max(1e-9, precision + recall)
    print(f"| {limit} | {len(above)} | {same} | {precision:.2f} | {recall:.2f} | {f:.2f} "
          f"| {sum(names for _, names in above)} | {sum(same and names for same, names in above)} |")
