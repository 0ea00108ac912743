#!/usr/bin/env python3
"""Does the length of an embedding before scaling tell poor photos? Benchmarks/length.py EMBEDDINGS.f32 LFW_FOLDER

EMBEDDINGS.f32 is what `galleryctl eval --engine sface --cache FOLDER LFW_FOLDER` leaves in FOLDER: 128 numbers a photo, as the network gave
them. Galleries of 1,000 people with one photo each are drawn twenty times from the people with two, photos and their order by chance; a
second photo of each is asked about, and 2,000 strangers. The threshold of each is where 1 % of its strangers are named. Photos of
lfw-wrong-names.txt are left out. Needs NumPy."""
import sys

import lfw_embeddings
import numpy

vectors = lfw_embeddings.load(sys.argv[1], 128)
people = lfw_embeddings.people(sys.argv[2], vectors)
lengths = numpy.linalg.norm(vectors, axis=1)
unit = vectors / numpy.maximum(lengths, 1e-9)[:, None]
used = numpy.concatenate(people)
SHARES = [0, 0.02, 0.05, 0.1]
limits = [-numpy.inf] + [numpy.quantile(lengths[used], share) for share in SHARES[1:]]
print(f"median length {numpy.median(lengths[used]):.2f}")

several = [numpy.array(rows) for rows in people if len(rows) >= 2]
single = numpy.array([rows[0] for rows in people if len(rows) == 1])
# By share: probes asked and missed where the enrolled photo was refused, where it was kept, and where the probe was kept, too.
counts = numpy.zeros((len(SHARES), 3, 2))
for draw in range(20):
    random = numpy.random.default_rng(draw)
    pairs = numpy.array([random.choice(several[one], 2, replace=False) for one in random.permutation(len(several))[:1000]])
    strangers = unit[random.permutation(single)[:2000]] @ unit[pairs[:, 0]].T
    own = unit[pairs[:, 1]] @ unit[pairs[:, 0]].T
    for row, limit in enumerate(limits):
        kept = lengths[pairs[:, 0]] >= limit
        # Who is refused is no longer in the gallery, which strangers and probes feel as well.
        threshold = numpy.quantile(strangers[:, kept].max(1), 0.99)
        best = numpy.where(kept[None], own, -1).argmax(1)
        score = own[numpy.arange(len(own)), numpy.arange(len(own))]
        missed = (score < threshold) | (kept & (best != numpy.arange(len(own))))
        for column, chosen in enumerate((~kept, kept, kept & (lengths[pairs[:, 1]] >= limit))):
            counts[row, column] += chosen.sum(), missed[chosen].sum()
print("| refused | below length | of their people missed | FNIR of the others | FNIR, probes refused likewise |\n|---|---|---|---|---|")
for share, limit, row in zip(SHARES, limits, counts):
    cells = [f"{100 * missed / asked:.2f} % of {asked:.0f}" if asked else "" for asked, missed in row]
    print(f"| {100 * share:g} % | {limit if share else 0:.2f} | " + " | ".join(cells) + " |")
