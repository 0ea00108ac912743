#!/usr/bin/env python3
"""Which weight joins SFace and dlib's ResNet best? Benchmarks/joined.py EMBEDDINGS.f32 LFW_FOLDER [RESNET.f32]

EMBEDDINGS.f32 is what `galleryctl eval --engine sface+resnet --cache FOLDER LFW_FOLDER` leaves in FOLDER: 256 numbers a photo, of which the
last 128 are the ResNet's. For each weight of those (at 1000 the ResNet is alone): the share of pairs of one person that reach the threshold at three false match
rates, on half of the people, on the others, and on all; photos of lfw-wrong-names.txt are left out. With RESNET.f32, what `--engine
resnet` leaves, a second table has the ResNet's numbers from there, by dlib's landmarks, and photos without a face there are left out of
both tables. Needs NumPy."""
import sys

import lfw_embeddings
import numpy

vectors = lfw_embeddings.load(sys.argv[1], 256)
other = lfw_embeddings.load(sys.argv[3], 128) if len(sys.argv) > 3 else None
people = lfw_embeddings.people(sys.argv[2], vectors, *([] if other is None else [other]))
parts = [vectors[:, :128], vectors[:, 128:]] + ([] if other is None else [other])
first, *seconds = [part / numpy.maximum(numpy.linalg.norm(part, axis=1, keepdims=True), 1e-9) for part in parts]
order = numpy.random.default_rng(1).permutation(len(people))
half = len(order) // 2


def shares(chosen, second):
    own = [people[one] for one in chosen]
    faces = [rows[0] for rows in own]
    upper = numpy.triu_indices(len(faces), 1)
    strangers = [(part[faces] @ part[faces].T)[upper] for part in (first, second)]
    pairs = numpy.array([(a, b) for rows in own for n, a in enumerate(rows[:10]) for b in rows[n + 1:10]])
    same = [(part[pairs[:, 0]] * part[pairs[:, 1]]).sum(1) for part in (first, second)]
    for weight in WEIGHTS:
        share = weight**2 / (1 + weight**2)
        different, alike = [(1 - share) * a + share * b for a, b in (strangers, same)]
        counts = [len(different) - max(round(len(different) * rate), 1) for rate in (1e-3, 1e-4, 1e-5)]
        thresholds = numpy.partition(different, counts)[counts]
        yield " / ".join(f"{100 * (alike >= threshold).mean():.2f}" for threshold in thresholds) + " %"


WEIGHTS = [0, 0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 1, 1.2, 1.5, 1.75, 2, 2.5, 3, 4, 1000]
for second in seconds:
    print("| weight | half of the people: TAR at FMR 10⁻³ / 10⁻⁴ / 10⁻⁵ | the others | all |\n|---|---|---|---|")
    for weight, *row in zip(WEIGHTS, *[shares(chosen, second) for chosen in (order[:half], order[half:], order)]):
        print(f"| {weight} | " + " | ".join(row) + " |")
    print()
